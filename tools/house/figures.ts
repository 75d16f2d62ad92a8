// Takes all figures of a checkout.

import type { Bundle, Checkout, Tree } from "./checkout.ts";
import { functionsIn, type MeasuredFunction } from "./functions.ts";
import { type Grain, grainOf } from "./grain.ts";
import { countImports } from "./imports.ts";
import { countCommentLines, countLines, countLongLines } from "./lines.ts";
import { declaredTwice, exportedNames, type UnusedExports, unusedExports } from "./names.ts";
import { graphOfFiles, graphOfRooms, ringsIn } from "./rings.ts";
import type { Source } from "./source.ts";

interface LongestFile {
  readonly path: string;
  readonly lines: number;
}

export interface TreeFigures extends Grain {
  readonly files: number;
  readonly filesInRoot: number;
  readonly lines: number;
  readonly longestFile: LongestFile;
  readonly functions: number;
  readonly namedFunctions: number;
  readonly medianFunction: number;
  readonly medianNamedFunction: number;
  readonly functionsOver60: number;
  readonly functionsOver30: number;
  readonly longestFunction: MeasuredFunction | undefined;
  readonly exportedNames: number;
  readonly commentLines: number;
  readonly longLines: number;
  readonly ringsOfRooms: readonly (readonly string[])[];
  readonly cyclesOfFiles: readonly (readonly string[])[];
  readonly declaredTwice: ReadonlyMap<string, readonly string[]>;
  readonly unusedExports: UnusedExports;
}

export interface Figures {
  readonly src: TreeFigures;
  readonly simulator: TreeFigures;
  readonly deploy: { readonly imports: number; readonly lines: number };
  readonly bundles: readonly Bundle[];
}

export function figuresOf(checkout: Checkout): Figures {
  const deploy = checkout.src.sources.find(({ path }) => path === "src/deploy.ts");
  if (!deploy) throw new Error("src/deploy.ts is missing");
  return {
    src: figuresOfTree(checkout.src, checkout),
    simulator: figuresOfTree(checkout.simulator, checkout),
    deploy: { imports: countImports(deploy), lines: countLines(deploy.text) },
    bundles: checkout.bundles,
  };
}

function figuresOfTree(
  { root, sources }: Tree,
  { users, packages, isEntry }: Checkout,
): TreeFigures {
  const functions = longestFirst(sources.flatMap(functionsIn));
  const named = functions.filter(({ name }) => name !== undefined);
  const files = longestFirst(sources.map(({ path, text }) => ({ path, lines: countLines(text) })));
  const [longestFile] = files;
  if (!longestFile) throw new Error(`${root} holds no sources`);
  return {
    files: files.length,
    filesInRoot: files.filter(({ path }) => !path.slice(root.length + 1).includes("/")).length,
    lines: sum(files.map(({ lines }) => lines)),
    longestFile,
    functions: functions.length,
    namedFunctions: named.length,
    medianFunction: medianOf(functions),
    medianNamedFunction: medianOf(named),
    functionsOver60: functions.filter(({ lines }) => lines > 60).length,
    functionsOver30: functions.filter(({ lines }) => lines > 30).length,
    longestFunction: functions[0],
    exportedNames: sum(sources.map((source) => exportedNames(source).length)),
    commentLines: sum(sources.map(countCommentLines)),
    longLines: sum(sources.map(({ text }) => countLongLines(text))),
    ringsOfRooms: ringsIn(graphOfRooms(sources, root)),
    cyclesOfFiles: ringsIn(graphOfFiles(sources)),
    declaredTwice: declaredTwice(sources),
    unusedExports: unusedExports({ sources, users, packages, isEntry }),
    ...grainOfAll(sources),
  };
}

function grainOfAll(sources: readonly Source[]): Grain {
  const grains = sources.map(grainOf);
  return {
    ternaries: sum(grains.map(({ ternaries }) => ternaries)),
    nestedTernaries: sum(grains.map(({ nestedTernaries }) => nestedTernaries)),
    nestedTemplates: sum(grains.map(({ nestedTemplates }) => nestedTemplates)),
    conditionalSpreads: sum(grains.map(({ conditionalSpreads }) => conditionalSpreads)),
    conditionalListSpreads: sum(grains.map(({ conditionalListSpreads }) => conditionalListSpreads)),
    literalSpreads: sum(grains.map(({ literalSpreads }) => literalSpreads)),
  };
}

function longestFirst<T extends { readonly lines: number }>(measured: readonly T[]): readonly T[] {
  return measured.toSorted((a, b) => b.lines - a.lines);
}

/** Of an even number of functions the longer one in the middle. */
function medianOf(longestFirst: readonly MeasuredFunction[]): number {
  return longestFirst[Math.ceil(longestFirst.length / 2) - 1]?.lines ?? 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
