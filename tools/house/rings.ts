// Finds cycles of files and rings of rooms that import each other. Type imports count as well.

import { importsOf } from "./imports.ts";
import type { Source } from "./source.ts";

/** Name → the names that it imports. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

export function graphOfFiles(sources: readonly Source[]): Graph {
  return graphOf(sources, (path) => path);
}

/** A room is a folder directly under the root; a file in the root itself stands for itself. */
export function graphOfRooms(sources: readonly Source[], root: string): Graph {
  return graphOf(sources, (path) => path.slice(root.length + 1).split("/")[0] ?? path);
}

/** The strongly connected components of two or more members, each sorted by name. */
export function ringsIn(graph: Graph): readonly (readonly string[])[] {
  const reached = new Map([...graph.keys()].map((name) => [name, reachedFrom(name, graph)]));
  const rings = new Map<string, readonly string[]>();
  for (const [name, others] of reached) {
    if (!others.has(name)) continue;
    const ring = [...others].filter((other) => reached.get(other)?.has(name)).sort();
    rings.set(ring.join(" "), ring);
  }
  return [...rings.values()];
}

function graphOf(sources: readonly Source[], groupOf: (path: string) => string): Graph {
  const known = new Set(sources.map(({ path }) => path));
  const graph = new Map<string, Set<string>>();
  for (const source of sources) {
    const from = groupOf(source.path);
    const targets = graph.get(from) ?? new Set();
    graph.set(from, targets);
    for (const { target } of importsOf(source))
      if (known.has(target) && groupOf(target) !== from) targets.add(groupOf(target));
  }
  return graph;
}

/** Holds the name itself only if an import leads back to it. */
function reachedFrom(name: string, graph: Graph): ReadonlySet<string> {
  const reached = new Set(graph.get(name));
  for (const next of reached) for (const target of graph.get(next) ?? []) reached.add(target);
  return reached;
}
