// What main leaves to the post step: written as facts, read back as text from outside.

import { expect, test } from "vitest";
import {
  createPostStateWriter,
  type PostState,
  readPostState,
} from "../../../src/runtime/post-state.ts";
import type { InProgressRollout } from "../../../src/runtime/runtime.ts";

const temporaryFolder = "/runner/_temp";

/** A runner's state file: values in the order of their coming, the last one of a name counts. */
function runnerState() {
  const written: [string, string][] = [];
  const save = (name: string, value: string) => {
    written.push([name, value]);
    return true;
  };
  const read = (values: readonly (readonly [string, string])[] = written): PostState =>
    readPostState(
      Object.fromEntries(values.map(([name, value]) => [`STATE_${name}`, value])),
      temporaryFolder,
    );
  return { written, handOver: createPostStateWriter(save), read };
}

const sent: InProgressRollout = {
  cluster: "demo",
  service: "app",
  startedAt: 1_700_000_000_000,
  taskDefinitionArn: "arn:aws:ecs:us-east-1:123456789012:task-definition/app:2",
  earlierIds: ["ecs-svc/1"],
};
const accepted = { ...sent, id: "ecs-svc/2" };
const arn = "arn:aws:ecs:us-east-1:123456789012:service-deployment/demo/app/abc";
const identified = { ...accepted, serviceDeploymentArn: arn };

test("the last value counts", () => {
  const { handOver, read } = runnerState();
  handOver.started();
  handOver.privateFolder(`${temporaryFolder}/deploy-ecs-docker-Ab12cd`);
  handOver.rolloutInProgress(sent);
  expect(read().rollouts).toEqual([sent]);
  handOver.rolloutInProgress(accepted);
  handOver.rolloutInProgress({ ...sent, service: "worker" });
  handOver.rolloutInProgress(identified);
  handOver.cancelled();
  expect(read()).toEqual({
    main: "begun",
    cancelled: true,
    privateFolder: `${temporaryFolder}/deploy-ecs-docker-Ab12cd`,
    rollouts: [identified, { ...sent, service: "worker" }],
    tasks: [],
    terraform: undefined,
    unreadable: [],
  });
  handOver.rolloutEnded({ cluster: "demo", service: "app" });
  handOver.ended();
  expect(read()).toMatchObject({ main: "ended", rollouts: [{ service: "worker" }] });
});

test("a task before the deployment is handed over, and taken back when it has ended", () => {
  const { handOver, read } = runnerState();
  const task = { moment: "pre-deploy", cluster: "demo", service: "app" } as const;
  handOver.taskInProgress(task);
  handOver.taskInProgress({ ...task, moment: "post-deploy", arn: "arn:after" });
  expect(read().tasks).toEqual([task, { ...task, moment: "post-deploy", arn: "arn:after" }]);
  handOver.taskInProgress({ ...task, arn: "arn:before" });
  handOver.taskEnded({ ...task, moment: "post-deploy" });
  expect(read()).toMatchObject({ tasks: [{ ...task, arn: "arn:before" }], unreadable: [] });
});

test("a value that was saved already is not written again", () => {
  const { handOver, written } = runnerState();
  handOver.rolloutInProgress(identified);
  handOver.rolloutInProgress({ ...identified });
  handOver.rolloutEnded({ cluster: "demo", service: "other" });
  expect(written).toHaveLength(1);
});

test("a state file that breaks off anywhere is the state of an earlier moment", () => {
  const { handOver, written, read } = runnerState();
  handOver.started();
  handOver.rolloutInProgress(sent);
  handOver.rolloutInProgress(identified);
  handOver.cancelled();
  handOver.ended();
  const states = written.map((_, index) => read(written.slice(0, index)));
  expect(states.map(({ main }) => main)).toEqual(["none", "begun", "begun", "begun", "begun"]);
  expect(states.map(({ rollouts }) => rollouts)).toEqual([
    [],
    [],
    [sent],
    [identified],
    [identified],
  ]);
  for (const { unreadable } of states) expect(unreadable).toEqual([]);
});

test("a Terraform that the post step cannot know of is refused, the rest is not", () => {
  const handOver = createPostStateWriter(() => false);
  handOver.started();
  handOver.cancelled();
  handOver.ended();
  handOver.privateFolder(`${temporaryFolder}/deploy-ecs-docker-Ab12cd`);
  handOver.rolloutInProgress(sent);
  handOver.rolloutEnded(sent);
  expect(() => handOver.terraform({ folder: "/f", directory: "infra" })).toThrow(
    expect.objectContaining({ code: "DiskNotWritable" }),
  );
  expect(() => handOver.terraform(undefined)).not.toThrow();
});

test.each([
  ["half a value", '{"version":1,"is":"beg'],
  ["another version", '{"version":2,"is":"begun"}'],
  ["no version", '{"is":"begun"}'],
  ["no object", '"begun"'],
  ["another word", '{"version":1,"is":"deploy"}'],
  ["the old mark", "true"],
])("not ours: %s", (_, value) => {
  expect(readPostState({ STATE_main: value }, temporaryFolder)).toMatchObject({
    main: "none",
    unreadable: ["main"],
  });
});

test.each([
  ["the root", "/"],
  ["the temporary folder", temporaryFolder],
  ["a neighbour", `${temporaryFolder}/other`],
  ["a way out", `${temporaryFolder}/deploy-ecs-docker-a/../../home`],
  ["a folder elsewhere", "/home/runner/deploy-ecs-docker-Ab12cd"],
  ["a relative one", "deploy-ecs-docker-Ab12cd"],
])("a folder that is not ours is never removed: %s", (_, folder) => {
  const fact = JSON.stringify({ version: 1, folder, directory: "infra" });
  const state = readPostState(
    { "STATE_private-folder": fact, STATE_terraform: fact },
    temporaryFolder,
  );
  expect(state).toMatchObject({
    privateFolder: undefined,
    terraform: undefined,
    unreadable: ["private-folder", "terraform"],
  });
});

test.each([0, -1, 1, 1.5, "7", null])("%j is no process to wait for", (pid) => {
  const folder = `${temporaryFolder}/deploy-ecs-terraform-Ab12cd`;
  const fact = { version: 1, folder, directory: "infra", pid, command: "apply" };
  const { terraform } = readPostState({ STATE_terraform: JSON.stringify(fact) }, temporaryFolder);
  expect(terraform).toEqual({ folder, directory: "infra" });
});

test("unknown names are reported, and so is a rollout of which half is missing", () => {
  const environment = {
    STATE_main: '{"version":1,"is":"begun"}',
    "STATE_is-post": "true",
    "STATE_rollout-0": JSON.stringify({ version: 1, ...identified }),
    "STATE_rollout-1": JSON.stringify({ version: 1, cluster: "demo", service: "worker" }),
    "STATE_rollout-2": "",
    PATH: "/bin",
  };
  const state = readPostState(environment, temporaryFolder);
  expect(state.rollouts).toEqual([identified]);
  expect([...state.unreadable].sort()).toEqual(["is-post", "rollout-1"]);
});
