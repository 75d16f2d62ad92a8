// Environment variables, secrets and environment files, PURE. Paths and names are shown, never a value.

import { type JsonObject, objectsOf, stringOf } from "../../../json.ts";
import {
  type ContainerView,
  isSet,
  itemsAt,
  type Rule,
  repeated,
  type TaskView,
  type Violation,
} from "./rule.ts";
import { api, issue, measured } from "./sources.ts";

export const variableRules: readonly Rule<TaskView>[] = [
  {
    id: "variable-without-name",
    source: issue("thnery/terraform-aws-template", 2),
    cure: "Give it a `name`.",
    check: ({ containers }) => [
      ...nameless(containers, "environment"),
      ...nameless(containers, "secrets"),
    ],
  },
  {
    id: "secret-under-environment",
    source: issue("aws-actions/amazon-ecs-deploy-task-definition", 44),
    cure: "An entry with `valueFrom` belongs in `secrets` of the same container; `environment` takes `value`.",
    check: ({ containers }) =>
      entries(containers, "environment")
        .filter(({ item }) => item.valueFrom !== undefined)
        .map(({ path }) => ({
          path: `${path}.valueFrom`,
          problem: "stands under `environment`, where ECS ignores it",
        })),
  },
  {
    id: "value-under-secrets",
    source: api("Secret"),
    cure: "An entry with `value` belongs in `environment` of the same container; `secrets` takes `valueFrom`, the ARN of the secret.",
    check: ({ containers }) =>
      entries(containers, "secrets")
        .filter(({ item }) => item.value !== undefined && item.valueFrom === undefined)
        .map(({ path }) => ({ path: `${path}.value`, problem: "stands under `secrets`" })),
  },
  {
    id: "name-in-environment-and-secrets",
    source: issue("dagster-io/dagster", 11622),
    cure: "Take one of the two away (in the inputs: `-NAME` in `environment-variables` or `secrets`).",
    check: ({ containers }) =>
      containers.flatMap((container) => {
        const variables = new Set(
          objectsOf(container.definition.environment).map(({ name }) => name),
        );
        return entries([container], "secrets")
          .filter(({ item }) => isSet(item.name) && variables.has(item.name))
          .map(({ path }) => ({ path, problem: "has the name of a variable in `environment`" }));
      }),
  },
  {
    id: "secret-name-twice",
    source: api("Secret"),
    cure: "Take one of them away.",
    check: ({ containers }) => twice(containers, "secrets"),
  },
  {
    id: "variable-name-twice",
    source: api("KeyValuePair"),
    severity: "warn",
    cure: "Take one of them away: AWS does not say which one counts.",
    check: ({ containers }) => twice(containers, "environment"),
  },
  {
    id: "environment-file-arn",
    source: measured,
    cure: "Write the object's whole ARN: arn:aws:s3:::BUCKET/FILE.env",
    check: ({ containers }) =>
      containers.flatMap(({ path, definition: { environmentFiles } }) =>
        itemsAt(environmentFiles, `${path}.environmentFiles`)
          .filter(
            ({ item }) =>
              item.value !== undefined &&
              !/^arn:aws[a-z-]*:s3:::[^/]+\/.+/.test(String(item.value)),
          )
          .map(({ path: at }) => ({
            path: `${at}.value`,
            problem: "is not the ARN of an object in S3",
          })),
      ),
  },
];

function entries(containers: readonly ContainerView[], member: "environment" | "secrets") {
  return containers.flatMap(({ path, definition }) =>
    itemsAt(definition[member], `${path}.${member}`),
  );
}

function nameless(
  containers: readonly ContainerView[],
  member: "environment" | "secrets",
): readonly Violation[] {
  return entries(containers, member)
    .filter(({ item }) => (stringOf(item.name) ?? "").trim() === "")
    .map(({ path }) => ({ path, problem: "has no name" }));
}

function twice(
  containers: readonly ContainerView[],
  member: "environment" | "secrets",
): readonly Violation[] {
  return containers.flatMap((container) => {
    const named = entries([container], member).filter(({ item }) => isSet(item.name));
    const again = repeated(named, ({ item }: { readonly item: JsonObject }) => String(item.name));
    return again.map(({ path }) => ({ path, problem: "is there twice" }));
  });
}
