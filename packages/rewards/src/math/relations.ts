// Equations and inequalities: equal if one is the other times a constant (a positive one, for
// inequalities), or turned round.

import { rewrite, symbolsOf, type Node, type RelationNode, type RelationSign } from "./ast.ts";
import { sameValue } from "./identity.ts";
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

export function matchRelations(gold: RelationNode, answer: RelationNode, options: MatchOptions): boolean {
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
  return isMultiple(gold.node, answer.node, either, options);
}

/** Whether a/b is a constant, positive unless either sign will do. */
function isMultiple(a: Node, b: Node, eitherSign: boolean, options: MatchOptions): boolean {
  const names = [...symbolsOf(a)].toSorted();
  if (names.length === 0 || names.join() !== [...symbolsOf(b)].toSorted().join()) return false;
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
