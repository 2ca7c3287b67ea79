// What is done to the text of an answer before it is read: delimiters and decoration go, separators that
// only group digits go, and a few phrases become signs.

/** Longer answers are not read at all. */
export const maxCharacters: number = 20_000;

/** An answer without its delimiters, decoration and final full stop. */
export function clean(text: string): string {
  if (/^-?\d{1,40}(?:\.\d{1,40})?$/.test(text)) return text;
  let cleaned = singleBackslashes(text)
    .replace(/[\u200b-\u200d\u2061-\u2064\ufeff]/g, "")
    .replace(/[！-～]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .trim();
  cleaned = withoutDelimiters(cleaned);
  cleaned = cleaned
    .replace(/\*\*/g, (stars, at: number) => (isPower(cleaned, at) ? stars : ""))
    .replace(/^(\*|__|_|`{1,3})(?=[^\s*_`])([^*_`\n]+)\1(?=[.,]?$)/, "$2");
  for (const [pattern, by] of spellings) cleaned = cleaned.replace(pattern, by);
  cleaned = groupedDigits(cleaned);
  cleaned = flippedBrackets(numbered(integerConditions(cleaned).replace(domain, "")));
  return trimmed(trimmed(cleaned).replace(remark, ""));
}

/** \\frac, escaped once too often, is \frac; in a matrix \\ ends a row. */
function singleBackslashes(text: string): string {
  return text.includes("begin{") ? text : text.replace(/\\\\(?=[a-zA-Z([])/g, "\\");
}

/** Ways to write signs and decoration that the tokenizer need not know. */
const spellings: readonly (readonly [RegExp, string])[] = [
  [
    /\\\\\s*$|\\(?:tag|label|[hv]?phantom)\s*\{[^{}]{0,40}\}|\\(?:text)?color\s*\{[^{}]{0,40}\}/g,
    "",
  ],
  [/<\/?[a-z]{1,10}>/gi, " "],
  [/^\s*(?:=>|⇒|→|\\(?:implies|[Rr]ightarrow)\b)/, ""],
  [/^either\s+/i, ""],
  [/^(?:negative|minus)\s+(?=\d)/i, "-"],
  [/(\d)(?:st|nd|rd|th)\b/g, "$1"],
  [/\s(?:or|which is) (?:approximately|about)\s/, " ≈ "],
  // Systems of equations
  [/\\left\s?\\\{(?=\s*\\begin)|\\begin\s?\{aligned\}|\\end\s?\{aligned\}/g, ""],
  [/&\s*=/g, "="],
  [/\\mathbb\s?\{?R\}?\s?[_^]\s?\{?\s?(?:\+|>\s?0)\s?\}?/g, "(0,∞)"],
  [/\\mathbb\s?\{?R\}?\s?_\s?\{\s?(?:\\ge(?:q|qslant)?|≥)\s?0\s?\}/g, "[0,∞)"],
  [/^(?:all )?reals?(?: numbers)?,? except(?: for)?\s+(?:[a-z]\s?=\s?)?(.{1,40})$/i, "ℝ∖\\{$1\\}"],
  [/\+\s?\/\s?[-−]/g, "±"],
  [/\{:\}|∶/g, ":"],
  // 4.5 x 10^-7
  [/(\d)\s?[xX]\s?(?=10\s?(?:\^|\*\*|[⁰-⁹⁻]))|(\d)\s+[xX]\s+(?=\d)/g, "$1$2×"],
  [/^(\d+)\s*(?:to|\\text\s?\{\s?to\s?\})\s*(\d+)$/, "$1:$2"],
  [/\\(?:text|mathrm)\s?\{([0-9A-F]+)\}(?=_)/g, "$1"],
  [/\^\s?\{?\s?\\prime\s?\\prime\s?\}?/g, "''"],
  [/\^\s?\{?\s?\\prime\s?\}?/g, "'"],
  // 3:30 p.m.
  [/(?<=\d\s*(?:\\text\s?\{\s*)?)([aApP])\.?\s?[mM]\b\.?/g, " $1m"],
  // \frac{\text{m}}{\text{s}}
  [
    /\\frac\s?\{\\(?:text|mathrm)\s?\{([^{}]*)\}\}\s?\{\\(?:text|mathrm)\s?\{([^{}]*)\}\}/g,
    "\\text{$1/$2}",
  ],
  // The unit vectors
  [/\\(?:mathbf|boldsymbol|bm)\s?\{\s?\\?([ijk])(?:math)?\s?\}/g, "\\hat{$1}"],
  // {}_{10}C_3
  [/(?<![\w}'])(?:\{\})?[_^]\{?(\w+)\}?\s*C_\{?(\w+)\}?/g, "\\binom{$1}{$2}"],
];

/** f(x) = x "for all real x". */
const domain = /(?<=\S)[\s,]*(?:\\text\s?\{\s*)?(?:for (?:all|any|every)\b|\\forall|∀)[^]{0,60}$/;

/** "12 (twelve)" and "1/2 (simplified)": a remark in words behind the answer. */
const remark =
  /(?<=\S)(?:\s\(|\s?\\text\s?\{\s?\()(?!(?:not|or|no|wrong)\b)[A-Za-z][A-Za-z ]{2,40}\)\}?$/;

/** ]0, 1[ is (0, 1). */
function flippedBrackets(text: string): string {
  if (!/^\s*(?:\\left\s?)?\]|\[\s*$/.test(text) || text.length > 500) return text;
  return text.replace(
    /([\][])([^\][]*[,;][^\][]*)([\][])/g,
    (_, open: string, inside: string, close: string) =>
      `${open === "]" ? "(" : "["}${inside}${close === "[" ? ")" : "]"}`,
  );
}

/** 2**3 is a power, **3** is bold. */
function isPower(text: string, at: number): boolean {
  return (
    /[\w)]/.test(text[at - 1] ?? "") && /[\w(-]/.test(text[at + 2] ?? "") && !text.startsWith("**")
  );
}

/** $…$, $$…$$, \(…\) and \[…\] go; a $ that is money stays. */
function withoutDelimiters(text: string): string {
  const bare = text.replace(/\\[()[\]](?!\s*\d+\s*(?:ex|pt|em|mm)\])/g, " ");
  const signs = bare.match(/(?<!\\)\$/g)?.length ?? 0;
  if (signs === 0) return bare;
  if (signs % 2 === 1 && signs < 3) return bare;
  // Two amounts, such as "$5 and $6", are no mathematics between them.
  const amounts = bare.match(/(?<!\\)\$\s?\d[\d,.]*(?=\s|$|[^\d$\\])/g)?.length ?? 0;
  if (signs === 2 && amounts === 2) return bare;
  return bare.replace(/(?<!\\)\$+/g, " ");
}

/** 1\,000, 1{,}000, 1,\!000 and 1 000 are one number each. */
function groupedDigits(text: string): string {
  const joined = text.replace(
    /(\d)\s?(?:\{\s?,\s?\}|,\s?\\!|\\!\s?,|\\,|\\ )\s?(?=\d{3}(?!\d))/g,
    "$1",
  );
  const spaced =
    /^([-+]?\s?(?:\\?\$\s?)?)(\d{1,3}(?:[ \u00a0\u202f]\d{3})+)((?:[.,]\d+)?\D*)$/.exec(joined);
  if (!spaced) return joined;
  return `${spaced[1]}${spaced[2]!.replace(/\D/g, "")}${spaced[3]}`;
}

/** "where k is any integer" becomes ", k ∈ ℤ". */
function integerConditions(text: string): string {
  if (!/integer/i.test(text) || text.length > 500) return text;
  return text.replace(
    /(?:\\text\s?\{)?[\s,(]{0,4}(?:where|for|with)?[\s}]{0,3}(?:any|all|some|every)?\s?(?:integers?\s(?:\}\s?)?([a-zA-Z])|([a-zA-Z])\s?(?:\\text\s?\{)?\s?(?:is|be|are|\\in)?\s?(?:any|an|some|arbitrary)?\s?(?:\\text\s?\{)?\s?integers?)\)?\}?\.?$/i,
    ", $1$2 ∈ ℤ",
  );
}

/** (a) 5 (b) 7, and the like with numbers, as a list of what is labelled so. */
function numbered(text: string): string {
  if (text.length > 1000) return text;
  const parts = text
    .replace(/\\text\s?\{\s*(\(?\w{1,3}\))\s*\}/g, " $1 ")
    .split(/(?:^|[\s,;.])(?:part\s)?\(?([a-f1-6]|i{1,3}|iv|vi?)\)[:\s]/i);
  const labels = parts.filter((_, at) => at % 2 === 1);
  const values = parts.filter((_, at) => at % 2 === 0).map((value) => trimmed(value));
  const list = labels.join(" ").toLowerCase();
  const isCounted = ["a b c d e f", "1 2 3 4 5 6", "i ii iii iv v vi"].some((all) =>
    all.startsWith(list),
  );
  if (labels.length < 2 || !isCounted || values.shift() !== "") return text;
  if (values.some((value) => !/^[-−+]?[\p{L}\d\\([{$√.]/u.test(value))) return text;
  return values
    .map((value, n) => `${list.startsWith("a") ? labels[n] : `L_{${n + 1}}`} = ${value}`)
    .join("; ");
}

/** Without white space, full stops and commas at the ends. */
function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && /[\s,;]/.test(text[start]!)) start++;
  while (end > start && /[\s.,;。]/.test(text[end - 1]!) && !text.slice(0, end).endsWith("..")) {
    // The space of "\ " belongs to its backslash.
    if (text[end - 2] === "\\" && text[end - 3] !== "\\") {
      end -= 2;
      continue;
    }
    end--;
  }
  return text.slice(start, end);
}
