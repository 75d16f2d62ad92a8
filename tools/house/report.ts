// Writes the figures as one Markdown table, the names behind them, and the bars.

import { type Bar, isMet, longLinePercent, ternariesPerThousand } from "./bars.ts";
import type { Figures, TreeFigures } from "./figures.ts";
import type { ExportedName } from "./names.ts";

export function tableOf({ src, simulator, deploy, bundles }: Figures): string {
  const rows: string[][] = [
    ["figure", "src", "simulator"],
    ["---", "---", "---"],
  ];
  const measured = [rowsOf(src), rowsOf(simulator)] as const;
  for (const [index, [figure, value]] of measured[0].entries())
    rows.push([figure, value, measured[1][index]?.[1] ?? ""]);
  rows.push(["imports / lines of deploy.ts", `${deploy.imports} / ${whole(deploy.lines)}`, ""]);
  for (const { file, bytes } of bundles) rows.push([`bytes of ${file}`, whole(bytes), ""]);
  const total = bundles.reduce((bytes, bundle) => bytes + bundle.bytes, 0);
  rows.push(["bytes of dist", whole(total), ""]);
  return rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** What the numbers of the table count, by name. */
export function namesOf(tree: string, figures: TreeFigures): string {
  const { byNone, onlyByTests } = figures.unusedExports;
  const twice = [...figures.declaredTwice].map(([name, paths]) => `${name}: ${paths.join(", ")}`);
  return [
    list(
      `Rings of rooms in ${tree}`,
      figures.ringsOfRooms.map((ring) => ring.join(", ")),
    ),
    list(
      `Cycles of files in ${tree}`,
      figures.cyclesOfFiles.map((cycle) => cycle.join(", ")),
    ),
    list(`Exported names of ${tree} used by no file`, byNone.map(place)),
    list(`Exported names of ${tree} used only by tests`, onlyByTests.map(place)),
    list(`Names declared in two or more files of ${tree}`, twice),
  ].join("\n\n");
}

export function barTableOf(bars: readonly Bar[]): string {
  const rows = bars.map((bar) => {
    const verdict = isMet(bar) ? "met" : "**missed**";
    return `| ${bar.figure} | ${exact(bar.value)} | ≤ ${bar.most} | ${verdict} |`;
  });
  return ["| figure | now | bar | |", "|---|---|---|---|", ...rows].join("\n");
}

function rowsOf(tree: TreeFigures): readonly (readonly [figure: string, value: string])[] {
  const { longestFile, longestFunction, unusedExports } = tree;
  const medians = `${tree.medianFunction} / ${tree.medianNamedFunction}`;
  return [
    ["files", whole(tree.files)],
    ["files in the root", whole(tree.filesInRoot)],
    ["lines", whole(tree.lines)],
    ["longest file", `${longestFile.path} ${whole(longestFile.lines)}`],
    ["functions, all / named", `${whole(tree.functions)} / ${whole(tree.namedFunctions)}`],
    ["median lines of a function, all / named", medians],
    ["functions over 60 lines", whole(tree.functionsOver60)],
    ["functions over 30 lines", whole(tree.functionsOver30)],
    [
      "longest function",
      longestFunction
        ? `${longestFunction.name ?? longestFunction.path} ${longestFunction.lines}`
        : "",
    ],
    ["exported names", whole(tree.exportedNames)],
    ["… used by no file", whole(unusedExports.byNone.length)],
    ["… used only by tests", whole(unusedExports.onlyByTests.length)],
    ["names declared in two or more files", whole(tree.declaredTwice.size)],
    ["rings of rooms, types included (rooms in each)", sizes(tree.ringsOfRooms)],
    ["cycles of files, types included (files in each)", sizes(tree.cyclesOfFiles)],
    ["comment lines, %", short((tree.commentLines / tree.lines) * 100)],
    ["ternaries per 1,000 lines", short(ternariesPerThousand(tree))],
    ["nested ternaries", whole(tree.nestedTernaries)],
    ["template strings within template strings", whole(tree.nestedTemplates)],
    ["conditional spreads in objects", whole(tree.conditionalSpreads)],
    ["conditional spreads in lists", whole(tree.conditionalListSpreads)],
    ["object-literal spreads", whole(tree.literalSpreads)],
    ["lines over 100 columns", `${whole(tree.longLines)} (${short(longLinePercent(tree))} %)`],
  ];
}

function list(title: string, lines: readonly string[]): string {
  return [`${title}: ${lines.length}`, ...lines.map((line) => `- ${line}`)].join("\n");
}

function place({ path, name }: ExportedName): string {
  return `${name}: ${path}`;
}

function sizes(groups: readonly (readonly string[])[]): string {
  if (groups.length === 0) return "0";
  const counts = groups.map((group) => group.length).sort((a, b) => b - a);
  return `${groups.length} (${counts.join(", ")})`;
}

function whole(number: number): string {
  return number.toLocaleString("en-US");
}

function short(number: number): string {
  return String(Math.round(number * 100) / 100);
}

/** Three decimals, rounded up: a figure just over its bar must not be shown as the bar itself. */
function exact(number: number): string {
  return String(Math.ceil(number * 1000) / 1000);
}
