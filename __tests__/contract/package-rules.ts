// Who may import what across packages: the simulator is used by its name, depends on nothing of this
// repository, and no test imports a script.

import { importsOf, type Sources } from "./source.ts";

export interface PackageManifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** One line for each import that breaks a rule. */
export function wrongPackageImports(
  sources: Sources,
  simulator: PackageManifest,
): readonly string[] {
  return [...sources].flatMap(([path, text]) =>
    importsOf(path, text).flatMap(({ target }) => {
      const wrong = path.startsWith("simulator/")
        ? wrongInSimulator(path, target, simulator)
        : wrongOutside(target, simulator);
      const reason = wrong ?? wrongInTest(path, target);
      return reason === undefined ? [] : [`${path} imports ${target}: ${reason}`];
    }),
  );
}

function wrongInSimulator(
  path: string,
  target: string,
  { name, dependencies, devDependencies }: PackageManifest,
): string | undefined {
  if (target.startsWith("simulator/") || target.startsWith("node:")) return undefined;
  const listed = Object.keys(dependencies);
  if (path.startsWith("simulator/__tests__/")) listed.push(...Object.keys(devDependencies));
  if (listed.some((dependency) => isWithin(dependency, target))) return undefined;
  return isWithin(name, target)
    ? "the simulator imports its own files by path"
    : "the simulator depends on nothing but the dependencies in its package.json";
}

function wrongOutside(target: string, { name, exports }: PackageManifest): string | undefined {
  if (target.startsWith("simulator/") || target === "simulator")
    return `the simulator is imported by its name, ${name}`;
  const isExported = Object.keys(exports).some((key) => key.replace(/^\./, name) === target);
  return isWithin(name, target) && !isExported
    ? "only what the exports of simulator/package.json list"
    : undefined;
}

function wrongInTest(path: string, target: string): string | undefined {
  return path.includes("__tests__/") && target.startsWith("script/")
    ? "no test imports from script/"
    : undefined;
}

function isWithin(name: string, target: string): boolean {
  return target === name || target.startsWith(`${name}/`);
}
