// A scenario's job summary as a page in GitHub's look: node script/picture.ts TRANSCRIPT [light|dark] > page.html
// node script/picture.ts list: each picture's name and transcript, one per line.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { argv, stdout } from "node:process";
import { Marked } from "marked";
import { pictures, transcriptOf } from "../tools/pictures/picture-list.ts";

const alertIcon =
  "M4.47.22A.749.749 0 0 1 5 0h6c.199 0 .389.079.53.22l4.25 4.25c.141.14.22.331.22.53v6a.749.749 0 0 1-.22.53l-4.25 4.25A.749.749 0 0 1 11 16H5a.749.749 0 0 1-.53-.22L.22 11.53A.749.749 0 0 1 0 11V5c0-.199.079-.389.22-.53Zm.84 1.28L1.5 5.31v5.38l3.81 3.81h5.38l3.81-3.81V5.31L10.69 1.5ZM8 4a.75.75 0 0 1 .75.75v3.5a.75.75 0 0 1-1.5 0v-3.5A.75.75 0 0 1 8 4Zm0 8a1 1 0 1 1 0-2 1 1 0 0 1 0 2Z";

/** GitHub turns a quote that begins with `[!CAUTION]` into an alert, and a fence named mermaid into a chart. */
const marked = new Marked({
  gfm: true,
  renderer: {
    blockquote({ tokens }) {
      const body = this.parser.parse(tokens);
      const kind = body.match(/^<p>\[!([A-Z]+)\]\s*(?:<\/p>)?/);
      if (!kind) return `<blockquote>${body}</blockquote>`;
      const name = (kind[1] ?? "").toLowerCase();
      const rest = body.slice(kind[0].length);
      return `<div class="markdown-alert markdown-alert-${name}"><p class="markdown-alert-title"><svg class="octicon mr-2" viewBox="0 0 16 16" width="16" height="16"><path d="${alertIcon}"/></svg>${name[0]?.toUpperCase()}${name.slice(1)}</p>${rest}</div>`;
    },
    code({ text, lang }) {
      const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
      return lang === "mermaid"
        ? `<pre class="mermaid">${escaped}</pre>`
        : `<pre><code>${escaped}</code></pre>`;
    },
  },
});

/** GitHub's own styles, and the theme of Mermaid that it uses with each. */
const themes = {
  light: {
    style: import.meta.resolve("github-markdown-css/github-markdown-light.css"),
    mermaidTheme: "default",
    page: "#fff",
    border: "#d1d9e0",
    text: "#1f2328",
  },
  dark: {
    style: import.meta.resolve("github-markdown-css/github-markdown-dark.css"),
    mermaidTheme: "dark",
    page: "#0d1117",
    border: "#3d444d",
    text: "#f0f6fc",
  },
};

async function page(transcript: string, theme: "light" | "dark"): Promise<string> {
  const summary = transcript.slice(
    transcript.indexOf("--- SUMMARY ---\n") + "--- SUMMARY ---\n".length,
  );
  const { style, mermaidTheme, page, border, text } = themes[theme];
  return `<!doctype html>
<meta charset="utf-8">
<title></title>
<link rel="stylesheet" href="${style}">
<script src="${import.meta.resolve("@mermaid-js/tiny")}"></script>
<style>
  body { margin: 0; padding: 16px; background: ${page}; }
  .card { border: 1px solid ${border}; border-radius: 6px; overflow: hidden; }
  .card > header { padding: 12px 16px; border-bottom: 1px solid ${border}; font: 600 14px "Noto Sans", sans-serif; color: ${text}; }
  .markdown-body { padding: 16px 24px; font-family: "Noto Sans", "Liberation Sans", sans-serif, "Noto Color Emoji"; font-size: 14px; }
  .markdown-body pre.mermaid { background: none; padding: 0; text-align: center; }
  .markdown-alert-title svg { fill: currentColor; margin-right: 8px; }
</style>
<div class="card"><header>deploy summary</header><article class="markdown-body">${await marked.parse(summary)}</article></div>
<script>
  mermaid.initialize({ startOnLoad: false, theme: "${mermaidTheme}" });
  mermaid.run().finally(() => { document.title = Math.ceil(document.querySelector(".card").getBoundingClientRect().bottom + 16); });
</script>
`;
}

function list(): string {
  const root = join(import.meta.dirname, "..");
  return pictures
    .flatMap((picture) => {
      const transcript = transcriptOf(picture, root);
      return transcript === undefined ? [] : `${picture.name} ${transcript}\n`;
    })
    .join("");
}

const [what = "", theme = "light"] = argv.slice(2);
if (what === "list") stdout.write(list());
else stdout.write(await page(readFileSync(what, "utf8"), theme === "dark" ? "dark" : "light"));
