// Reads operands: numbers and mixed numbers, letters, calls of functions, labels in words, what stands
// between bars.

import { product, type Node } from "./ast.ts";
import { CommandReader, isFraction } from "./commands.ts";
import { compare, fraction, one, sum, whole, zero } from "./rational.ts";
import type { Token } from "./tokens.ts";

/** A letter before a bracket that is a function and not a factor. */
const functionLetters = /^(?:[fg]|phi|psi)'*⁻?¹?$/;
/** A letter that is a function where its bracket holds one variable or whole number. */
const sometimesFunctions = /^[hpquvwFGHPQTW]$/;

export abstract class OperandReader extends CommandReader {
  protected abstract power(): Node;
  protected abstract exponent(): Node;
  /** Whether what comes is a factor of a product without a sign: 2x, 3(4). */
  protected abstract startsFactor(): boolean;

  protected override atom(): Node {
    const token = this.token;
    if (token === undefined) throw this.unreadable();
    switch (token.type) {
      case "number":
        return this.#number();
      case "letter":
        this.at++;
        return this.#letter(token.text);
      case "function":
        if (this.#labelEnd() >= 0) return this.#wordLabel();
        this.at++;
        return this.#function(token.text);
      case "command":
        this.at++;
        return this.command(token.text);
      case "word":
        return this.#wordLabel();
      case "sign":
        return this.#sign(token.text);
    }
  }

  /** Where the equals sign stands that follows words only; -1 if there is none. */
  #labelEnd(): number {
    let at = this.at;
    while (at < this.at + 8 && /^(?:word|function)$/.test(this.tokens[at]?.type ?? "")) at++;
    return this.tokens[at]?.text === "=" ? at : -1;
  }

  /** The words of "total area = 12". */
  #wordLabel(): Node {
    const end = this.#labelEnd();
    if (end < 0) throw this.unreadable();
    const words = this.tokens.slice(this.at, end).map(({ text }) => text.toLowerCase());
    this.at = end;
    return { kind: "symbol", name: `the ${words.join(" ")}` };
  }

  #sign(text: string): Node {
    if (text === "|") return this.#bars();
    if (text === "⌊" || text === "⌈") {
      this.at++;
      const value = this.nested(() => this.sum());
      this.expect(text === "⌊" ? "⌋" : "⌉");
      return { kind: "call", name: text === "⌊" ? "floor" : "ceil", args: [value] };
    }
    if (text === "∞") {
      this.at++;
      return { kind: "constant", name: "infinity" };
    }
    if (text === "…") {
      this.at++;
      return { kind: "symbol", name: "…" };
    }
    return this.nested(() => this.bracketed());
  }

  #bars(): Node {
    this.expect("|");
    const double = this.take("|");
    const outer = this.barEnds;
    this.barEnds = true;
    const value = this.nested(() => this.sum());
    this.barEnds = outer;
    this.expect("|");
    if (double) this.expect("|");
    return { kind: "call", name: "abs", args: [value] };
  }

  #number(): Node {
    const token = this.token as Extract<Token, { type: "number" }>;
    this.at++;
    const { value, decimals, truncated } = token;
    const node: Node = { kind: "number", value, decimals, truncated };
    const isWhole = decimals === undefined && value.d === 1n;
    return isWhole ? (this.#mixed(value.n) ?? node) : node;
  }

  /** 1\frac{4}{5}, 1 4/5 and 1½ are sums; the fraction must be a proper one of whole numbers. */
  #mixed(integer: bigint): Node | undefined {
    const start = this.at;
    const next = this.token;
    if (next?.type === "number" && next.text === "½") {
      this.at++;
      return { kind: "number", value: sum(whole(integer), next.value) };
    }
    let parts: [Node, Node] | undefined;
    if (next?.type === "command" && isFraction.test(next.text)) {
      const [first, second] = [this.tokens[start + 1], this.tokens[start + 2]];
      // Only digits in the braces: look before reading.
      const digits = first?.type === "number" || (first?.text === "{" && second?.type === "number");
      if (!digits) return undefined;
      const saved = this.tokens[start + 1]!;
      this.at++;
      parts = [this.argument(), this.argument()];
      if (!isProper(parts)) this.tokens[start + 1] = saved;
    } else if (next?.type === "number" && next.spaced && this.is("/", 1)) {
      const bottom = this.tokens[start + 2];
      if (bottom?.type !== "number") return undefined;
      this.at += 3;
      parts = [
        { kind: "number", value: next.value },
        { kind: "number", value: bottom.value },
      ];
    }
    if (parts && isProper(parts)) {
      const value = fraction(parts[0].value.n, parts[1].value.n)!;
      return { kind: "number", value: sum(whole(integer), value) };
    }
    this.at = start;
    return undefined;
  }

  #letter(name: string): Node {
    if (name === "pi") return { kind: "constant", name: "pi" };
    while (this.is("'")) {
      this.at++;
      name += "'";
    }
    if (functionLetters.test(name) && this.#isInverse()) {
      this.at += 5;
      name += "⁻¹";
    }
    const called = this.is("(") && !this.token!.spaced && this.#isCall(name);
    if (called) {
      const inside = this.nested(() => this.bracketed());
      const args = inside.kind === "tuple" ? inside.items : [inside];
      return { kind: "call", name, args };
    }
    if (name === "i" || name === "e") return { kind: "constant", name };
    if (name === "imath" || name === "jmath") return { kind: "constant", name: "i" };
    return { kind: "symbol", name };
  }

  /** The ^{-1} of f^{-1}(x). */
  #isInverse(): boolean {
    return ["^", "{", "-", "1", "}", "("].every(
      (text, at) => this.tokens[this.at + at]?.text === text,
    );
  }

  #isCall(name: string): boolean {
    if (functionLetters.test(name)) return true;
    const inside = this.tokens[this.at + 1];
    const single = inside?.type === "letter" || inside?.type === "number";
    return single && this.is(")", 2) && sometimesFunctions.test(name);
  }

  #function(name: string): Node {
    let exponent: Node | undefined;
    let base: Node | undefined;
    let derivative = name;
    for (;;) {
      if (exponent === undefined && this.is("^") && !this.isDegree(1)) {
        this.at++;
        exponent = this.nested(() => this.exponent());
      } else if (base === undefined && this.is("_")) {
        this.at++;
        base = this.nested(() => this.argument());
      } else break;
    }
    const inverse = exponent !== undefined && isMinusOne(exponent) && isTrigonometric(name);
    if (inverse) derivative = `arc${name}`;
    if (name === "sqrt" && this.is("[")) base = this.optional();
    const args = this.#functionArguments(name);
    const call: Node = { kind: "call", name: derivative, args: base ? [...args, base] : args };
    return exponent && !inverse ? { kind: "power", base: call, exponent } : call;
  }

  #functionArguments(name: string): readonly Node[] {
    if (this.is("(") || this.is("{") || this.is("\\{")) {
      const inside = this.is("{") ? this.braced() : this.nested(() => this.bracketed());
      const isSeveral = inside.kind === "tuple" || inside.kind === "list" || inside.kind === "set";
      return isSeveral ? inside.items : [inside];
    }
    if (name === "sqrt" || name === "cbrt") return [this.nested(() => this.atom())];
    // sin 2x cos y: the argument ends before the next function.
    return this.nested(() => {
      const factors = [this.power()];
      for (;;) {
        this.budget.spend();
        const token = this.token;
        const isNext = token?.type === "function" || this.is("(");
        if (isNext || !this.startsFactor()) return [product(factors)];
        factors.push(this.power());
      }
    });
  }

  /** ^\circ or ^{\circ}. */
  protected isDegree(ahead: number): boolean {
    return this.is("°", ahead) || (this.is("{", ahead) && this.is("°", ahead + 1));
  }
}

type NumberOnly = Extract<Node, { kind: "number" }>;

function isProper(parts: [Node, Node]): parts is [NumberOnly, NumberOnly] {
  const [top, bottom] = parts;
  if (top.kind !== "number" || bottom.kind !== "number") return false;
  const isWhole = top.value.d === 1n && bottom.value.d === 1n;
  return isWhole && compare(top.value, zero) > 0 && compare(top.value, bottom.value) < 0;
}

function isMinusOne(node: Node): boolean {
  if (node.kind !== "negate" || node.value.kind !== "number") return false;
  return compare(node.value.value, one) === 0;
}

function isTrigonometric(name: string): boolean {
  return /^(?:sin|cos|tan|cot|sec|csc|sinh|cosh|tanh)$/.test(name);
}
