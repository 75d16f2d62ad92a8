// Where in the words of `terraform plan` the plan itself stands, PURE.

/** Values stand in all of these parts, also in what was changed behind Terraform's back and in outputs. */
const planStart =
  /^((Terraform|OpenTofu) (used the selected providers|will perform the following|planned the following)|Note: Objects have changed outside of|Changes to Outputs:|No changes\.)/m;

/** The file is our own affair. A line of its own comes before it, and one before the plan, too, when something has changed outside. */
const planEnd = /^─{10,}\s+(?:Saved the plan to|Note: You didn't use)/m;

/** A lock that is waited for, and what is refreshed, as it happens. The plan itself is told when what nobody may read is taken out. */
export function printUntilPlan(print: (line: string) => void): (line: string) => void {
  let over = false;
  return (line) => {
    over ||= planStart.test(line);
    if (!over && line.trim() !== "") print(line);
  };
}

/** Whether it came as far as a plan. */
export function containsPlan(text: string): boolean {
  return planStart.test(text);
}

/** Without the refreshing before it and the hints after it. */
export function extractPlanText(stdout: string): string {
  const begin = stdout.search(planStart);
  const [text = ""] = stdout.slice(Math.max(0, begin)).split(planEnd);
  return text.trim();
}
