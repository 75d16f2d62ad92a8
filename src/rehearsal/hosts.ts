// Names that the task resolves to containers of the job: its `services:`, or those of a compose file.

import { DeployError } from "../errors.ts";
import { invalidInput } from "../inputs/read.ts";
import type { RehearsalHost } from "../inputs/rehearse-inputs.ts";
import { type DockerCommand, resourceLabel } from "./leftovers.ts";

export interface TaskNetwork {
  /** Docker network of the tasks. */
  readonly network: string;
  /** As a container definition has them. */
  readonly extraHosts: readonly { readonly hostname: string; readonly ipAddress: string }[];
}

/**
 * A network of its own for the tasks, which the named containers join; Docker's `bridge` if none is
 * named.
 * @throws DeployError `InvalidInput` if a container is not running
 */
export async function openTaskNetwork(
  hosts: readonly RehearsalHost[],
  id: string,
  docker: DockerCommand,
): Promise<TaskNetwork> {
  if (hosts.length === 0) return { network: "bridge", extraHosts: [] };
  const running = await listRunning(docker);
  const found = hosts.map((host) => ({ ...host, containerId: findContainer(host, running) }));
  const missing = found.filter(({ containerId }) => containerId === undefined);
  if (missing.length > 0)
    throw invalidInput(missing.map(({ container }) => missingContainer(container, running)));
  const network = `deploy-ecs-${id}`;
  await docker("network", "create", "--label", `${resourceLabel}=${id}`, network);
  const extraHosts = [];
  for (const { name, containerId = "" } of found) {
    await docker("network", "connect", network, containerId);
    const format = `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`;
    const ipAddress = await docker("inspect", "--format", format, containerId);
    if (ipAddress === "") throw cannotConnect(name, network);
    extraHosts.push({ hostname: name, ipAddress });
  }
  return { network, extraHosts };
}

function cannotConnect(name: string, network: string): DeployError {
  return new DeployError({
    code: "RehearsalImpossible",
    message: `The container of ${name} could not be connected to the Docker network ${network}.`,
    hint:
      "Nothing was built. A container with the network of the runner (--network host) cannot join " +
      "another one: start it without that option.",
  });
}

interface RunningContainer {
  readonly id: string;
  /** Its name, and its aliases in networks. */
  readonly names: readonly string[];
}

async function listRunning(docker: DockerCommand): Promise<readonly RunningContainer[]> {
  const ids = (await docker("ps", "--quiet", "--no-trunc")).split("\n").filter(Boolean);
  if (ids.length === 0) return [];
  const format =
    "{{.Id}} {{.Name}}{{range .NetworkSettings.Networks}}{{range .Aliases}} {{.}}{{end}}{{end}}";
  const lines = (await docker("inspect", "--format", format, ...ids)).split("\n");
  return lines.map((line) => {
    const [containerId = "", ...names] = line.trim().split(" ");
    return { id: containerId, names: names.map((name) => name.replace(/^\//, "")) };
  });
}

function findContainer(
  { container }: RehearsalHost,
  running: readonly RunningContainer[],
): string | undefined {
  const isId = /^[0-9a-f]{12,64}$/.test(container);
  const found = running.find(
    ({ id, names }) => names.includes(container) || (isId && id.startsWith(container)),
  );
  return found?.id;
}

function missingContainer(container: string, running: readonly RunningContainer[]): string {
  const names = running.map(({ id, names: [name] }) => name ?? id);
  const known = names.length === 0 ? "none is running" : `running are ${names.join(", ")}`;
  return (
    `rehearsal-hosts: no running container has the name, id or alias ${JSON.stringify(container)} ` +
    `(${known}). A service of the job: \${{ job.services.NAME.id }}`
  );
}
