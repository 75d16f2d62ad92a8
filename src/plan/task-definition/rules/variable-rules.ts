// Environment variables, secrets and environment files, PURE. Paths and names are shown, never a
// value.

import { type JsonObject, objectsOf, stringOf } from "../../../json.ts";
import {
  type ContainerView,
  hasValue,
  itemsAt,
  type Rule,
  repeatedItems,
  type TaskView,
  type Violation,
} from "./rule.ts";
import { api, cdkPreflight, issue } from "./sources.ts";

export const variableRules: readonly Rule<TaskView>[] = [
  {
    id: "variable-without-name",
    source: issue("thnery/terraform-aws-template", 2),
    remedy: "Give it a `name`.",
    check: ({ containers }) => [
      ...withoutName(containers, "environment"),
      ...withoutName(containers, "secrets"),
    ],
  },
  {
    id: "secret-under-environment",
    source: issue("aws-actions/amazon-ecs-deploy-task-definition", 44),
    remedy:
      "An entry with `valueFrom` belongs in `secrets` of the same container; `environment` " +
      "takes `value`.",
    check: ({ containers }) =>
      variableEntries(containers, "environment")
        .filter(({ item }) => item.valueFrom !== undefined)
        .map(({ path }) => ({
          path: `${path}.valueFrom`,
          problem: "stands under `environment`, where ECS ignores it",
        })),
  },
  {
    id: "value-under-secrets",
    source: api("Secret"),
    remedy:
      "An entry with `value` belongs in `environment` of the same container; `secrets` takes " +
      "`valueFrom`, the ARN of the secret.",
    check: ({ containers }) =>
      variableEntries(containers, "secrets")
        .filter(({ item }) => item.value !== undefined && item.valueFrom === undefined)
        .map(({ path }) => ({ path: `${path}.value`, problem: "stands under `secrets`" })),
  },
  {
    id: "name-in-environment-and-secrets",
    source: issue("dagster-io/dagster", 11622),
    remedy:
      "Take one of the two away (in the inputs: `-NAME` in `environment-variables` or `secrets`).",
    check: ({ containers }) =>
      containers.flatMap((container) => {
        const variables = new Set(
          objectsOf(container.definition.environment).map(({ name }) => name),
        );
        return variableEntries([container], "secrets")
          .filter(({ item }) => hasValue(item.name) && variables.has(item.name))
          .map(({ path }) => ({ path, problem: "has the name of a variable in `environment`" }));
      }),
  },
  {
    id: "secret-name-twice",
    source: api("Secret"),
    remedy: "Take one of them away.",
    check: ({ containers }) => duplicates(containers, "secrets"),
  },
  {
    id: "variable-name-twice",
    source: api("KeyValuePair"),
    severity: "warn",
    remedy: "Take one of them away: AWS does not say which one counts.",
    check: ({ containers }) => duplicates(containers, "environment"),
  },
  {
    id: "environment-file-arn",
    source: cdkPreflight,
    remedy: "Write the object's whole ARN: arn:aws:s3:::BUCKET/FILE.env",
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

function variableEntries(containers: readonly ContainerView[], member: "environment" | "secrets") {
  return containers.flatMap(({ path, definition }) =>
    itemsAt(definition[member], `${path}.${member}`),
  );
}

function withoutName(
  containers: readonly ContainerView[],
  member: "environment" | "secrets",
): readonly Violation[] {
  return variableEntries(containers, member)
    .filter(({ item }) => (stringOf(item.name) ?? "").trim() === "")
    .map(({ path }) => ({ path, problem: "has no name" }));
}

function duplicates(
  containers: readonly ContainerView[],
  member: "environment" | "secrets",
): readonly Violation[] {
  return containers.flatMap((container) => {
    const named = variableEntries([container], member).filter(({ item }) => hasValue(item.name));
    const repeatedEntries = repeatedItems(named, ({ item }: { readonly item: JsonObject }) =>
      String(item.name),
    );
    return repeatedEntries.map(({ path }) => ({ path, problem: "is there twice" }));
  });
}
