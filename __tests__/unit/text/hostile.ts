// Texts that want to break out: what containers, builds and AWS could say, by chance or by intent.

const pieces = [
  "|",
  "||",
  "\\|",
  "\\",
  "`",
  "```",
  "````",
  "~~~",
  "~~",
  "<script>alert(1)</script>",
  "</details>",
  "</summary>",
  "<!--",
  "-->",
  "<br>",
  "<https://example.com>",
  "https://example.com/a_b*c?d=e&f=g",
  "&lt;",
  "&#124;",
  "&",
  "\n",
  "\r\n",
  "\t",
  "\n\n",
  "    ",
  "# ",
  "> ",
  "- ",
  "1. ",
  "===",
  "---",
  "***",
  "__",
  "_a_",
  "*b*",
  "[x](javascript:alert(1))",
  "![x](y)",
  "[x]: y",
  "[^1]",
  "$a$",
  "$$",
  ":key:",
  "arn:aws:secretsmanager:us-east-1:123456789012:secret:db:password::",
  "@octocat",
  "::error::x",
  "##[error]x",
  "\u001b[31m",
  "\u0000",
  "\u0085",
  "\u2028",
  "\u202e",
  "\ud800",
  "😀",
  "%%",
  "%{init: {}}%",
  ";",
  ":",
  '"',
  "'",
  "#",
  ",",
  "{}",
  "word",
  "exit 1",
  "ünïcode",
  "done",
  "section",
  "click",
  "x".repeat(300),
];

/** `count` texts of up to `length` pieces each; the same ones in every run. */
export function hostileTexts(count: number, length = 8): readonly string[] {
  const random = numbers(42);
  const some = () => pieces[Math.floor(random() * pieces.length)] ?? "";
  return [
    ...pieces,
    ...Array.from({ length: count }, () =>
      Array.from({ length: 1 + Math.floor(random() * length) }, some).join(""),
    ),
  ];
}

/** mulberry32 */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
