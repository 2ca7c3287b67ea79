// What a reader makes of an answer: expressions, and the things answers are made of that are not numbers
// (lists, tuples, sets, relations, quantities with units).

import { whole, type Rational } from "./rational.ts";

export type RelationSign = "=" | "≠" | "<" | ">" | "≤" | "≥" | "≈" | "∈" | "∉" | "≡";

export type Node =
  | NumberNode
  | { readonly kind: "constant"; readonly name: "pi" | "e" | "i" | "infinity" }
  | { readonly kind: "symbol"; readonly name: string }
  /** A function we know, such as sin, or one we do not, such as f or a subscript. */
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: "add"; readonly terms: readonly Node[] }
  | { readonly kind: "multiply"; readonly factors: readonly Node[] }
  | { readonly kind: "divide"; readonly top: Node; readonly bottom: Node }
  | { readonly kind: "power"; readonly base: Node; readonly exponent: Node }
  | { readonly kind: "negate"; readonly value: Node }
  /** ± value, or ∓ value where flipped. */
  | { readonly kind: "plus-minus"; readonly value: Node; readonly flipped: boolean }
  | { readonly kind: "percent"; readonly value: Node }
  | { readonly kind: "degree"; readonly value: Node }
  | {
      readonly kind: "fold";
      readonly operation: "sum" | "product";
      readonly variable: string;
      readonly from: Node;
      readonly to: Node;
      readonly body: Node;
    }
  | { readonly kind: "matrix"; readonly rows: readonly (readonly Node[])[] }
  | TupleNode
  | { readonly kind: "set"; readonly items: readonly Node[] }
  | { readonly kind: "builder"; readonly element: Node; readonly condition: Node }
  | { readonly kind: "named-set"; readonly name: "R" | "Q" | "Z" | "N" | "C" | "empty" }
  | {
      readonly kind: "set-operation";
      readonly operation: "∪" | "∩" | "∖";
      readonly left: Node;
      readonly right: Node;
    }
  | RelationNode
  | ListNode
  | { readonly kind: "ratio"; readonly items: readonly Node[] }
  | { readonly kind: "quantity"; readonly value: Node; readonly unit: readonly UnitFactor[] }
  | { readonly kind: "congruence"; readonly value: Node; readonly modulus: Node };

export interface NumberNode {
  readonly kind: "number";
  readonly value: Rational;
  /** Digits after the point, where it is written as a decimal. */
  readonly decimals?: number;
  /** Ends in an ellipsis: more digits would follow. */
  readonly truncated?: boolean;
}

export interface TupleNode {
  readonly kind: "tuple";
  readonly open: "(" | "[" | "⟨";
  readonly close: ")" | "]" | "⟩";
  readonly items: readonly Node[];
}

export interface RelationNode {
  readonly kind: "relation";
  /** One more than the signs. */
  readonly sides: readonly Node[];
  readonly signs: readonly RelationSign[];
}

export interface ListNode {
  readonly kind: "list";
  readonly items: readonly Node[];
  readonly joint: "," | ";" | "and" | "or";
}

/** A word of a unit and its power: km/h is km^1 h^-1. */
export interface UnitFactor {
  readonly word: string;
  readonly power: number;
}

export function numberOf(n: number): Node {
  return { kind: "number", value: whole(n) };
}

export function product(factors: readonly Node[]): Node {
  return factors.length === 1 ? factors[0]! : { kind: "multiply", factors };
}

export function children(node: Node): readonly Node[] {
  switch (node.kind) {
    case "number":
    case "constant":
    case "symbol":
    case "named-set":
      return [];
    case "call":
      return node.args;
    case "add":
      return node.terms;
    case "multiply":
      return node.factors;
    case "divide":
      return [node.top, node.bottom];
    case "power":
      return [node.base, node.exponent];
    case "negate":
    case "plus-minus":
    case "percent":
    case "degree":
    case "quantity":
      return [node.value];
    case "congruence":
      return [node.value, node.modulus];
    case "fold":
      return [node.from, node.to, node.body];
    case "matrix":
      return node.rows.flat();
    case "tuple":
    case "set":
    case "list":
    case "ratio":
      return node.items;
    case "builder":
      return [node.element, node.condition];
    case "set-operation":
      return [node.left, node.right];
    case "relation":
      return node.sides;
  }
}

/** Whether the node or anything in it passes the test. */
export function contains(node: Node, test: (node: Node) => boolean): boolean {
  return test(node) || children(node).some((child) => contains(child, test));
}

/** The names of the variables that are free in it. */
export function symbolsOf(node: Node, found: Set<string> = new Set()): Set<string> {
  if (node.kind === "symbol") found.add(node.name);
  if (node.kind === "fold") {
    const inside = symbolsOf(node.body);
    inside.delete(node.variable);
    for (const name of inside) found.add(name);
    symbolsOf(node.from, found);
    symbolsOf(node.to, found);
    return found;
  }
  for (const child of children(node)) symbolsOf(child, found);
  return found;
}

/** The same node with other children, in the order of `children`. */
export function mapChildren(node: Node, map: (child: Node) => Node): Node {
  switch (node.kind) {
    case "number":
    case "constant":
    case "symbol":
    case "named-set":
      return node;
    case "call":
      return { ...node, args: node.args.map(map) };
    case "add":
      return { ...node, terms: node.terms.map(map) };
    case "multiply":
      return { ...node, factors: node.factors.map(map) };
    case "divide":
      return { ...node, top: map(node.top), bottom: map(node.bottom) };
    case "power":
      return { ...node, base: map(node.base), exponent: map(node.exponent) };
    case "negate":
    case "plus-minus":
    case "percent":
    case "degree":
    case "quantity":
      return { ...node, value: map(node.value) };
    case "congruence":
      return { ...node, value: map(node.value), modulus: map(node.modulus) };
    case "fold":
      return { ...node, from: map(node.from), to: map(node.to), body: map(node.body) };
    case "matrix":
      return { ...node, rows: node.rows.map((row) => row.map(map)) };
    case "tuple":
    case "set":
    case "list":
    case "ratio":
      return { ...node, items: node.items.map(map) };
    case "builder":
      return { ...node, element: map(node.element), condition: map(node.condition) };
    case "set-operation":
      return { ...node, left: map(node.left), right: map(node.right) };
    case "relation":
      return { ...node, sides: node.sides.map(map) };
  }
}

/** The node with every part that `replace` answers replaced, from the outside in. */
export function rewrite(node: Node, replace: (part: Node) => Node | undefined): Node {
  return replace(node) ?? mapChildren(node, (child) => rewrite(child, replace));
}
