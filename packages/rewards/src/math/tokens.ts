// The tokenizer for LaTeX and plain text alike. It runs once over the text, without regular expressions
// that could backtrack, and stops at a limit of tokens.

import { matchingBrace } from "../format/boxed.ts";
import { BudgetError, type Budget } from "./budget.ts";
import { decimal, fraction, sum, whole, type Rational } from "./rational.ts";
import { unitWords } from "./units.ts";
import {
  characterSigns,
  commandSigns,
  functionNames,
  greekLetters,
  greekOf,
  namedSets,
  proseWords,
  silentCommands,
  subscripts,
  superscripts,
  textCommands,
  vulgarFractions,
} from "./vocabulary.ts";

export type Token =
  | NumberToken
  /** A variable. */
  | { readonly type: "letter"; readonly text: string; readonly spaced: boolean }
  /** A function we know. */
  | { readonly type: "function"; readonly text: string; readonly spaced: boolean }
  /** A LaTeX command with a grammar of its own, such as frac. */
  | { readonly type: "command"; readonly text: string; readonly spaced: boolean }
  /** A word of prose or a unit. */
  | { readonly type: "word"; readonly text: string; readonly spaced: boolean }
  | { readonly type: "sign"; readonly text: string; readonly spaced: boolean };

export interface NumberToken {
  readonly type: "number";
  readonly text: string;
  readonly spaced: boolean;
  readonly value: Rational;
  readonly decimals?: number;
  readonly truncated?: boolean;
}

/** Which of two meanings a text may have is meant. */
export interface Reading {
  /** 1,234 is one number. */
  readonly thousands: boolean;
  /** 1,5 is one and a half. */
  readonly decimalComma?: boolean;
  /** 2e+1 is 2·e + 1. */
  readonly plainE?: boolean;
  /** A lone m, s, g… after a number and a space is a unit. */
  readonly unitLetters?: boolean;
}

/** Thrown at the sign where a text stops being mathematics that we can read. */
export class UnreadableError extends Error {
  constructor(sign: string) {
    super(`unexpected ${sign.slice(0, 30)}`);
  }
}

const maxTokens = 3000;
const maxDigits = 10_000;
const unitLetter = /^[msghLlNJWVCK]$/;
const environments =
  "begin end frac dfrac tfrac cfrac sfrac nicefrac sqrt binom dbinom tbinom choose sum prod";
const grammarCommands = new Set(
  `${environments} overline bar dot over pmod bmod mod mathbb not vec hat widehat overrightarrow`.split(
    " ",
  ),
);
const commaNumber = /\d{1,3}(?:,\d{3})+(?![\d])(?:\.\d+)?/y;
const decimalCommaNumber = /\d+,\d+/y;
const plainNumber = /\d+(?:\.\d+)?|\.\d+/y;
const exponentPart = /[eE][+-]?\d{1,5}(?![\d.])/y;
const repeatingPart = /\((\d{1,60})\)|\s*\\(?:overline|bar|dot)\s*\{?(\d{1,60})\}?/y;
/** .\overline{3}, looked at and not taken. */
const barAhead = /(?=\.\s?\\(?:overline|bar)\b)/y;
const ellipsis = /\s*(?:\.\.\.|…|\\l?dots|\\cdots)/y;
const otherBase = /([0-9A-Fa-f]{1,200})_\{?(1[1-6])(?!\d)\}?/y;
const bracketAhead = /(?=\s*(?:\\left\s*)?\\?[([{])/y;
const letters = /[A-Za-z]+/y;
const latin = /[A-Za-z]/;
const anyLetter = /^\p{L}/u;
const foreignLetters = /[\p{L}\p{M}]+/uy;

export function tokenize(text: string, reading: Reading, budget: Budget): Token[] {
  return new Tokenizer(text, reading, budget).all();
}

/** m/s^2, square feet: units and what stands between them. */
function isUnits(text: string): boolean {
  const words = text.match(/[A-Za-z]+/g) ?? [];
  return (
    /^[A-Za-z][\w\s/^{}·*.²³-]*$/.test(text) &&
    words.every(
      (word) => unitWords.has(word) || /^(?:per|sq|square|cubic|squared|cubed)$/.test(word),
    )
  );
}

class Tokenizer {
  readonly #tokens: Token[] = [];
  readonly #text: string;
  readonly #reading: Reading;
  readonly #budget: Budget;
  #at = 0;
  #spaced = false;
  /** Where a text of nothing but units ends. */
  #unitsEnd = 0;
  /** A closing brace whose opening one was skipped. */
  #skippedBrace = -1;

  constructor(text: string, reading: Reading, budget: Budget) {
    this.#text = text;
    this.#reading = reading;
    this.#budget = budget;
  }

  all(): Token[] {
    while (this.#at < this.#text.length) {
      this.#budget.spend();
      if (this.#tokens.length > maxTokens) throw new BudgetError(`more than ${maxTokens} tokens`);
      this.#next();
    }
    return this.#tokens;
  }

  #push(type: Exclude<Token["type"], "number">, text: string): void {
    this.#tokens.push({ type, text, spaced: this.#spaced });
    this.#spaced = false;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }

  #next(): void {
    const character = this.#text[this.#at]!;
    if (character <= " " || character === "~" || character === "\u00a0" || character === "\u202f") {
      this.#at++;
      this.#spaced = true;
    } else if (this.#at === this.#skippedBrace) this.#at++;
    else if (character === "\\") {
      this.#at++;
      this.#command();
    } else if (
      (character >= "0" && character <= "9") ||
      (character === "." && (this.#isDigit(this.#at + 1) || this.#match(barAhead)))
    ) {
      this.#number();
    } else if (latin.test(character)) {
      this.#letters();
    } else this.#sign(character);
  }

  #isDigit(at: number): boolean {
    const character = this.#text[at];
    return character !== undefined && character >= "0" && character <= "9";
  }

  #number(): void {
    const based = this.#match(otherBase);
    if (based) return this.#basedNumber(based[1]!, Number(based[2]));
    const grouped = this.#reading.thousands ? this.#match(commaNumber) : null;
    const comma = !grouped && this.#reading.decimalComma ? this.#match(decimalCommaNumber) : null;
    const literal = comma
      ? comma[0].replace(",", ".")
      : (grouped?.[0].replaceAll(",", "") ?? this.#match(plainNumber)?.[0] ?? "");
    if (literal.length > maxDigits) throw new BudgetError(`a number of ${literal.length} digits`);
    this.#budget.spend(literal.length / 8);
    const [integer = "", decimals] = literal.split(".");
    // "3." before \overline or "(" begins a repeating decimal.
    const open = decimals === undefined && this.#text[this.#at] === ".";
    const start = this.#at;
    if (open) this.#at++;
    const repeated = decimals !== undefined || open ? this.#match(repeatingPart) : null;
    if (repeated) return this.#repeating(integer, decimals ?? "", repeated[1] ?? repeated[2]!);
    this.#at = start;
    if (decimals !== undefined && this.#match(ellipsis)) return this.#truncated(integer, decimals);
    this.#pushNumber(this.#scaled(decimal(integer, decimals ?? "")), literal, decimals?.length);
  }

  #pushNumber(value: Rational, text: string, decimals?: number, truncated?: boolean): void {
    this.#tokens.push({ type: "number", text, spaced: this.#spaced, value, decimals, truncated });
    this.#spaced = false;
  }

  #scaled(value: Rational): Rational {
    const exponent = this.#reading.plainE ? null : this.#match(exponentPart);
    if (!exponent) return value;
    const places = Number(exponent[0].slice(1));
    if (Math.abs(places) > maxDigits) throw new BudgetError("an exponent beyond 10^10000");
    const scale = 10n ** BigInt(Math.abs(places));
    return places >= 0 ? fraction(value.n * scale, value.d)! : fraction(value.n, value.d * scale)!;
  }

  #basedNumber(digits: string, base: number): void {
    let value = 0n;
    for (const digit of digits) {
      const worth = Number.parseInt(digit, 16);
      if (worth >= base) throw new UnreadableError(digit);
      value = value * BigInt(base) + BigInt(worth);
    }
    this.#pushNumber(whole(value), digits);
  }

  #repeating(integer: string, decimals: string, block: string): void {
    const tail = fraction(
      BigInt(block),
      (10n ** BigInt(block.length) - 1n) * 10n ** BigInt(decimals.length),
    )!;
    this.#pushNumber(sum(decimal(integer, decimals), tail), `${integer}.${decimals}(${block})`);
  }

  /** 0.333… repeats; 3.14159… is cut off. */
  #truncated(integer: string, decimals: string): void {
    for (let length = 1; length * 2 <= decimals.length; length++) {
      const block = decimals.slice(-length);
      const times = length === 1 ? 3 : 2;
      if (!decimals.endsWith(block.repeat(times))) continue;
      let head = decimals;
      while (head.endsWith(block)) head = head.slice(0, -length);
      return this.#repeating(integer, head, block);
    }
    this.#pushNumber(decimal(integer, decimals), `${integer}.${decimals}…`, decimals.length, true);
  }

  #letters(): void {
    const afterNumber = this.#tokens.at(-1)?.type === "number";
    const based = this.#match(otherBase);
    if (based) return this.#basedNumber(based[1]!, Number(based[2]));
    const run = this.#match(letters)![0];
    this.#budget.spend(run.length / 4);
    this.#word(run, afterNumber);
  }

  #word(run: string, afterNumber: boolean): void {
    const lower = run.toLowerCase();
    if (this.#at <= this.#unitsEnd) return this.#push("word", run);
    const spacedUnit =
      this.#reading.unitLetters && afterNumber && unitLetter.test(run) && this.#endsUnit();
    if (spacedUnit) this.#push("word", run);
    else if (run === "U" && this.#isBetweenSets()) this.#push("sign", "∪");
    else if (run.length === 1) this.#push("letter", run);
    else if (lower === "and" || lower === "or") this.#push("sign", lower);
    else if (/^(?:and|or)[A-Z]$/.test(run)) {
      this.#push("sign", run.slice(0, -1));
      this.#push("letter", run.at(-1)!);
    } else if (lower === "pi") this.#push("letter", "pi");
    else if (["inf", "infty", "infinity", "oo"].includes(lower)) this.#push("sign", "∞");
    else if (run === "min" && afterNumber) this.#push("word", run);
    else if (functionNames.has(run)) this.#push("function", functionNames.get(run)!);
    else if (functionNames.has(lower) && run.length > 2)
      this.#push("function", functionNames.get(lower)!);
    else if (greekLetters.has(run)) this.#push("letter", run);
    else if (run === "binom" || run === "mod" || run === "choose") this.#push("command", run);
    else if (lower === "union") this.#push("sign", "∪");
    else if (run === "in" && !afterNumber) this.#push("sign", "∈");
    else if (lower.startsWith("pi") && run.length === 3) {
      this.#push("letter", "pi");
      this.#push("letter", run[2]!);
    } else if (run.length < 4 && /[\^_]/.test(this.#text[this.#at] ?? " ") && !unitWords.has(run)) {
      // Be^{-x} is a product.
      for (const letter of run) this.#push("letter", letter);
    } else if (
      run.length > 3 ||
      (proseWords.has(lower) && run !== run.toUpperCase()) ||
      unitWords.has(run) ||
      unitWords.has(lower)
    ) {
      this.#push("word", run);
    } else for (const letter of run) this.#push("letter", letter);
  }

  /** (1, 2) U (3, 4) */
  #isBetweenSets(): boolean {
    return (
      /^(?:\)|\]|\\?\})$/.test(this.#tokens.at(-1)?.text ?? "") &&
      this.#match(bracketAhead) !== null
    );
  }

  /** 5 m, or 5m². */
  #endsUnit(): boolean {
    return this.#spaced || "²³".includes(this.#text[this.#at] ?? " ");
  }

  #sign(character: string): void {
    const symbol = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    if (superscripts.has(symbol)) return this.#script("^", superscripts);
    if (subscripts.has(symbol)) return this.#script("_", subscripts);
    if (anyLetter.test(symbol)) return this.#foreign(symbol);
    this.#at += symbol.length;
    const vulgar = vulgarFractions.get(symbol);
    if (vulgar) {
      const [n, d] = vulgar.split("/");
      this.#pushNumber(fraction(BigInt(n!), BigInt(d!))!, "½");
    } else if (symbol === "√" || symbol === "∛") {
      this.#push("function", symbol === "√" ? "sqrt" : "cbrt");
    } else if (symbol === "⩵") this.#push("sign", "=");
    else this.#operator(characterSigns.get(symbol) ?? character);
  }

  #operator(sign: string): void {
    const next = this.#text[this.#at];
    if (next === "=" && (sign === "<" || sign === ">" || sign === "!" || sign === "=")) {
      this.#at++;
      this.#push("sign", { "<": "≤", ">": "≥", "!": "≠", "=": "=" }[sign]);
    } else if (sign === "*" && next === "*") {
      this.#at++;
      this.#push("sign", "^");
    } else if (sign === "." && this.#text.startsWith("..", this.#at)) {
      this.#at += 2;
      this.#push("sign", "…");
    } else if (sign === "+" && next === "-") {
      this.#at++;
      this.#push("sign", "±");
    } else this.#push("sign", sign);
  }

  /** x² and x₁. */
  #script(sign: "^" | "_", digits: ReadonlyMap<string, string>): void {
    this.#push("sign", sign);
    this.#push("sign", "{");
    let inside = "";
    for (let digit = digits.get(this.#text[this.#at]!); digit !== undefined;) {
      inside += digit;
      digit = digits.get(this.#text[++this.#at] ?? "");
    }
    const minus = inside.startsWith("-");
    if (minus) this.#push("sign", "-");
    const bare = inside.replace(/[-+]/g, "");
    if (bare === "n") this.#push("letter", "n");
    else if (/^\d{1,9}$/.test(bare)) this.#pushNumber(whole(Number(bare)), bare);
    else throw new UnreadableError(sign);
    this.#push("sign", "}");
  }

  #foreign(symbol: string): void {
    const greek = greekOf.get(symbol);
    const named = namedSets.get(symbol);
    if (greek !== undefined || named !== undefined) {
      this.#at += symbol.length;
      this.#push(greek === undefined ? "command" : "letter", greek ?? `set:${named}`);
      return;
    }
    const word = this.#match(foreignLetters);
    if (!word) throw new UnreadableError(symbol);
    this.#push("word", word[0]);
  }

  #command(): void {
    const named = this.#match(letters);
    if (!named) {
      const character = this.#text[this.#at++] ?? "";
      if (character === "\\") this.#push("sign", "\\\\");
      else if (character === "{" || character === "}") this.#push("sign", `\\${character}`);
      else if (character === "|") this.#push("sign", "|");
      else if ("%$&#_".includes(character) && character) this.#push("sign", character);
      else this.#spaced = true;
      return;
    }
    this.#named(named[0]);
  }

  #named(name: string): void {
    const sign = commandSigns.get(name);
    if (sign !== undefined) this.#push("sign", sign);
    else if (silentCommands.test(name)) {
      // \left. and \right. are empty brackets.
      if ((name === "left" || name === "right") && this.#text[this.#at] === ".") this.#at++;
      this.#spaced = true;
    } else if (textCommands.has(name)) this.#textCommand(name);
    else if (name === "pi" || greekLetters.has(name)) this.#push("letter", name);
    else if (grammarCommands.has(name)) this.#push("command", name);
    else if (functionNames.has(name)) this.#push("function", functionNames.get(name)!);
    // A command that ran into a letter, such as \quadx.
    else if (name.startsWith("quad")) {
      this.#at -= name.length - 4;
    } else throw new UnreadableError(`\\${name}`);
  }

  /** The words in \text{…}; what is no word in it is read as usual. */
  #textCommand(name: string): void {
    if (name === "operatorname" && this.#text[this.#at] === "*") this.#at++;
    while (this.#text[this.#at] === " ") this.#at++;
    if (this.#text[this.#at] !== "{") return;
    // No further than words go: a text of nothing but \text{ would be searched again and again.
    const ahead = this.#text.slice(this.#at, this.#at + 300);
    const end = this.#at + (matchingBrace(ahead, 0) ?? ahead.length);
    const inside = this.#text.slice(this.#at + 1, end).trim();
    const afterNumber = this.#tokens.at(-1)?.type === "number" || this.#tokens.at(-1)?.text === "}";
    if (!/^[A-Za-z]+\.?$/.test(inside)) {
      if (!/[^\s.,;:!]/.test(inside)) this.#at = end + 1;
      else if (afterNumber && isUnits(inside)) this.#unitsEnd = end;
      else if (afterNumber && /^[A-Za-z\s]+$/.test(inside)) {
        // Words, as if they stood without braces.
        this.#at++;
        this.#skippedBrace = end;
      }
      return;
    }
    this.#at = end + 1;
    this.#spaced = true;
    const word = inside.replace(".", "");
    // Upright d, e and i are the mathematical ones; in \text a letter after a number is a unit.
    const isUnit =
      word.length === 1 && afterNumber && name !== "operatorname" && !/[eid]/.test(word);
    if (isUnit) this.#push("word", word);
    else if (word.length > 1 && name !== "mathrm" && name !== "operatorname")
      this.#textWord(word, afterNumber);
    else this.#word(word, afterNumber);
  }

  /** A word in \text is not a product of its letters. */
  #textWord(word: string, afterNumber: boolean): void {
    const lower = word.toLowerCase();
    if (lower === "and" || lower === "or") this.#push("sign", lower);
    else if (functionNames.has(lower) && lower.length > 2) this.#word(word, afterNumber);
    else this.#push("word", word);
  }
}
