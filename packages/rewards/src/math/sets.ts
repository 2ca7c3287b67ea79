// Sets of real numbers: intervals, finite sets, inequalities, unions, differences. All end points of both
// sets cut the line into points and gaps; two sets are equal if they hold the same of them.

import { contains, rewrite, symbolsOf, type Node, type RelationSign } from "./ast.ts";
import { complexOf, type Complex } from "./complex.ts";
import { isExact, isMatrix, type Scalar } from "./value.ts";
import { constantValue, differ, type IdentityOptions } from "./identity.ts";
import { fraction, whole, type Rational } from "./rational.ts";
import { isLabel } from "./labels.ts";
import { nearestWhole, sign, subtract, type Real } from "./real.ts";

const bits = 128;
const maxEnds = 60;

/** What tells whether a position is in the set: 2k+1 is end point k, 2k the gap before it. */
type Member = (position: number, ends: readonly End[]) => boolean;

interface End {
  readonly value: Scalar;
}

export interface RealSet {
  readonly ends: readonly End[];
  readonly has: Member;
  /** Made by testing an inequality that is not solved. */
  readonly sampled: boolean;
}

/** A set of real numbers; undefined if the node is none, or if its ends are not constants. */
export function realSet(node: Node, options: IdentityOptions): RealSet | undefined {
  options.budget.spend();
  switch (node.kind) {
    case "named-set":
      if (node.name === "R") return plain([], () => true);
      return node.name === "empty" ? plain([], () => false) : undefined;
    case "tuple":
      return interval(node, options);
    case "set":
      return points(node.items, options);
    case "set-operation": {
      const left = realSet(node.left, options);
      const right = left && realSet(node.right, options);
      return left && right && combined(left, right, operations[node.operation]);
    }
    case "builder":
      return built(node.element, node.condition, options);
    case "relation":
      return solutions(node, options);
    case "list":
      return alternatives(node.items, node.joint, options);
    default:
      return undefined;
  }
}

const operations = {
  "∪": (left: boolean, right: boolean) => left || right,
  "∩": (left: boolean, right: boolean) => left && right,
  "∖": (left: boolean, right: boolean) => left && !right,
};

function plain(ends: readonly End[], has: Member): RealSet {
  return { ends, has, sampled: false };
}

function combined(
  left: RealSet,
  right: RealSet,
  operation: (left: boolean, right: boolean) => boolean,
): RealSet {
  return {
    ends: [...left.ends, ...right.ends],
    has: (position, ends) => operation(left.has(position, ends), right.has(position, ends)),
    sampled: left.sampled || right.sampled,
  };
}

/** A real constant, or ±1 for ±∞. */
function endOf(node: Node, options: IdentityOptions): End | 1 | -1 | undefined {
  if (node.kind === "constant" && node.name === "infinity") return 1;
  if (node.kind === "negate") {
    const inner = endOf(node.value, options);
    if (inner === 1 || inner === -1) return inner === 1 ? -1 : 1;
  }
  if (symbolsOf(node).size > 0) return undefined;
  const value = constantValue(node, options, bits);
  if (value === undefined || isMatrix(value)) return undefined;
  return isExact(value) || sign(value.im) === 0 ? { value } : undefined;
}

function positionOf(end: End | 1 | -1, ends: readonly End[]): number {
  if (end === 1) return Infinity;
  if (end === -1) return -Infinity;
  return 2 * ends.findIndex((other) => differ(other.value, end.value, bits) !== true) + 1;
}

function interval(
  { items, open, close }: Extract<Node, { kind: "tuple" }>,
  options: IdentityOptions,
): RealSet | undefined {
  if (items.length !== 2 || open === "⟨") return undefined;
  return between(items[0]!, items[1]!, open === "[", close === "]", options);
}

function between(
  from: Node,
  to: Node,
  withFrom: boolean,
  withTo: boolean,
  options: IdentityOptions,
): RealSet | undefined {
  const [low, high] = [endOf(from, options), endOf(to, options)];
  if (low === undefined || high === undefined) return undefined;
  if (!isBelow(low, high, withFrom && withTo)) return undefined;
  const ends = [low, high].filter((end): end is End => typeof end === "object");
  return plain(ends, (position, all) => {
    const [left, right] = [positionOf(low, all), positionOf(high, all)];
    return (
      (position > left || (withFrom && position === left)) &&
      (position < right || (withTo && position === right))
    );
  });
}

/** (3, 1) and (1, 1) are points of the plane and no intervals; [2, 2] is one number. */
function isBelow(low: End | 1 | -1, high: End | 1 | -1, closed: boolean): boolean {
  if (low === 1 || high === -1) return false;
  if (low === -1 || high === 1) return true;
  const ends = cut([plain([low, high], () => true)])!;
  return ends.length === 1 ? closed : ends[0] === low;
}

function points(items: readonly Node[], options: IdentityOptions): RealSet | undefined {
  const ends: End[] = [];
  for (const item of items) {
    const end = endOf(item, options);
    if (typeof end !== "object") return undefined;
    ends.push(end);
  }
  return plain(ends, (position, all) => ends.some((end) => positionOf(end, all) === position));
}

/** {x | condition}, {x ∈ S | condition}. */
function built(element: Node, condition: Node, options: IdentityOptions): RealSet | undefined {
  const solved = realSet(condition, options);
  if (element.kind === "symbol") return solved;
  const domain = element.kind === "relation" ? realSet(element, options) : undefined;
  return solved && domain && combined(solved, domain, operations["∩"]);
}

/** Several inequalities: "or" joins; "and" and commas intersect, unless nothing would be left. */
function alternatives(
  items: readonly Node[],
  joint: string,
  options: IdentityOptions,
): RealSet | undefined {
  const relations = items.every(({ kind }) => kind === "relation");
  const intervals = items.every(({ kind }) => kind === "tuple" || kind === "set-operation");
  const variables = new Set(items.flatMap((item) => [...symbolsOf(item)]));
  if ((!relations && !intervals) || variables.size > 1) return undefined;
  const sets = items.map((item) => realSet(item, options));
  if (sets.some((set) => set === undefined)) return undefined;
  const join = (kind: "∪" | "∩"): RealSet =>
    (sets as RealSet[]).reduce((left, right) => combined(left, right, operations[kind]));
  if (joint === "or" || intervals) return join("∪");
  const both = join("∩");
  const ends = both.sampled ? undefined : cut([both]);
  const isEmpty = ends && positions(ends).every((position) => !both.has(position, ends));
  return isEmpty ? join("∪") : both;
}

/** The numbers that satisfy a relation in one variable. */
function solutions(
  node: Extract<Node, { kind: "relation" }>,
  options: IdentityOptions,
): RealSet | undefined {
  const { sides, signs } = node;
  if (signs.length === 1 && signs[0] === "∈") {
    return sides[0]!.kind === "symbol" ? realSet(sides[1]!, options) : undefined;
  }
  if (symbolsOf(node).size !== 1) return undefined;
  let result: RealSet | undefined;
  for (const [at, relation] of signs.entries()) {
    const next =
      solved(sides[at]!, relation, sides[at + 1]!, options) ??
      sampled(sides[at]!, relation, sides[at + 1]!, options);
    if (!next) return undefined;
    result = result ? combined(result, next, operations["∩"]) : next;
  }
  return result;
}

const mirrored: { readonly [sign in RelationSign]?: RelationSign } = {
  "<": ">",
  ">": "<",
  "≤": "≥",
  "≥": "≤",
  "=": "=",
  "≠": "≠",
};

/** x < c and the like. */
function solved(
  left: Node,
  relation: RelationSign,
  right: Node,
  options: IdentityOptions,
): RealSet | undefined {
  const isVariable = (node: Node): boolean =>
    node.kind === "symbol" || (node.kind === "call" && node.name !== "abs" && isLabel(node));
  if (isVariable(right) && !isVariable(left)) {
    const turned = mirrored[relation];
    return turned && solved(right, turned, left, options);
  }
  if (!isVariable(left)) return undefined;
  const minus: Node = { kind: "negate", value: infinity };
  if (relation === "<" || relation === "≤") {
    return between(minus, right, false, relation === "≤", options);
  }
  if (relation === ">" || relation === "≥") {
    return between(right, infinity, relation === "≥", false, options);
  }
  const point = points([right], options);
  if (!point || relation === "=") return point;
  if (relation !== "≠") return undefined;
  return combined(
    plain([], () => true),
    point,
    operations["∖"],
  );
}

const infinity: Node = { kind: "constant", name: "infinity" };

/** Any other relation is tested at the end points and in the gaps of the set it is compared with. */
function sampled(
  left: Node,
  relation: RelationSign,
  right: Node,
  options: IdentityOptions,
): RealSet | undefined {
  // What an equation leaves out or adds is single points, which no sample finds.
  if (!/[<>≤≥]/.test(relation) || contains(left, isOutside) || contains(right, isOutside)) {
    return undefined;
  }
  const difference: Node = { kind: "add", terms: [left, { kind: "negate", value: right }] };
  const variable = [...symbolsOf(difference)][0]!;
  const holdsAt = (value: Scalar): boolean => {
    const side = signAt(difference, variable, value, options);
    if (side === undefined) return false;
    if (side === 0) return relation === "≤" || relation === "≥";
    return relation === (side < 0 ? "<" : ">") || relation === (side < 0 ? "≤" : "≥");
  };
  return {
    ends: [],
    sampled: true,
    has: (position, ends) => {
      const probes = probesAt(position, ends);
      const held = probes.filter(holdsAt).length;
      // Held in part of a gap only: there is an end point that the other set does not know.
      if (held !== 0 && held !== probes.length) throw new UnequalSetsError();
      return held > 0;
    },
  };
}

class UnequalSetsError {}

function isOutside({ kind }: Node): boolean {
  return kind === "tuple" || kind === "list" || kind === "set" || kind === "named-set";
}

/** The sign of an expression at a number: the variable is replaced by the number. */
function signAt(
  node: Node,
  variable: string,
  value: Scalar,
  options: IdentityOptions,
): number | undefined {
  const exact = isExact(value) ? value : roundedDown(value);
  const substituted = substitute(node, variable, { kind: "number", value: exact });
  const result = constantValue(substituted, options, bits);
  if (result === undefined || isMatrix(result)) return undefined;
  if (isExact(result)) return result.n < 0n ? -1 : result.n > 0n ? 1 : 0;
  if (sign(result.im) !== 0) return undefined;
  // A root is known to a hundred bits only: what is left over of it is zero.
  const tiny = fraction(1n, 1n << 90n)!;
  const small = complexOf(tiny, bits).re;
  const size = result.re.m < 0n ? { ...result.re, m: -result.re.m } : result.re;
  if (!isExact(value) && sign(subtract(size, small, bits)) !== 1) return 0;
  return sign(result.re);
}

function roundedDown({ re }: Complex): Rational {
  const scaled: Real = { ...re, e: re.e + 110 };
  return fraction(nearestWhole(scaled), 1n << 110n)!;
}

export function substitute(node: Node, variable: string, by: Node): Node {
  return rewrite(node, (part) =>
    part.kind === "symbol" && part.name === variable ? by : undefined,
  );
}

/** Numbers in a gap, or the end point itself. */
function probesAt(position: number, ends: readonly End[]): Scalar[] {
  if (position % 2 === 1) return [ends[(position - 1) / 2]!.value];
  const approximate = (end: End | undefined): Rational | undefined =>
    end && (isExact(end.value) ? end.value : roundedDown(end.value));
  const low = approximate(ends[position / 2 - 1]);
  const high = approximate(ends[position / 2]);
  if (!low && !high) return [-1000, -7, -1, 0, 1, 3, 5000].map(whole);
  const steps = [1n, 60n, 450n, 700n, 999n];
  const reach = [1n, 500n, 3000n, 70_000n];
  if (low && high) return steps.map((step) => blend(low, high, step));
  const [end, direction] = low ? [low, 1n] : [high!, -1n];
  return reach.map((far) => fraction(end.n * 1000n + direction * far * end.d, end.d * 1000n)!);
}

function blend(low: Rational, high: Rational, thousandths: bigint): Rational {
  const n = low.n * high.d * (1000n - thousandths) + high.n * low.d * thousandths;
  return fraction(n, low.d * high.d * 1000n)!;
}

/** All end points, in order, each once; undefined if they cannot be ordered. */
function cut(sets: readonly RealSet[]): End[] | undefined {
  const ends: End[] = [];
  for (const end of sets.flatMap((set) => set.ends)) {
    if (ends.some((other) => differ(other.value, end.value, bits) === false)) continue;
    if (ends.push(end) > maxEnds) return undefined;
  }
  return ends.toSorted((a, b) => {
    const [left, right] = [a.value, b.value].map((value) =>
      isExact(value) ? complexOf(value, bits) : value,
    );
    return sign(subtract(left!.re, right!.re, bits));
  });
}

function positions(ends: readonly End[]): number[] {
  return Array.from({ length: 2 * ends.length + 1 }, (_, position) => position);
}

export function sameSet(a: RealSet, b: RealSet): boolean {
  const ends = cut([a, b]);
  if (!ends) return false;
  try {
    return positions(ends).every((position) => a.has(position, ends) === b.has(position, ends));
  } catch (error) {
    if (error instanceof UnequalSetsError) return false;
    throw error;
  }
}
