// Is the new task definition fit to be registered and to run? PURE. Every mistake has its path; no value that may be secret is shown.

import { type JsonObject, objectsOf, stringOf } from "../json.ts";
import { clearTextSecrets } from "./clear-text.ts";
import { wrongFargateSize } from "./fargate-sizes.ts";
import { type Finding, note, refuse, warn } from "./findings.ts";
import { isImagePlaceholder, isPlaceholder } from "./placeholders.ts";
import { compareWithShape, type Shape } from "./shape.ts";

export interface DefinitionView {
  readonly definition: JsonObject;
  /** How to name it: its file, or its family. */
  readonly label: string;
  /** These get the image. */
  readonly containers: readonly string[];
  readonly shape: Shape;
  readonly place: Place;
  /** It runs on Fargate, whatever it says itself. */
  readonly onFargate: boolean;
}

export interface Place {
  readonly accountId: string;
  readonly region: string;
  /** As ARNs name it. */
  readonly partition: string;
}

const fixFile = "Nothing was built or changed. Correct the task definition at these paths.";

/** Form first: what is no list cannot be looked into. */
export function checkDefinition(view: DefinitionView): readonly Finding[] {
  const { definition, label, shape } = view;
  const { unknown, mistyped } = compareWithShape(definition, shape);
  const notes = unknown.map(({ path, name, nearest }) =>
    note(
      `${label}: ${path}: "${name}" is not a member that this action knows${nearest === undefined ? "." : `, did you mean "${nearest}"?`} It is sent as it is.`,
    ),
  );
  const wrong = mistyped.map(({ path, problem }) =>
    refuse("TaskDefinitionInvalid", `${label}: ${path}: ${problem}`, fixFile),
  );
  if (wrong.length > 0) return [...wrong, ...notes];
  return [
    ...checkImages(view),
    ...checkRoles(view),
    ...checkSecrets(view),
    ...checkSize(view),
    ...notes,
    ...checkClearText(view),
  ];
}

/** The containers that get the image may hold anything before; the others are started as they stand. */
function checkImages({ definition, label, containers }: DefinitionView): readonly Finding[] {
  const others = objectsOf(definition.containerDefinitions).filter(
    ({ name }) => !containers.includes(stringOf(name) ?? ""),
  );
  return others.flatMap(({ name, image }) => {
    const given = stringOf(image) ?? "";
    if (!isImagePlaceholder(given)) return [];
    const path = `containerDefinitions[${stringOf(name) ?? "?"}].image`;
    const what = given === "" ? "is empty" : `holds ${JSON.stringify(given)}, which is no image`;
    return [
      refuse(
        "TaskDefinitionInvalid",
        `${label}: ${path} ${what}; only ${containers.map((one) => `"${one}"`).join(", ") || "the chosen container"} gets the new image.`,
        "Nothing was built or changed. Name every container that gets the image in `container-name`, one a line, or write the sidecar's image into the task definition.",
      ),
    ];
  });
}

const roleArn = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/.+$/;

function checkRoles({ definition, label, place }: DefinitionView): readonly Finding[] {
  return (["executionRoleArn", "taskRoleArn"] as const).flatMap((member) => {
    const role = stringOf(definition[member]);
    if (role === undefined || (!role.startsWith("arn:") && !isPlaceholder(role))) return []; // a name alone is allowed
    const [, partition, account] = role.match(roleArn) ?? [];
    if (account === undefined)
      return [refuse("TaskDefinitionInvalid", `${label}: ${member} is not the ARN of a role: ${role}`, fixFile)];
    if (partition !== place.partition)
      return [
        refuse(
          "TaskDefinitionInvalid",
          `${label}: ${member} is a role of the partition ${partition}, but this deployment is in ${place.partition} (${place.region}): ${role}`,
          fixFile,
        ),
      ];
    if (account === place.accountId) return [];
    return [
      refuse(
        "TaskDefinitionInvalid",
        `${label}: ${member} is a role of account ${account}, but this deployment is in ${place.accountId}: ${role}`,
        "Nothing was built or changed. ECS only passes roles of its own account.",
      ),
    ];
  });
}

const secretArn = /^arn:(aws[a-z-]*):(?:secretsmanager|ssm):([a-z0-9-]+):(\d{12}):(secret:|parameter\/).+/;

/** Parameters of this account go by name alone. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html */
function checkSecrets({ definition, label, place, onFargate }: DefinitionView): readonly Finding[] {
  const all = objectsOf(definition.containerDefinitions).flatMap((container) =>
    objectsOf(container.secrets).map(({ name, valueFrom }) => ({
      path: `containerDefinitions[${stringOf(container.name) ?? "?"}].secrets[${stringOf(name) ?? "?"}]`,
      from: stringOf(valueFrom) ?? "",
    })),
  );
  const found = all.flatMap(({ path, from }): Finding[] => {
    const [, partition, region, account] = from.match(secretArn) ?? [];
    if (isPlaceholder(from) || (from.startsWith("arn:") && region === undefined))
      return [
        refuse(
          "TaskDefinitionInvalid",
          `${label}: ${path}.valueFrom is not the ARN of a secret or parameter.`,
          fixFile,
        ),
      ];
    if (partition !== undefined && partition !== place.partition)
      return [
        refuse(
          "TaskDefinitionInvalid",
          `${label}: ${path}.valueFrom is of the partition ${partition}, but the tasks run in ${place.partition} (${place.region}), where nothing of another partition can be read.`,
          fixFile,
        ),
      ];
    const foreign = [
      account !== undefined && account !== place.accountId && `account ${account}`,
      region !== undefined && region !== place.region && `region ${region}`,
    ].filter(Boolean);
    if (foreign.length === 0) return [];
    return [
      warn(
        `${label}: ${path} comes from ${foreign.join(" and ")}, while the tasks run in account ${place.accountId}, region ${place.region}. That works only if its policy (and its key's) lets the execution role read it there.`,
      ),
    ];
  });
  if (all.length === 0 || !onFargate || definition.executionRoleArn !== undefined) return found;
  const missing = `${label}: executionRoleArn is missing, but containers have secrets: on Fargate it is that role which reads them.`;
  return [...found, refuse("TaskDefinitionInvalid", missing, fixFile)];
}

function checkSize({ definition, label, onFargate }: DefinitionView): readonly Finding[] {
  if (!onFargate) return [];
  const [cpu, memory] = [stringOf(definition.cpu), stringOf(definition.memory)];
  if (cpu === undefined || memory === undefined) {
    const absent = [cpu === undefined && "cpu", memory === undefined && "memory"].filter(Boolean).join(" and ");
    return [refuse("TaskDefinitionInvalid", `${label}: ${absent} of the task must be given for Fargate.`, fixFile)];
  }
  const wrong = wrongFargateSize(cpu, memory);
  if (!wrong) return [];
  const message = `${label}: Fargate has no size with cpu ${cpu} and memory ${memory}: ${wrong.cure}.`;
  return [wrong.sure ? refuse("TaskDefinitionInvalid", message, fixFile) : warn(message)];
}

function checkClearText({ definition, label }: DefinitionView): readonly Finding[] {
  const paths = clearTextSecrets(definition);
  if (paths.length === 0) return [];
  return [
    warn(
      `${label}: secrets in clear text, by their names: ${paths.join(", ")}. Whoever may read the task definition reads them. Keep them in Secrets Manager or Parameter Store and name them in \`secrets\`.`,
    ),
  ];
}
