// Reads LaTeX's commands: fractions, roots, binomials, sums and products over an index, accents, and the
// arguments that they take.

import { contains, numberOf, rewrite, type Node } from "./ast.ts";
import { whole } from "./rational.ts";
import { TokenCursor } from "./token-cursor.ts";

export const isFraction: RegExp = /^(?:[dtcs]|nice)?frac$/;

export abstract class CommandReader extends TokenCursor {
  /** Everything that may stand in braces. */
  protected abstract whole(): Node;
  /** What stands between brackets, and the brackets. */
  protected abstract bracketed(): Node;
  protected abstract sum(): Node;
  protected abstract term(): Node;
  /** A number, a letter, a call, something in brackets: what stands without an operator. */
  protected abstract atom(): Node;

  protected command(name: string): Node {
    if (isFraction.test(name)) {
      const top = this.argument();
      return { kind: "divide", top, bottom: this.argument() };
    }
    if (name === "sqrt") {
      const index = this.is("[") ? this.optional() : undefined;
      // \sqrt13 means √13, whatever TeX makes of it.
      const value = this.token?.type === "number" ? this.atom() : this.argument();
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
    return this.nested(() => this.atom());
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

  /** The [n] of \sqrt[n]{x}. */
  protected optional(): Node {
    this.expect("[");
    const value = this.nested(() => this.sum());
    this.expect("]");
    return value;
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
