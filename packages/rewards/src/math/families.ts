// Solutions with a whole number in them, such as π/6 + 2πk, k ∈ ℤ: the parameter may have any name, and
// 2k + 1 runs through the same numbers as 2k - 1.

import { contains, symbolsOf, type Node } from "./ast.ts";
import { isExact, isMatrix } from "./value.ts";
import { constantValue, type IdentityOptions } from "./identity.ts";
import { labelled, renameVariables } from "./labels.ts";
import { expanded } from "./plus-minus.ts";
import { fromRational, sign, toNumber } from "./real.ts";
import { substitute } from "./sets.ts";

export interface Family {
  /** Without the conditions on its parameters. */
  readonly node: Node;
  readonly parameters: readonly string[];
  /** Whether they are all of ℤ. */
  readonly allIntegers: boolean;
}

/**
 * Takes conditions such as k ∈ ℤ off an answer; undefined if it has none, unless it is a multiple of π with
 * a k, m or n in it: that can be nothing else.
 */
export function familyOf(node: Node): Family | undefined {
  const items =
    node.kind === "list"
      ? node.items
      : node.kind === "builder"
        ? [node.element, node.condition]
        : [node];
  const parameters: string[] = [];
  let allIntegers = true;
  const kept = items.filter((item) => {
    if (item.kind !== "relation" || item.signs.join() !== "∈") return true;
    const [left, right] = item.sides as [Node, Node];
    if (left.kind !== "symbol" || right.kind !== "named-set" || right.name === "empty") return true;
    parameters.push(left.name);
    allIntegers &&= right.name === "Z";
    return false;
  });
  if (kept.length === 0 || (node.kind === "builder" && !allIntegers)) return undefined;
  if (parameters.length === 0) {
    const names = symbolsOf(labelled(node).value);
    const [name = ""] = names;
    const isAngle = names.size === 1 && /^[kmn]$/.test(name) && contains(node, isTurn);
    return isAngle ? { node, parameters: [name], allIntegers } : undefined;
  }
  const rest: Node = kept.length === 1 ? kept[0]! : { kind: "list", items: kept, joint: "," };
  return { node: rest, parameters, allIntegers };
}

function isTurn(node: Node): boolean {
  return node.kind === "degree" || (node.kind === "constant" && node.name === "pi");
}

const inner = 6;
const outer = 30;

/** Whether two families in one parameter each run through the same numbers. */
export function sameFamily(gold: Family, answer: Family, options: IdentityOptions): boolean {
  if (!gold.allIntegers || !answer.allIntegers) return false;
  const runs = (from: Family, to: Family): boolean => {
    const few = members(from, inner, options);
    const many = few && members(to, outer, options);
    return few !== undefined && many !== undefined && [...few].every((value) => many.has(value));
  };
  return runs(gold, answer) && runs(answer, gold);
}

/** The values for parameters up to a size, as text; undefined where one is no real number. */
function members(family: Family, reach: number, options: IdentityOptions): Set<string> | undefined {
  const [parameter] = family.parameters;
  const all = expanded(family.node);
  const expressions = all.kind === "list" ? all.items : [all];
  const values = new Set<string>();
  for (const expression of expressions) {
    const { value } = labelled(expression);
    if ([...symbolsOf(value)].some((name) => name !== parameter)) return undefined;
    for (let k = -reach; k <= reach; k++) {
      const by: Node = { kind: "number", value: { n: BigInt(k), d: 1n } };
      const found = constantValue(substitute(value, parameter!, by), options);
      if (found === undefined || isMatrix(found)) return undefined;
      if (!isExact(found) && sign(found.im) !== 0) return undefined;
      const number = toNumber(isExact(found) ? fromRational(found, 64) : found.re);
      values.add(Math.abs(number) < 1e-12 ? "0" : number.toPrecision(12));
    }
  }
  return values;
}

/** The answer's family with the parameters named as in the gold answer. */
export function renameParameters(answer: Family, gold: Family): Node {
  const [from, to] = [symbolsOf(answer.node), symbolsOf(gold.node)];
  const isForeign = answer.parameters.every((name) => from.has(name) && !to.has(name));
  return isForeign ? renameVariables(answer.node, gold.node) : answer.node;
}
