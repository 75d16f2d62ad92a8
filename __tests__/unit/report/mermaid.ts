// Mermaid's own parser, without a browser: it only asks for a DOM to sanitise with, and passes texts on when there is none to speak of.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";

interface GanttTask {
  readonly section: string;
  readonly task: string;
  readonly startTime: Date;
  readonly endTime: Date;
}

interface Mermaid {
  readonly parse: (text: string) => Promise<{ readonly diagramType: string }>;
  readonly mermaidAPI: {
    readonly getDiagramFromText: (
      text: string,
    ) => Promise<{ readonly db: { readonly getTasks?: () => readonly GanttTask[] } }>;
  };
}

function load(): Mermaid {
  class Nothing {}
  const document = {
    nodeType: 9,
    implementation: {},
    currentScript: null,
    createElement: () => ({}),
    createNodeIterator: () => undefined,
    createDocumentFragment: () => undefined,
    getElementsByTagName: () => [],
    querySelectorAll: () => [],
    addEventListener: () => undefined,
  };
  const window: Record<string, unknown> = {
    document,
    Element: Nothing,
    Node: Nothing,
    NodeFilter: {},
    DOMParser: Nothing,
    HTMLFormElement: Nothing,
    NamedNodeMap: Nothing,
    addEventListener: () => undefined,
    console,
    setTimeout,
    clearTimeout,
    structuredClone,
    queueMicrotask,
    URL,
    TextEncoder,
    TextDecoder,
  };
  window["window"] = window;
  window["self"] = window;
  const file = fileURLToPath(import.meta.resolve("@mermaid-js/tiny"));
  runInContext(readFileSync(file, "utf8"), createContext(window), { filename: file });
  return window["mermaid"] as Mermaid;
}

const mermaid = load();

/** @throws what Mermaid throws when it cannot read it */
export async function readChart(
  text: string,
): Promise<{ readonly type: string; readonly tasks: readonly GanttTask[] }> {
  const { diagramType } = await mermaid.parse(text);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  return { type: diagramType, tasks: db.getTasks?.() ?? [] };
}
