// Reads an expression: sums, products (written or not), powers, subscripts. Recursive descent; what stands in
// brackets is read by the answer reader, which knows lists and intervals.

import { numberOf, product, type Node } from "./ast.ts";
import { OperandReader } from "./operands.ts";
import { whole } from "./rational.ts";
import { UnreadableError } from "./tokens.ts";
import { numerals } from "./vocabulary.ts";

export abstract class ExpressionReader extends OperandReader {
  protected override sum(): Node {
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

  protected override term(): Node {
    let factors = [this.#factor()];
    for (;;) {
      this.budget.spend();
      if (this.take("*")) factors.push(this.#factor());
      else if (this.take("/")) {
        factors = [{ kind: "divide", top: product(factors), bottom: this.#factor() }];
      } else if (this.startsFactor()) factors.push(this.power());
      else return product(factors);
    }
  }

  /** After × or ÷ a sign may stand: 2 × -3. */
  #factor(): Node {
    if (this.take("-")) return { kind: "negate", value: this.nested(() => this.#factor()) };
    if (this.take("+")) return this.nested(() => this.#factor());
    return this.power();
  }

  protected override startsFactor(): boolean {
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

  protected override power(): Node {
    let base = this.#postfix(this.atom());
    for (;;) {
      if (this.is("^") && this.isDegree(1)) {
        this.#skipDegree();
        base = this.#afterDegree(base);
      } else if (this.is("^") && this.is("'", 1)) {
        this.at++;
      } else if (this.take("^")) {
        const exponent = this.nested(() => this.exponent());
        base = this.#postfix({ kind: "power", base, exponent });
      } else return base;
    }
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

  protected override exponent(): Node {
    if (this.take("-")) return { kind: "negate", value: this.nested(() => this.exponent()) };
    if (this.take("+")) return this.nested(() => this.exponent());
    const base = this.#postfix(this.atom());
    // Powers bind to the right: 2^3^4 is 2^(3^4).
    if (this.take("^"))
      return { kind: "power", base, exponent: this.nested(() => this.exponent()) };
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
