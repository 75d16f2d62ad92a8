// The figures that must not be missed. `script/house --check` fails when one of them is.

import type { Figures, TreeFigures } from "./figures.ts";

export interface Bar {
  readonly figure: string;
  readonly value: number;
  readonly most: number;
}

export function barsOf({ src, simulator, deploy, bundles }: Figures): readonly Bar[] {
  const scripts = bundles.filter(({ file }) => file.endsWith(".js") && !isOfAnotherVerb(file));
  const bundled = scripts.reduce((total, { bytes }) => total + bytes, 0);
  return [
    { figure: "rings of rooms in src, types included", value: src.ringsOfRooms.length, most: 0 },
    { figure: "cycles of files in src, types included", value: src.cyclesOfFiles.length, most: 0 },
    { figure: "object-literal spreads in src", value: src.literalSpreads, most: 0 },
    { figure: "conditional spreads in src", value: src.conditionalSpreads, most: 12 },
    { figure: "ternaries per 1,000 lines of src", value: ternariesPerThousand(src), most: 15 },
    { figure: "lines over 100 columns in src, %", value: longLinePercent(src), most: 1 },
    {
      figure: "exported names of src used by no file",
      value: src.unusedExports.byNone.length,
      most: 0,
    },
    { figure: "imports of src/deploy.ts", value: deploy.imports, most: 15 },
    { figure: "lines of src/deploy.ts", value: deploy.lines, most: 120 },
    {
      figure: "names declared in two or more files of src",
      value: src.declaredTwice.size,
      most: 10,
    },
    { figure: "files in the root of src", value: src.filesInRoot, most: 8 },
    { figure: "files in the root of simulator", value: simulator.filesInRoot, most: 4 },
    { figure: "JavaScript in dist, MB", value: bundled / 1e6, most: 1.1 },
  ];
}

/** The other actions have bars of their own: __tests__/contract/bundle.test.ts. */
function isOfAnotherVerb(file: string): boolean {
  return /(^|\/)(github|preview|build|register|task|verbs|rehears\w+(-post)?|simulator)\.js$/.test(
    file,
  );
}

export function isMet({ value, most }: Bar): boolean {
  return value <= most;
}

export function ternariesPerThousand({ ternaries, lines }: TreeFigures): number {
  return (ternaries / lines) * 1000;
}

export function longLinePercent({ longLines, lines }: TreeFigures): number {
  return (longLines / lines) * 100;
}
