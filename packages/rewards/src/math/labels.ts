// Assignments: what stands left of the last equals sign names the answer, as in x = 5, f(x) = x², AB = 4,
// (x, y) = (1, 2) or A : B = 1 : 2.

import {
  numberOf,
  contains,
  rewrite,
  symbolsOf,
  type ListNode,
  type Node,
  type RelationNode,
} from "./ast.ts";
import { sameTree } from "./identity.ts";
import { functionNames } from "./vocabulary.ts";

export interface Labelled {
  readonly label?: Node;
  readonly value: Node;
}

const knownFunctions = new Set([...functionNames.values(), "factorial", "factorial2", "binomial"]);

/** Whether a node names something rather than being an expression: x, a_1, f(x), AB, |AB|, (x, y). */
export function isLabel(node: Node): boolean {
  switch (node.kind) {
    case "symbol":
      return true;
    case "call":
      if (node.name === "abs") return isName(node.args[0]!);
      // cos θ = 3/5 is an answer of 3/5.
      if (/^(?:sin|cos|tan)$/.test(node.name))
        return node.args.every(({ kind }) => kind === "symbol");
      return !knownFunctions.has(node.name);
    case "multiply":
      return isName(node) || isProbability(node);
    case "ratio":
    case "tuple":
      return node.items.every(isLabel);
    case "divide":
      if (isDifferential(node.top) && isDifferential(node.bottom)) return true;
      return isName(node.top) && isName(node.bottom) && node.top.kind !== "symbol";
    default:
      return false;
  }
}

/** The dy of dy/dx. */
function isDifferential(node: Node): boolean {
  const first = node.kind === "multiply" ? node.factors[0] : undefined;
  return first?.kind === "symbol" && (first.name === "d" || first.name === "partial");
}

/** P(X = 3) */
function isProbability({ factors }: Extract<Node, { kind: "multiply" }>): boolean {
  return factors.length === 2 && factors[0]!.kind === "symbol" && factors[1]!.kind === "relation";
}

/** Points in a row, such as AB, or a word of letters such as angle ABC. */
function isName(node: Node): boolean {
  if (node.kind === "symbol") return true;
  if (node.kind !== "multiply") return false;
  return node.factors.every(
    (factor) =>
      (factor.kind === "symbol" && /^(?:[A-Z]'*|angle|triangle|overline:.*)$/.test(factor.name)) ||
      (factor.kind === "call" && /^[A-Z]_$/.test(factor.name)),
  );
}

/**
 * Splits x = 5 into its label and value. In a chain the last exact side counts, as in x = 5 + 6 = 11 ≈ 11.0,
 * but a chain that names two different plain numbers names none.
 */
export function labelled(node: Node): Labelled {
  if (node.kind !== "relation") return { value: node };
  const { sides, signs } = node;
  if (signs.length === 1 && signs[0] === "∈" && isLabel(sides[0]!)) {
    return isNumbers(sides[1]!) ? { value: node } : { label: sides[0], value: sides[1]! };
  }
  if (!signs.every((sign) => sign === "=" || sign === "≈" || sign === "≡")) return { value: node };
  const exact = signs.indexOf("≈");
  const first = sides[0]!;
  const isOnlyNear = exact < 0 || (exact === 0 && isLabel(first));
  const end = isOnlyNear ? sides.length - 1 : exact;
  const last = sides[end]!;
  if (hedges(sides.slice(0, end + 1))) return { value: node };
  if (isLabel(first) && !mentions(last, first)) return { label: first, value: last };
  if (sides.length === 2 && isLabel(last) && !mentions(first, last))
    return { label: last, value: first };
  // 2 + 3 = 5 is an answer of 5.
  if (sides.every((side) => symbolsOf(side).size === 0)) return { value: last };
  return { value: node };
}

/**
 * The 17 of m + n = 17, where a number was asked for: what is left of the sign has nothing but variables in
 * it, several of them. Zero never: many an equation ends in it.
 */
export function askedValue(node: RelationNode): Node | undefined {
  const { sides, signs } = node;
  const [first] = sides;
  if (!signs.every((sign) => sign === "=") || symbolsOf(first!).size < 2) return undefined;
  if (contains(first!, ({ kind }) => kind === "number" || kind === "constant")) return undefined;
  const values = sides.slice(1);
  if (hedges(values) || values.some((side) => symbolsOf(side).size > 0)) return undefined;
  const last = values.at(-1)!;
  return last.kind === "number" && last.value.n === 0n ? undefined : last;
}

/** Membership in a set of numbers says of what kind a variable is, not which. */
function isNumbers(node: Node): boolean {
  return node.kind === "named-set" && node.name !== "R" && node.name !== "empty";
}

function mentions(value: Node, label: Node): boolean {
  if (label.kind !== "symbol") return contains(value, (part) => sameTree(part, label));
  return symbolsOf(value).has(label.name);
}

/** x = 3 = 5. */
function hedges(sides: readonly Node[]): boolean {
  const plain = sides.filter(isPlainNumber);
  return plain.some((side) => !sameTree(side, plain[0]!) && side.kind === plain[0]!.kind);
}

function isPlainNumber(node: Node): boolean {
  return node.kind === "number" || (node.kind === "negate" && isPlainNumber(node.value));
}

/** "total area", which another may call A. */
export function isWordLabel(label: Node): boolean {
  return label.kind === "symbol" && label.name.startsWith("the ");
}

/** Whether two labels may name the same thing. */
export function sameLabel(a: Node, b: Node): boolean {
  if (sameTree(a, b)) return true;
  const [first, second] = [a, b].map(nameOf);
  if (first === undefined || second === undefined) return false;
  // y and f(x) both name a function; x_1 is an x.
  if (a.kind !== b.kind) {
    const call = a.kind === "call" ? a : b;
    const isIndexed = call.kind === "call" && call.name.endsWith("_");
    if (!isIndexed) return first === second || first === "y" || second === "y";
  }
  return first === second;
}

function nameOf(label: Node): string | undefined {
  if (label.kind === "symbol") return label.name;
  if (label.kind !== "call") return undefined;
  if (label.name.endsWith("_"))
    return label.args[0]?.kind === "symbol" ? undefined : label.name.slice(0, -1);
  return label.name;
}

/** f(t) = t² in the variable of f(x). */
export function renameArguments(from: Labelled, to: Labelled): Labelled {
  const [a, b] = [from.label, to.label];
  if (a?.kind !== "call" || b?.kind !== "call" || a.args.length !== b.args.length) return from;
  const names = new Map<string, string>();
  for (const [at, argument] of a.args.entries()) {
    const wanted = b.args[at]!;
    if (argument.kind !== "symbol" || wanted.kind !== "symbol") return from;
    names.set(argument.name, wanted.name);
  }
  return { label: renamed(a, names), value: renamed(from.value, names) };
}

/** An answer in the variables of the gold answer, first for first. */
export function renameVariables(answer: Node, gold: Node): Node {
  const [from, to] = [[...symbolsOf(answer)], [...symbolsOf(gold)]];
  if (from.length !== to.length) return answer;
  return renamed(answer, new Map(from.map((name, at) => [name, to[at]!])));
}

function renamed(node: Node, names: ReadonlyMap<string, string>): Node {
  return rewrite(node, (part) => {
    const name = part.kind === "symbol" ? names.get(part.name) : undefined;
    return name === undefined ? undefined : { kind: "symbol", name };
  });
}

/** (x, y) = (1, 2) as x = 1, y = 2; p = 5, q = 2, p = 7, q = 2 as (5, 2), (7, 2). */
export function unpacked(node: Node): Node {
  if (node.kind === "relation" && node.signs.length === 1 && node.signs[0] === "=") {
    return unpackedTuple(node, node.sides[0]!, node.sides[1]!);
  }
  if (node.kind === "multiply" && node.factors.length === 2) {
    // The point P(3, 4)
    const [point, place] = node.factors as [Node, Node];
    const isPoint = point.kind === "symbol" && /^[A-Z]'*$/.test(point.name);
    if (isPoint && place.kind === "tuple") {
      return { kind: "relation", sides: [point, place], signs: ["="] };
    }
  }
  if (node.kind === "list") return grouped(node);
  return contains(node, (part) => unitVector(part) > 0) ? components(node) : node;
}

/** 1, 2, 3 for the unit vectors i, j, k; else 0. */
function unitVector(node: Node): number {
  const name =
    node.kind === "symbol" ? /^(?:hat|vec):([ijk])(?:math)?$/.exec(node.name)?.[1] : undefined;
  return name ? "ijk".indexOf(name) + 1 : 0;
}

/** 3i - 4j as (3, -4). */
function components(node: Node): Node {
  const along = (axis: number): Node =>
    rewrite(node, (part) =>
      unitVector(part) > 0 ? numberOf(unitVector(part) === axis ? 1 : 0) : undefined,
    );
  const isFlat = !contains(node, (part) => unitVector(part) === 3);
  const items = [1, 2, 3].slice(0, isFlat ? 2 : 3).map(along);
  return { kind: "tuple", open: "(", close: ")", items };
}

function unpackedTuple(node: RelationNode, left: Node, right: Node): Node {
  if (left.kind !== "tuple" || right.kind !== "tuple") return node;
  if (!left.items.every(isLabel) || left.items.length !== right.items.length) return node;
  return right;
}

function grouped(node: ListNode): Node {
  const parts = node.items.map(labelled);
  const names = parts.map(({ label }) => label);
  const isSame = (at: number, other: number): boolean =>
    names[at] !== undefined && names[other] !== undefined && sameTree(names[at], names[other]);
  const period = names.findIndex((_, at) => at > 0 && isSame(at, 0));
  if (period < 2 || names.length % period !== 0) return node;
  if (names.some((_, at) => !isSame(at, at % period))) return node;
  const items: Node[] = [];
  for (let at = 0; at < parts.length; at += period) {
    const values = parts.slice(at, at + period).map(({ value }) => value);
    items.push({ kind: "tuple", open: "(", close: ")", items: values });
  }
  return { kind: "list", items, joint: ";" };
}
