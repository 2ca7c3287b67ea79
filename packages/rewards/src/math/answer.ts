// Reads a whole answer: expressions and what answers are made of around them: lists, tuples, intervals,
// sets, matrices, relations, ratios, quantities with units.

import { numberOf, type Node, type RelationSign, type TupleNode, type UnitFactor } from "./ast.ts";
import { denied, operation } from "../extract/around.ts";
import type { Budget } from "./budget.ts";
import { ExpressionReader, inBase } from "./expression.ts";
import { whole as wholeNumber } from "./rational.ts";
import { tokenize, UnreadableError, type Reading } from "./tokens.ts";
import { namedSets } from "./vocabulary.ts";

const relationSign = /^[=≠<>≤≥≈∈∉≡]$/;
const opposite: ReadonlyMap<string, RelationSign> = new Map([
  ["=", "≠"],
  ["∈", "∉"],
]);
const currency = /^[$€£¥₹₽¢]$/;
const multiples: ReadonlyMap<string, number> = new Map([
  ["hundred", 2],
  ["thousand", 3],
  ["million", 6],
  ["billion", 9],
  ["trillion", 12],
]);
const percentWord = /^(?:percents?|pct|percentage)$/;
const degreeWord = /^deg(?:rees?)?$/;
const hedge = /^(?:approximately|about|roughly|exactly)$/i;

/** Reads a cleaned text; throws UnreadableError or BudgetError. */
export function readAnswer(text: string, reading: Reading, budget: Budget): Node {
  const reader = new AnswerReader(tokenize(text, reading, budget), budget);
  return reader.answer();
}

class AnswerReader extends ExpressionReader {
  #currency: string | undefined;
  #colonEnds = false;

  answer(): Node {
    while (this.is("=") || this.is("≈") || hedge.test(this.token?.text ?? "")) {
      this.at++;
    }
    const node = this.whole();
    if (this.token) throw this.unreadable();
    return node;
  }

  protected override whole(): Node {
    const first = this.#clause();
    if (this.token?.type === "command" && /^(?:choose|over)$/.test(this.token.text)) {
      const over = this.token.text === "over";
      this.at++;
      const second = this.sum();
      if (over) return { kind: "divide", top: first, bottom: second };
      return { kind: "call", name: "binomial", args: [first, second] };
    }
    const items = [first];
    let joint: "," | ";" | "and" | "or" = ",";
    for (let found = this.#separator(); found; found = this.#separator()) {
      joint = joint === ";" ? joint : found;
      // A trailing comma, or ", and".
      if (this.token === undefined || this.is("}")) break;
      items.push(this.#clause());
    }
    return items.length === 1 ? first : { kind: "list", items, joint };
  }

  /** Any run of separators counts as its last one. */
  #separator(): "," | ";" | "and" | "or" | undefined {
    let found: "," | ";" | "and" | "or" | undefined;
    for (const sign of [",", ";", ",", "and", "or"] as const) if (this.take(sign)) found = sign;
    return found;
  }

  /** A relation, or an expression with its unit. */
  #clause(): Node {
    const outer = this.#currency;
    this.#currency = undefined;
    const sides: Node[] = [this.#withUnit(this.#side())];
    const signs: RelationSign[] = [];
    for (let sign = this.#relation(); sign; sign = this.#relation()) {
      signs.push(sign);
      sides.push(this.#withUnit(this.#side()));
    }
    let last = sides.pop()!;
    if (this.#currency !== undefined) {
      last = { kind: "quantity", value: last, unit: [{ word: this.#currency, power: 1 }] };
    }
    this.#currency = outer;
    const modulus = this.#modulus();
    if (modulus) return { kind: "congruence", value: last, modulus };
    sides.push(last);
    return signs.length === 0 ? last : { kind: "relation", sides, signs };
  }

  #relation(): RelationSign | undefined {
    const token = this.token;
    if (token?.type === "command" && token.text === "not") {
      const negated = opposite.get(this.tokens[this.at + 1]?.text ?? "");
      if (negated) this.at += 2;
      return negated;
    }
    if (token?.type !== "sign" || !relationSign.test(token.text)) return undefined;
    this.at++;
    return token.text as RelationSign;
  }

  /** \pmod{m} or (mod m). */
  #modulus(): Node | undefined {
    const isModulus = (ahead: number): boolean => {
      const token = this.tokens[this.at + ahead];
      return token?.type === "command" && /^[pb]?mod$/.test(token.text);
    };
    if (isModulus(0)) {
      this.at++;
      return this.argument();
    }
    if (!this.is("(") || !isModulus(1)) return undefined;
    this.at += 2;
    const modulus = this.sum();
    this.expect(")");
    return modulus;
  }

  /** Set operations bind tighter than relations, ratios tighter than those. */
  #side(): Node {
    return this.nested(() => {
      let left = this.#ratio();
      for (;;) {
        const operation = (["∪", "∩", "∖"] as const).find((sign) => this.take(sign));
        if (!operation) return left;
        left = { kind: "set-operation", operation, left, right: this.#ratio() };
      }
    });
  }

  #ratio(): Node {
    const items = [asDifference(this.sum())];
    while (!this.#colonEnds && this.take(":")) items.push(this.sum());
    return items.length === 1 ? items[0]! : { kind: "ratio", items };
  }

  /** The words behind a value: a unit, "percent", "million", "base 8". */
  #withUnit(value: Node): Node {
    const unit: UnitFactor[] = [];
    let power = 1;
    let side = 1;
    for (;;) {
      this.budget.spend();
      const token = this.token;
      if (token === undefined) break;
      const word = token.text;
      const lower = word.toLowerCase();
      const ahead = this.tokens.slice(this.at, this.at + 3).map(({ text }) => text);
      const isPower = unit.length > 0 && (lower === "squared" || lower === "cubed");
      if (
        /^(?:no|than)$/.test(lower) ||
        denied.test(lower) ||
        (!isPower && operation.test(ahead.join(" ")) && token.type === "word")
      )
        throw this.unreadable();
      const isUnitLetter = token.type === "letter" && unit.length > 0;
      if (token.type === "word" || isUnitLetter || currency.test(word)) {
        this.at++;
        if (percentWord.test(lower) && unit.length === 0) value = { kind: "percent", value };
        else if (degreeWord.test(lower) && unit.length === 0) value = this.#degrees(value);
        else if (multiples.has(lower)) value = scaled(value, multiples.get(lower)!);
        else if (lower === "base" && unit.length === 0) value = inBase(value, this.argument());
        else if (lower === "square" || lower === "sq") power = 2;
        else if (lower === "cubic") power = 3;
        else if (isPower) raiseLast(unit, lower === "cubed" ? 3 : 2);
        else if (lower === "per") side = -1;
        else {
          unit.push({ word, power: power * side });
          power = 1;
          side = 1;
        }
      } else if (unit.length > 0 && this.take("^")) {
        const exponent = this.argument();
        const size = exponent.kind === "negate" ? exponent.value : exponent;
        if (size.kind !== "number") throw this.unreadable();
        raiseLast(unit, Number(size.value.n) * (size === exponent ? 1 : -1));
      } else if (unit.length > 0 && this.take("/")) side = -1;
      else if (unit.length > 0 && this.take("*")) continue;
      else if (this.is("{") && this.tokens[this.at + 1]?.type === "word") this.at++;
      else if (unit.length > 0 && this.is("}") && this.#closesUnit()) this.at++;
      else break;
    }
    if (unit.length === 0) return value;
    const quantity: Node = { kind: "quantity", value, unit };
    if (this.token?.type !== "number" || value.kind !== "number") return quantity;
    // 2 hours 30 minutes
    const rest = this.nested(() => this.#withUnit(this.#side()));
    if (rest.kind !== "quantity" && rest.kind !== "list") throw this.unreadable();
    const items = rest.kind === "list" ? [quantity, ...rest.items] : [quantity, rest];
    return { kind: "list", items, joint: "and" };
  }

  /** A closing brace whose opening one was skipped before the unit. */
  #closesUnit(): boolean {
    let depth = 0;
    for (let at = this.at; at >= 0; at--) {
      const text = this.tokens[at]!.text;
      if (text === "}") depth++;
      else if (text === "{" && --depth === 0) return this.tokens[at + 1]?.type === "word";
    }
    return false;
  }

  #degrees(value: Node): Node {
    const scale = this.token?.text.toLowerCase();
    if (scale !== "celsius" && scale !== "fahrenheit") return { kind: "degree", value };
    this.at++;
    const word = scale === "celsius" ? "degreeC" : "degreeF";
    return { kind: "quantity", value, unit: [{ word, power: 1 }] };
  }

  protected override bracketed(): Node {
    const open = this.token!.text;
    const outerBar = this.barEnds;
    const outerColon = this.#colonEnds;
    this.barEnds = false;
    this.#colonEnds = false;
    const node = this.#bracketed(open);
    this.barEnds = outerBar;
    this.#colonEnds = outerColon;
    return node;
  }

  #bracketed(open: string): Node {
    if (currency.test(open)) {
      this.at++;
      this.#currency = open;
      return this.term();
    }
    if (open === "{") return this.#plainBraces();
    if (open === "∅") {
      this.at++;
      return { kind: "named-set", name: "empty" };
    }
    if (open === "\\{") {
      this.at++;
      return this.#set("\\}");
    }
    if (open === "⟨" || open === "<") return this.#angleBrackets(open === "<" ? ">" : "⟩");
    if (open === "(" || open === "[") return this.#tuple(open);
    throw this.unreadable();
  }

  /** Braces only group in LaTeX; in plain text they may also be a set with a condition. */
  #plainBraces(): Node {
    const start = this.at;
    let depth = 0;
    for (let at = start; at < this.tokens.length; at++) {
      const token = this.tokens[at]!;
      if (token.type !== "sign") continue;
      if (token.text === "{") depth++;
      else if (token.text === "}" && --depth === 0) break;
      else if (token.text === "|" && depth === 1 && at > start + 1 && at < start + 4) {
        this.at++;
        return this.#set("}");
      }
    }
    return this.braced();
  }

  #set(close: string): Node {
    if (this.take(close)) return { kind: "named-set", name: "empty" };
    this.barEnds = true;
    this.#colonEnds = true;
    const element = this.#clause();
    this.barEnds = false;
    this.#colonEnds = false;
    if (this.take("|") || this.take(":")) {
      const condition = this.whole();
      this.expect(close);
      return { kind: "builder", element, condition };
    }
    const items = [element];
    while (this.#separator()) items.push(this.#clause());
    this.expect(close);
    return { kind: "set", items };
  }

  #angleBrackets(close: string): Node {
    this.at++;
    const items = [this.sum()];
    while (this.#separator()) items.push(this.sum());
    this.expect(close);
    return { kind: "tuple", open: "⟨", close: "⟩", items };
  }

  #tuple(open: string): Node {
    this.at++;
    const items = [this.#clause()];
    let joint: string | undefined;
    for (let found = this.#separator(); found; found = this.#separator()) {
      joint = found;
      items.push(this.#clause());
    }
    const close = ([")", "]"] as const).find((sign) => this.take(sign));
    if (!close) throw this.unreadable();
    if (items.length === 1) return items[0]!;
    if (joint === "and" || joint === "or") return { kind: "list", items, joint };
    const rows = open === "[" && close === "]" && rowsOf(items);
    if (rows) return { kind: "matrix", rows };
    const tuple: TupleNode = {
      kind: "tuple",
      open: open === "[" ? "[" : "(",
      close: close === "]" ? "]" : ")",
      items,
    };
    return tuple;
  }

  protected override command(name: string): Node {
    if (name === "begin") return this.#environment();
    if (name.startsWith("set:")) return { kind: "named-set", name: namedSets.get(name.slice(4))! };
    if (name === "mathbb") {
      const braced = this.take("{");
      const letter = namedSets.get(this.token?.text ?? "");
      if (!letter) throw this.unreadable();
      this.at++;
      if (braced) this.expect("}");
      return { kind: "named-set", name: letter };
    }
    return super.command(name);
  }

  #environment(): Node {
    const name = this.#environmentName();
    if (!/^(?:[pbvBV]?matrix|smallmatrix|array|cases)$/.test(name)) {
      throw this.unreadable();
    }
    if (name === "array" && this.take("{")) while (!this.take("}")) this.#skip();
    const rows: Node[][] = [];
    for (let row: Node[] = []; ;) {
      if (this.token?.type === "command" && this.token.text === "end") {
        if (row.length > 0) rows.push(row);
        break;
      }
      row.push(this.#clause());
      if (this.take("&")) continue;
      rows.push(row);
      row = [];
      if (!this.take("\\\\")) break;
    }
    if (this.token?.text !== "end") throw this.unreadable();
    this.at++;
    this.#environmentName();
    if (rows.length === 0 || rows.some((row) => row.length !== rows[0]!.length)) {
      throw this.unreadable();
    }
    // A system of equations
    if (rows.every(([cell]) => cell!.kind === "relation")) {
      return { kind: "list", items: rows.flat(), joint: "," };
    }
    const matrix: Node = { kind: "matrix", rows };
    return name === "vmatrix" ? { kind: "call", name: "det", args: [matrix] } : matrix;
  }

  #environmentName(): string {
    this.expect("{");
    let name = "";
    while (!this.take("}")) name += this.#skip();
    return name;
  }

  #skip(): string {
    const token = this.token;
    if (!token) throw this.unreadable();
    this.at++;
    return token.text;
  }
}

/** The rows of [[1, 2], [3, 4]]. */
function rowsOf(items: readonly Node[]): (readonly Node[])[] | undefined {
  const rows = items.map((row) =>
    row.kind === "tuple" && row.open === "[" && row.close === "]" ? row.items : [],
  );
  const width = rows[0]?.length;
  return width && rows.every(({ length }) => length === width) ? rows : undefined;
}

/** ℝ - {0} is a difference of sets. */
function asDifference(node: Node): Node {
  if (node.kind !== "add" || node.terms.length !== 2) return node;
  const [left, right] = node.terms as [Node, Node];
  if (left.kind !== "named-set" || right.kind !== "negate") return node;
  return { kind: "set-operation", operation: "∖", left, right: right.value };
}

function scaled(value: Node, places: number): Node {
  if (value.kind === "number") {
    const { n, d } = value.value;
    const scale = 10n ** BigInt(places);
    if (d === 1n) return { kind: "number", value: wholeNumber(n * scale) };
  }
  return { kind: "multiply", factors: [value, numberOf(10 ** places)] };
}

function raiseLast(unit: UnitFactor[], power: number): void {
  const last = unit.pop();
  if (!last) return;
  if (!(Math.abs(power) <= 9)) throw new UnreadableError("^");
  unit.push({ word: last.word, power: last.power * power });
}
