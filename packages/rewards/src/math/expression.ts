// Reads an expression: sums, products (written or not), powers, roots, functions. Recursive descent with a
// limit on depth; what stands in brackets is read by the answer reader, which knows lists and intervals.

import { contains, rewrite, type Node } from "./ast.ts";
import { BudgetError, type Budget } from "./budget.ts";
import { compare, fraction, one, sum, whole, zero } from "./rational.ts";
import { UnreadableError, type Token } from "./tokens.ts";
import { numerals } from "./vocabulary.ts";

const maxDepth = 120;
/** A letter before a bracket that is a function and not a factor. */
const functionLetters = /^(?:[fg]|phi|psi)'*⁻?¹?$/;
/** A letter that is a function where its bracket holds one variable or whole number. */
const sometimesFunctions = /^[hpquvwFGHPQTW]$/;

const isFraction = /^(?:[dtcs]|nice)?frac$/;

export const numberOf = (n: number): Node => ({ kind: "number", value: whole(n) });

export abstract class ExpressionReader {
  protected readonly tokens: Token[];
  protected readonly budget: Budget;
  protected at = 0;
  /** Inside |…| or {x | …} a bar ends the expression. */
  protected barEnds = false;
  #depth = 0;

  constructor(tokens: Token[], budget: Budget) {
    this.tokens = tokens;
    this.budget = budget;
  }

  /** What stands between brackets, and the brackets. */
  protected abstract bracketed(): Node;
  /** Everything that may stand in braces. */
  protected abstract whole(): Node;

  protected get token(): Token | undefined {
    return this.tokens[this.at];
  }

  protected is(text: string, ahead = 0): boolean {
    const token = this.tokens[this.at + ahead];
    return token !== undefined && token.type === "sign" && token.text === text;
  }

  protected take(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  /** Takes a sign that must come; a closing brace may be missing at the very end. */
  protected expect(text: string): void {
    const isForgotten = text === "}" && this.token === undefined;
    if (!isForgotten && !this.take(text)) throw this.unreadable();
  }

  protected unreadable(): UnreadableError {
    return new UnreadableError(this.token?.text ?? "end");
  }

  protected nested<T>(read: () => T): T {
    this.budget.spend();
    if (++this.#depth > maxDepth) throw new BudgetError(`brackets nested deeper than ${maxDepth}`);
    const result = read();
    this.#depth--;
    return result;
  }

  protected sum(): Node {
    return this.nested(() => {
      const terms: Node[] = [this.#signed()];
      for (;;) {
        if (this.take("+")) terms.push(this.term());
        else if (this.take("-")) terms.push({ kind: "negate", value: this.term() });
        else if (this.is("±") || this.is("∓")) terms.push(this.#plusMinus());
        else break;
      }
      return terms.length === 1 ? terms[0]! : { kind: "add", terms };
    });
  }

  #signed(): Node {
    if (this.take("-")) return { kind: "negate", value: this.nested(() => this.#signed()) };
    if (this.take("+")) return this.nested(() => this.#signed());
    if (this.is("±") || this.is("∓")) return this.#plusMinus();
    return this.term();
  }

  #plusMinus(): Node {
    const flipped = this.is("∓");
    this.at++;
    return { kind: "plus-minus", value: this.term(), flipped };
  }

  protected term(): Node {
    let factors = [this.#factor()];
    for (;;) {
      this.budget.spend();
      if (this.take("*")) factors.push(this.#factor());
      else if (this.take("/")) {
        factors = [{ kind: "divide", top: product(factors), bottom: this.#factor() }];
      } else if (this.#startsFactor()) factors.push(this.#power());
      else return product(factors);
    }
  }

  /** After × or ÷ a sign may stand: 2 × -3. */
  #factor(): Node {
    if (this.take("-")) return { kind: "negate", value: this.nested(() => this.#factor()) };
    if (this.take("+")) return this.nested(() => this.#factor());
    return this.#power();
  }

  #startsFactor(): boolean {
    const token = this.token;
    if (token === undefined) return false;
    if (token.type === "letter" || token.type === "function") return true;
    if (token.type === "number") return this.tokens[this.at - 1]?.type !== "number";
    if (token.type === "command") {
      return !["end", "choose", "over", "pmod", "bmod", "mod"].includes(token.text);
    }
    if (token.type === "word") return false;
    if (token.text === "|") return !this.barEnds;
    if (token.text === "(") return !this.#isModulus();
    if (token.text === "{") return this.tokens[this.at + 1]?.type !== "word";
    return ["[", "⌊", "⌈", "∞"].includes(token.text);
  }

  /** (mod m) is no factor. */
  #isModulus(): boolean {
    const next = this.tokens[this.at + 1];
    return next?.type === "command" && next.text === "mod";
  }

  #power(): Node {
    let base = this.#postfix(this.#atom());
    for (;;) {
      if (this.is("^") && this.#isDegree(1)) {
        this.#skipDegree();
        base = this.#afterDegree(base);
      } else if (this.is("^") && this.is("'", 1)) {
        this.at++;
      } else if (this.take("^")) {
        const exponent = this.nested(() => this.#exponent());
        base = this.#postfix({ kind: "power", base, exponent });
      } else return base;
    }
  }

  /** ^\circ or ^{\circ}. */
  #isDegree(ahead: number): boolean {
    return this.is("°", ahead) || (this.is("{", ahead) && this.is("°", ahead + 1));
  }

  #skipDegree(): void {
    this.at++;
    const braced = this.take("{");
    this.expect("°");
    if (braced) this.expect("}");
  }

  #afterDegree(value: Node): Node {
    const scale = this.token?.text;
    const temperature = scale === "C" || scale === "F";
    if (!temperature) return { kind: "degree", value: this.#arcMinutes(value) };
    this.at++;
    return { kind: "quantity", value, unit: [{ word: `degree${scale}`, power: 1 }] };
  }

  /** 15° 30' and 15° 30' 45''. */
  #arcMinutes(value: Node): Node {
    for (const marks of [1, 2]) {
      const token = this.token;
      if (token?.type !== "number" || !this.is("'", 1) || this.is("'", 2) !== (marks === 2)) break;
      this.at += 1 + marks;
      const part: Node = { kind: "number", value: token.value };
      value = {
        kind: "add",
        terms: [value, { kind: "divide", top: part, bottom: numberOf(60 ** marks) }],
      };
    }
    return value;
  }

  #exponent(): Node {
    if (this.take("-")) return { kind: "negate", value: this.nested(() => this.#exponent()) };
    if (this.take("+")) return this.nested(() => this.#exponent());
    const base = this.#postfix(this.#atom());
    // Powers bind to the right: 2^3^4 is 2^(3^4).
    if (this.take("^"))
      return { kind: "power", base, exponent: this.nested(() => this.#exponent()) };
    return base;
  }

  #postfix(base: Node): Node {
    for (;;) {
      this.budget.spend();
      if (this.take("!")) {
        const double = this.take("!");
        base = { kind: "call", name: double ? "factorial2" : "factorial", args: [base] };
      } else if (this.take("%")) base = { kind: "percent", value: base };
      else if (this.take("°")) base = this.#afterDegree(base);
      else if (this.is("_")) base = this.#subscript(base);
      else return base;
    }
  }

  #subscript(base: Node): Node {
    this.expect("_");
    const index = this.nested(() => this.#script());
    if (base.kind === "number") return inBase(base, index);
    if (base.kind !== "symbol") throw this.unreadable();
    const called: Node = { kind: "call", name: `${base.name}_`, args: [index] };
    return called;
  }

  /** What _ takes: one token, or braces, with words as symbols. */
  #script(): Node {
    const braced = this.is("{");
    const word = this.tokens[this.at + (braced ? 1 : 0)];
    if (word?.type === "word") {
      this.at += braced ? 2 : 1;
      if (braced) this.expect("}");
      return { kind: "symbol", name: word.text };
    }
    return this.argument();
  }

  /** The argument of a LaTeX command: braces or one token; \frac12 takes one digit. */
  protected argument(): Node {
    const token = this.token;
    if (token === undefined) throw this.unreadable();
    if (this.is("{")) return this.braced();
    if (token.type === "number" && /^\d+$/.test(token.text) && token.text.length > 1) {
      const rest = token.text.slice(1);
      this.tokens[this.at] = { ...token, text: rest, value: whole(BigInt(rest)) };
      return numberOf(Number(token.text[0]));
    }
    return this.nested(() => this.#atom());
  }

  protected braced(): Node {
    this.expect("{");
    const outer = this.barEnds;
    this.barEnds = false;
    const inside = this.nested(() => this.whole());
    this.barEnds = outer;
    this.expect("}");
    return inside;
  }

  #atom(): Node {
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
      if (exponent === undefined && this.is("^") && !this.#isDegree(1)) {
        this.at++;
        exponent = this.nested(() => this.#exponent());
      } else if (base === undefined && this.is("_")) {
        this.at++;
        base = this.nested(() => this.argument());
      } else break;
    }
    const inverse = exponent !== undefined && isMinusOne(exponent) && isTrigonometric(name);
    if (inverse) derivative = `arc${name}`;
    if (name === "sqrt" && this.is("[")) base = this.#optional();
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
    if (name === "sqrt" || name === "cbrt") return [this.nested(() => this.#atom())];
    // sin 2x cos y: the argument ends before the next function.
    return this.nested(() => {
      const factors = [this.#power()];
      for (;;) {
        this.budget.spend();
        const token = this.token;
        const isNext = token?.type === "function" || this.is("(");
        if (isNext || !this.#startsFactor()) return [product(factors)];
        factors.push(this.#power());
      }
    });
  }

  /** The [n] of \sqrt[n]{x}. */
  #optional(): Node {
    this.expect("[");
    const value = this.nested(() => this.sum());
    this.expect("]");
    return value;
  }

  protected command(name: string): Node {
    if (isFraction.test(name)) {
      const top = this.argument();
      return { kind: "divide", top, bottom: this.argument() };
    }
    if (name === "sqrt") {
      const index = this.is("[") ? this.#optional() : undefined;
      // \sqrt13 means √13, whatever TeX makes of it.
      const value = this.token?.type === "number" ? this.#atom() : this.argument();
      return { kind: "call", name: "sqrt", args: index ? [value, index] : [value] };
    }
    if (/^[dt]?binom$/.test(name)) {
      if (this.is("(")) {
        const inside = this.nested(() => this.bracketed());
        if (inside.kind === "tuple") return { kind: "call", name: "binomial", args: inside.items };
      }
      const top = this.argument();
      return { kind: "call", name: "binomial", args: [top, this.argument()] };
    }
    if (name === "sum" || name === "prod") return this.#fold(name === "sum" ? "sum" : "product");
    if (["overline", "vec", "hat", "widehat", "overrightarrow", "bar", "dot"].includes(name)) {
      return this.#accented(name);
    }
    throw this.unreadable();
  }

  /** A letter under an accent is a letter of its own; \overline{AB} is the segment AB. */
  #accented(name: string): Node {
    const accented = this.argument();
    const isImaginary = (node: Node): boolean => node.kind === "constant" && node.name === "i";
    if (isImaginary(accented) && !/bar|line/.test(name))
      return { kind: "symbol", name: `${name}:i` };
    if (accented.kind !== "symbol") {
      const isConjugate = contains(accented, isImaginary);
      return { kind: "call", name: isConjugate ? "conj" : `${name}:`, args: [accented] };
    }
    // \hat{\mathbf{j}} has become \hat{\hat{j}}.
    return accented.name.startsWith(name)
      ? accented
      : { kind: "symbol", name: `${name}:${accented.name}` };
  }

  #fold(operation: "sum" | "product"): Node {
    let from: Node | undefined;
    let to: Node | undefined;
    let variable: string | undefined;
    while (this.is("_") || this.is("^")) {
      if (this.take("_")) {
        this.expect("{");
        const letter = this.token;
        if (letter?.type !== "letter") throw this.unreadable();
        variable = letter.text;
        this.at++;
        this.expect("=");
        from = this.nested(() => this.sum());
        this.expect("}");
      } else {
        this.at++;
        to = this.nested(() => this.argument());
      }
    }
    if (!from || !to || variable === undefined) throw this.unreadable();
    const index: Node = { kind: "symbol", name: variable };
    // Inside the sum over i, i is no imaginary unit.
    const body = rewrite(
      this.nested(() => this.term()),
      (part) => (part.kind === "constant" && part.name === variable ? index : undefined),
    );
    return { kind: "fold", operation, variable, from, to, body };
  }
}

function product(factors: readonly Node[]): Node {
  return factors.length === 1 ? factors[0]! : { kind: "multiply", factors };
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

/** 52_8: the digits are read in the base below them. */
export function inBase(node: Node, index: Node): Node {
  if (index.kind === "symbol" && numerals.has(index.name)) {
    return inBase(node, numberOf(numerals.get(index.name)!));
  }
  if (
    node.kind !== "number" ||
    index.kind !== "number" ||
    index.value.d !== 1n ||
    node.value.d !== 1n
  ) {
    throw new UnreadableError("_");
  }
  const base = index.value.n;
  if (base < 2n || base > 36n || node.value.n < 0n) throw new UnreadableError(`${base}`);
  let value = 0n;
  for (const digit of node.value.n.toString()) {
    if (BigInt(digit) >= base) throw new UnreadableError(digit);
    value = value * base + BigInt(digit);
  }
  return { kind: "number", value: whole(value) };
}
