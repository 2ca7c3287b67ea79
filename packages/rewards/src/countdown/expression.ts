// Arithmetic over whole numbers with + − × ÷ and brackets, read and computed with exact fractions: no eval,
// no rounding, bounded length and depth.

import { negative, product, quotient, sum, whole, type Rational } from "../math/rational.ts";

export interface Arithmetic {
  readonly value: Rational;
  /** The numbers as they stand, in order. */
  readonly numbers: readonly bigint[];
}

const maxCharacters = 1000;
const maxDigits = 30;
const maxDepth = 100;

/** The value and the numbers of an expression, or why it cannot be read, in words. */
export function readArithmetic(text: string): Arithmetic | string {
  if (text.length > maxCharacters) return `longer than ${maxCharacters} characters`;
  const reader = new Reader(text);
  try {
    const value = reader.sum(0);
    reader.end();
    return { value, numbers: reader.numbers };
  } catch (error) {
    if (error instanceof UnreadableError) return error.message;
    throw error;
  }
}

class UnreadableError extends Error {}

const signs: Readonly<Record<string, string>> = {
  "×": "*",
  "·": "*",
  "÷": "/",
  "−": "-",
  "–": "-",
};

class Reader {
  readonly numbers: bigint[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text.replace(/[×·÷−–]/g, (sign) => signs[sign]!);
  }

  sum(depth: number): Rational {
    let value = this.#product(depth);
    for (let sign = this.#take("+-"); sign; sign = this.#take("+-")) {
      const right = this.#product(depth);
      value = sum(value, sign === "+" ? right : negative(right));
    }
    return value;
  }

  end(): void {
    if (this.#peek() !== undefined) throw this.#unexpected();
  }

  #product(depth: number): Rational {
    let value = this.#factor(depth);
    for (let sign = this.#take("*/"); sign; sign = this.#take("*/")) {
      const right = this.#factor(depth);
      const next = sign === "*" ? product(value, right) : quotient(value, right);
      if (next === undefined) throw new UnreadableError("division by zero");
      value = next;
    }
    return value;
  }

  #factor(depth: number): Rational {
    if (depth > maxDepth) throw new UnreadableError(`deeper than ${maxDepth} brackets`);
    if (this.#take("-")) return negative(this.#factor(depth + 1));
    if (this.#take("(")) {
      const value = this.sum(depth + 1);
      if (!this.#take(")")) throw this.#unexpected("a closing bracket");
      return value;
    }
    const start = this.#skipSpace();
    while (/[0-9]/.test(this.#text[this.#at] ?? "")) this.#at++;
    const digits = this.#text.slice(start, this.#at);
    if (digits === "") throw this.#unexpected("a number");
    if (digits.length > maxDigits) throw new UnreadableError(`a number of ${digits.length} digits`);
    const number = BigInt(digits);
    this.numbers.push(number);
    return whole(number);
  }

  #skipSpace(): number {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
    return this.#at;
  }

  #peek(): string | undefined {
    return this.#text[this.#skipSpace()];
  }

  #take(characters: string): string | undefined {
    const next = this.#peek();
    if (next === undefined || !characters.includes(next)) return undefined;
    this.#at++;
    return next;
  }

  #unexpected(wanted = "an operator"): UnreadableError {
    return new UnreadableError(`expected ${wanted}, got ${this.#peek() ?? "the end"}`);
  }
}
