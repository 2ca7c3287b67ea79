// The words of LaTeX and of plain text that mean something to the reader.

type Table = ReadonlyMap<string, string>;

function table(...entries: readonly (readonly [string, string])[]): Table {
  return new Map(
    entries.flatMap(([names, meaning]) => names.split(" ").map((name) => [name, meaning] as const)),
  );
}

/** LaTeX commands that stand for a sign. */
export const commandSigns: Table = table(
  ["cdot times ast bullet", "*"],
  ["div", "/"],
  ["le leq leqslant leqq", "≤"],
  ["ge geq geqslant geqq", "≥"],
  ["lt", "<"],
  ["gt", ">"],
  ["ne neq", "≠"],
  ["pm", "±"],
  ["mp", "∓"],
  ["cup bigcup", "∪"],
  ["cap bigcap", "∩"],
  ["setminus smallsetminus backslash", "∖"],
  ["in", "∈"],
  ["notin", "∉"],
  ["approx thickapprox simeq cong doteq", "≈"],
  ["equiv", "≡"],
  ["circ degree", "°"],
  ["ldots dots cdots dotsc", "…"],
  ["mid vert lvert rvert", "|"],
  ["lbrace", "\\{"],
  ["rbrace", "\\}"],
  ["langle", "⟨"],
  ["rangle", "⟩"],
  ["lfloor", "⌊"],
  ["rfloor", "⌋"],
  ["lceil", "⌈"],
  ["rceil", "⌉"],
  ["prime", "'"],
  ["land wedge", "and"],
  ["lor vee", "or"],
  ["colon", ":"],
  ["lbrack", "["],
  ["rbrack", "]"],
  ["pounds", "£"],
  ["euro", "€"],
  ["yen", "¥"],
  ["emptyset varnothing", "∅"],
  ["infty", "∞"],
  ["to rightarrow longrightarrow Rightarrow implies", "→"],
);

/** Unicode characters that stand for a sign or a letter of ours. */
export const characterSigns: Table = table(
  ["· × ∙ ⋅ ∗ •", "*"],
  ["÷ ∕ ⁄", "/"],
  ["− – — ‑ ﹣", "-"],
  ["⩽ ≦", "≤"],
  ["⩾ ≧", "≥"],
  ["∞", "∞"],
  ["∣", "|"],
  ["º ˚", "°"],
  ["′ ’ ʹ", "'"],
  ["、", ","],
  ["〈 ⟨", "⟨"],
  ["〉 ⟩", "⟩"],
  ["Ø ∅ ⌀", "∅"],
  ["∨", "or"],
  ["∧", "and"],
  ["∖ ⧵", "∖"],
  ["≃ ≅", "≈"],
  ["→ ⇒", "→"],
);

/** Commands without a meaning of their own, or that only dress what is in their braces. */
export const silentCommands: RegExp =
  /^(?:[bB]igg?[lmr]?|bold\w*|bm|pmb|math(?!rm|bb)\w*|large|huge|tiny|small|left|right|middle|q?quad|strut|hfill|hline|rm|bf|it|sf|tt|cal|fbox|boxed|framebox|ensuremath|displaylines|underline|cancel|checkmark|qed|\w*(?:space|style|size|limits|break|square))$/i;

/** Commands whose braces hold words. */
export const textCommands: ReadonlySet<string> = new Set(
  "text textbf textit textrm textnormal textsf texttt mbox hbox mathrm operatorname emph".split(
    " ",
  ),
);

/** Functions of one argument that we evaluate, with their other names. */
export const functionNames: Table = table(
  ...(
    "sin cos tan cot sec csc sinh cosh tanh coth sech csch arcsin arccos arctan arccot arcsec arccsc " +
    "arcsinh arccosh arctanh ln exp cis sqrt cbrt abs floor ceil det gcd lcm max min log lg Re Im arg sgn"
  )
    .split(" ")
    .map((name) => [name, name] as const),
  ["asin", "arcsin"],
  ["acos", "arccos"],
  ["atan arctg", "arctan"],
  ["tg", "tan"],
  ["ctg cotan", "cot"],
  ["cosec", "csc"],
  ["asinh arsinh", "arcsinh"],
  ["acosh arcosh", "arccosh"],
  ["atanh artanh", "arctanh"],
  ["ceiling", "ceil"],
  ["sign", "sgn"],
);

const greekCharacters = "αβγδεζηθικλμνξοπρστυφχψω";
const greekNames =
  "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau " +
  "upsilon phi chi psi omega";

export const greekLetters: ReadonlySet<string> = new Set(
  (
    greekNames +
    ` ${greekNames}`.replace(/ ./g, (first) => first.toUpperCase()) +
    " varepsilon vartheta varrho varsigma varphi " +
    "ell hbar angle triangle partial nabla imath jmath"
  ).split(" "),
);

/** Greek letters typed as such. */
export const greekOf: Table = table(
  ...greekNames.split(" ").map((name, at) => [greekCharacters[at]!, name] as const),
  ["Δ", "Delta"],
  ["Ω", "Omega"],
  ["Σ", "Sigma"],
  ["Π", "Pi"],
  ["ϕ", "phi"],
  ["ϵ", "epsilon"],
  ["ℓ", "ell"],
);

/** Characters that Unicode takes apart: ² is 2, ₂ is 2, ½ is 1/2. */
function scripts(characters: string): Table {
  return new Map(
    [...characters].map((each) => [
      each,
      each.normalize("NFKC").replace("−", "-").replace("⁄", "/"),
    ]),
  );
}

export const superscripts: Table = scripts("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ");
export const subscripts: Table = scripts("₀₁₂₃₄₅₆₇₈₉");
export const vulgarFractions: Table = scripts("½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞");

/** Short words of prose, which are never a product of their letters. */
export const proseWords: ReadonlySet<string> = new Set(
  (
    "is are the of to if for all in on at by as an be it so no yes not has was any per its and or " +
    "true false odd none am pm pct even one two six ten new now via sq"
  ).split(" "),
);

/** Number words below a hundred. */
export const numerals: ReadonlyMap<string, number> = new Map(
  (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen " +
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
  )
    .split(" ")
    .map((word, at) => [word, at <= 20 ? at : (at - 18) * 10]),
);

export const namedSets: ReadonlyMap<string, "R" | "Q" | "Z" | "N" | "C"> = new Map([
  ["R", "R"],
  ["Q", "Q"],
  ["Z", "Z"],
  ["N", "N"],
  ["C", "C"],
  ["ℝ", "R"],
  ["ℚ", "Q"],
  ["ℤ", "Z"],
  ["ℕ", "N"],
  ["ℂ", "C"],
]);
