// The scripts on other machines than ours, which are played by the programs on PATH.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { root } from "./source.ts";

/** Not on the machine that is played, unless a test puts them there. */
const missing = new Set(["apt-get", "busybox", "docker", "uname"]);

let folder: string;
let programs: string;
let target: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "deploy-ecs-machine-"));
  mkdirSync(join(folder, "usr"));
  for (const name of readdirSync("/usr/bin"))
    if (!missing.has(name)) symlinkSync(join("/usr/bin", name), join(folder, "usr", name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  programs = mkdtempSync(join(folder, "bin-"));
  target = mkdtempSync(join(folder, "target-"));
  install("uname", "echo Linux");
});

function install(name: string, script: string): void {
  writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(programs, name), 0o755);
}

/** A Docker engine of this kind, which has the image of busybox or cannot pull it. */
function installDocker(engine: string, pull: "pulls" | "cannot pull"): void {
  install(
    "docker",
    `echo "$*" >>${folder}/docker-calls
case "$1" in
  version) echo 28.2.2 ;;
  info) echo "${engine}" ;;
  create) ${pull === "pulls" ? "echo container1" : "echo 'no such host' >&2; exit 1"} ;;
  cp) echo 'busybox of the image' >"$3" ;;
  rm) ;;
  *) exit 1 ;;
esac`,
  );
}

function run(
  script: string,
  ...args: readonly string[]
): { status: number | null; stdout: string; stderr: string } {
  rmSync(join(folder, "docker-calls"), { force: true });
  const { status, stdout, stderr } = spawnSync(script, args, {
    cwd: root,
    encoding: "utf8",
    env: { HOME: folder, PATH: `${programs}:${join(folder, "usr")}` },
  });
  return { status, stdout, stderr };
}

function dockerCalls(): readonly string[] {
  const file = join(folder, "docker-calls");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

const noBusybox =
  "A static busybox is needed: install it (package busybox-static or busybox), or let Docker pull public.ecr.aws/docker/library/busybox:1.37.0-musl.\n";

describe("examples/hello/prepare", () => {
  test("takes the static busybox of this machine, and asks no engine", () => {
    installDocker("Debian", "pulls");
    install("busybox", "echo own");
    install("ldd", "echo '\tnot a dynamic executable' >&2; exit 1");
    expect(run("examples/hello/prepare", target)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(readFileSync(join(target, "busybox"), "utf8")).toContain("echo own");
    expect(dockerCalls()).toEqual([]);
  });

  test.each([
    ["there is none", undefined],
    ["it is dynamic", "echo '\tlibc.so.6 => /lib/libc.so.6'"],
  ])("copies that of an image if %s", (_case, ldd) => {
    installDocker("Fedora Linux 43", "pulls");
    if (ldd) {
      install("busybox", "echo own");
      install("ldd", ldd);
    }
    expect(run("examples/hello/prepare", target)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(readFileSync(join(target, "busybox"), "utf8")).toBe("busybox of the image\n");
    expect(statSync(join(target, "busybox")).mode & 0o777).toBe(0o755);
    expect(dockerCalls().at(-1)).toBe("rm container1");
  });

  test("says in one line that there is none: no engine, or no registry", () => {
    expect(run("examples/hello/prepare", target)).toEqual({
      status: 69,
      stdout: "",
      stderr: noBusybox,
    });
    installDocker("Fedora Linux 43", "cannot pull");
    expect(run("examples/hello/prepare", target)).toEqual({
      status: 69,
      stdout: "",
      stderr: noBusybox,
    });
  });
});

describe("script/engine start", () => {
  test("uses the engine that answers", () => {
    installDocker("Fedora Linux 43 name=seccomp,profile=builtin ", "pulls");
    expect(run("script/engine", "start")).toEqual({
      status: 0,
      stdout: "unset DEPLOY_ECS_ENGINE\n",
      stderr: "",
    });
  });

  test.each(["Docker Desktop ", "Fedora Linux 43 name=seccomp,profile=builtin name=rootless "])(
    "refuses an engine whose containers cannot be reached: %s",
    (engine) => {
      installDocker(engine, "pulls");
      expect(run("script/engine", "start")).toEqual({
        status: 69,
        stdout: "",
        stderr:
          "This needs Docker Engine: Docker Desktop and rootless Docker do not route to the addresses of containers.\n",
      });
    },
  );

  test("says in one line that there is no engine", () => {
    expect(run("script/engine", "start")).toEqual({
      status: 69,
      stdout: "",
      stderr:
        "No Docker engine answers (docker version): install and start Docker, or run this as root on Debian or Ubuntu.\n",
    });
  });
});

describe("script/demo", () => {
  test("says in one line that it needs Linux, before anything is installed", () => {
    install("uname", "echo Darwin");
    installDocker("Docker Desktop ", "pulls");
    expect(run("script/demo")).toEqual({
      status: 69,
      stdout: "",
      stderr:
        "This needs Docker Engine on Linux: on another system run it in a Linux virtual machine.\n",
    });
    expect(dockerCalls()).toEqual([]);
  });

  test.each([[], ["broken"], ["express"], ["preview"]])(
    "%s: says in one line that there is no busybox",
    (...args) => {
      installDocker("Fedora Linux 43", "cannot pull");
      expect(run("script/demo", ...args)).toEqual({ status: 69, stdout: "", stderr: noBusybox });
    },
  );
});
