// Equations and inequalities: equal if one is the other times a constant (a positive one, for
// inequalities), or turned round.

import {
  numberOf,
  rewrite,
  symbolsOf,
  type Node,
  type RelationNode,
  type RelationSign,
} from "./ast.ts";
import { sameValue } from "./identity.ts";
import { substitute } from "./sets.ts";
import type { MatchOptions } from "./number-match.ts";

interface Difference {
  readonly sign: RelationSign;
  /** Left minus right. */
  readonly node: Node;
}

function minus(left: Node, right: Node): Node {
  return { kind: "add", terms: [left, { kind: "negate", value: right }] };
}

/** Every link of a chain, with > and ≥ turned round. */
function differences({ sides, signs }: RelationNode): Difference[] {
  const links = signs.map((sign, at): Difference => {
    const [left, right] = [sides[at]!, sides[at + 1]!];
    if (sign === ">") return { sign: "<", node: minus(right, left) };
    if (sign === "≥") return { sign: "≤", node: minus(right, left) };
    return { sign: sign === "≈" ? "=" : sign, node: minus(left, right) };
  });
  // a > b > c reads as c < b < a.
  return signs.every((sign) => sign === ">" || sign === "≥") ? links.toReversed() : links;
}

/** A gold answer such as x = 5 is solved: an equation that only implies it is no answer. */
function isSolved(relation: RelationNode): boolean {
  const [left, right] = relation.sides as [Node, Node];
  const isNumber = (node: Node): boolean => symbolsOf(node).size === 0;
  return (left.kind === "symbol" && isNumber(right)) || (right.kind === "symbol" && isNumber(left));
}

export function matchRelations(
  gold: RelationNode,
  answer: RelationNode,
  options: MatchOptions,
): boolean {
  const [expected, found] = [differences(gold), differences(answer)];
  if (expected.length !== found.length) return false;
  const onlySign = gold.signs.length === 1 && isSolved(gold) && !options.unsolved;
  return expected.every((link, at) => matchDifference(link, found[at]!, onlySign, options));
}

function matchDifference(
  gold: Difference,
  answer: Difference,
  onlySign: boolean,
  options: MatchOptions,
): boolean {
  if (gold.sign !== answer.sign) return false;
  const either = gold.sign === "=" || gold.sign === "≠";
  if (sameValue(gold.node, answer.node, options)) return true;
  if (either && sameValue(gold.node, { kind: "negate", value: answer.node }, options)) return true;
  if (onlySign || gold.sign === "∈" || gold.sign === "∉") return false;
  if (isMultiple(gold.node, answer.node, either, options)) return true;
  return gold.sign === "=" && haveSameSolution(gold.node, answer.node, options);
}

/** xy = 1 and y = 1/x: both are linear in y, and have the same solution for it. */
function haveSameSolution(a: Node, b: Node, options: MatchOptions): boolean {
  const names = [...symbolsOf(a)];
  if (names.length < 2 || !haveSameVariables(a, b)) return false;
  return names.some((name) => {
    const [first, second] = [a, b].map((node) => solutionOf(node, name, options));
    return first !== undefined && second !== undefined && sameValue(first, second, options);
  });
}

/** Where an expression that is linear in a variable vanishes. */
function solutionOf(node: Node, name: string, options: MatchOptions): Node | undefined {
  const [zero, one, two] = [0, 1, 2].map((n) => substitute(node, name, numberOf(n)));
  const slope = minus(one!, zero!);
  if (!sameValue(slope, minus(two!, one!), options)) return undefined;
  return { kind: "divide", top: { kind: "negate", value: zero! }, bottom: slope };
}

export function haveSameVariables(a: Node, b: Node): boolean {
  return [...symbolsOf(a)].toSorted().join() === [...symbolsOf(b)].toSorted().join();
}

/** Whether a/b is a constant, positive unless either sign will do. */
function isMultiple(a: Node, b: Node, eitherSign: boolean, options: MatchOptions): boolean {
  if (symbolsOf(a).size === 0 || !haveSameVariables(a, b)) return false;
  const ratio: Node = { kind: "divide", top: a, bottom: b };
  if (!sameValue(ratio, inOtherVariables(ratio), options)) return false;
  if (eitherSign) return true;
  const size: Node = { kind: "call", name: "abs", args: [ratio] };
  return sameValue(ratio, size, options);
}

/** The same expression in other variables: a constant does not notice. */
function inOtherVariables(node: Node): Node {
  return rewrite(node, (part) =>
    part.kind === "symbol" ? { kind: "symbol", name: `${part.name}*` } : undefined,
  );
}
