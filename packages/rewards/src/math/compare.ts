// Whether an answer is the gold answer, by the shapes of the two: values, lists, tuples, sets, relations,
// quantities. The gold answer decides what may stand for what.

import { contains, numberOf, rewrite, symbolsOf, type Node, type TupleNode } from "./ast.ts";
import { familyOf, renameParameters, sameFamily } from "./families.ts";
import { sameTree } from "./identity.ts";
import {
  askedValue,
  isWordLabel,
  labelled,
  renameArguments,
  sameLabel,
  unpacked,
  type Labelled,
} from "./labels.ts";
import { matchValue, type MatchOptions } from "./number-match.ts";
import { compare as compareRationals, magnitude, one } from "./rational.ts";
import { expanded, isCollection } from "./plus-minus.ts";
import { asQuantity } from "./quantities.ts";
import { haveSameVariables, matchRelations } from "./relations.ts";
import { realSet, sameSet } from "./sets.ts";
import { measureOf } from "./units.ts";

const maxItems = 200;

export function matchAnswer(gold: Node, answer: Node, options: MatchOptions): boolean {
  options.budget.spend();
  return (
    matchFamilies(gold, answer, options) ?? matchUnpacked(unpacked(gold), unpacked(answer), options)
  );
}

/** Answers with a whole number in them; undefined where neither says so. */
function matchFamilies(gold: Node, answer: Node, options: MatchOptions): boolean | undefined {
  const [expected, found] = [familyOf(gold), familyOf(answer)];
  if (!expected && !found) return undefined;
  const match = (a: Node, b: Node): boolean => matchUnpacked(unpacked(a), unpacked(b), options);
  // The condition may be left out.
  if (!expected || !found) return match(expected?.node ?? gold, found?.node ?? answer);
  if (match(expected.node, renameParameters(found, expected))) return true;
  return sameFamily(expected, found, options);
}

function matchUnpacked(gold: Node, answer: Node, options: MatchOptions): boolean {
  const expected = labelled(gold);
  const found = labelled(answer);
  if (gold.kind !== "relation" && answer.kind === "relation" && symbolsOf(gold).size === 0) {
    const asked = askedValue(answer);
    if (asked) return matchAnswer(gold, asked, options);
  }
  if (expected.label && found.label && isWordLabel(expected.label) === isWordLabel(found.label)) {
    return matchLabelled(expected, found, options);
  }
  if (expected.label || found.label) {
    // One of them names the value: 5 for x = 5.
    const plain = expected.label ? found.value : expected.value;
    if (plain.kind === "relation") return matchShapes(gold, answer, options);
    return matchAnswer(expected.value, found.value, options);
  }
  return matchShapes(expected.value, found.value, options);
}

function matchLabelled(gold: Labelled, answer: Labelled, options: MatchOptions): boolean {
  const renamed = renameArguments(answer, gold);
  if (sameLabel(gold.label!, renamed.label!)) {
    if (matchAnswer(gold.value, renamed.value, options)) return true;
  }
  // y = 2x as x = y/2: the same line, unless the gold answer is a plain number.
  if (symbolsOf(gold.value).size === 0) return false;
  const relation = ({ label, value }: Labelled): Node & { kind: "relation" } => ({
    kind: "relation",
    sides: [label!, value],
    signs: ["="],
  });
  return matchRelations(relation(gold), relation(renamed), options);
}

function matchShapes(gold: Node, answer: Node, options: MatchOptions): boolean {
  const [left, right] = [expanded(gold), expanded(answer)];
  if (left !== gold || right !== answer) return matchAnswer(left, right, options);
  const [only, alone] = [onlyItem(gold), onlyItem(answer)];
  if (only && !isCollection(answer) && !isSetLike(answer))
    return matchAnswer(only, answer, options);
  if (alone && !isCollection(gold) && !isSetLike(gold)) return matchAnswer(gold, alone, options);
  const [total, sum] = [asQuantity(gold), asQuantity(answer)];
  if (total && !isCollection(answer)) return matchAnswer(total, answer, options);
  if (sum && !isCollection(gold)) return matchAnswer(gold, sum, options);
  if (gold.kind === "quantity" || answer.kind === "quantity") {
    return matchQuantities(gold, answer, options);
  }
  if (isMeasured(gold) || isMeasured(answer)) return matchMeasured(gold, answer, options);
  if (gold.kind === "congruence" || answer.kind === "congruence") {
    return matchCongruences(gold, answer, options);
  }
  if (gold.kind === "relation" && answer.kind === "relation") {
    if (matchRelations(gold, answer, options)) return true;
    return matchSets(gold, answer, options);
  }
  if (gold.kind === "ratio" || answer.kind === "ratio") return matchRatios(gold, answer, options);
  const [goldItems, answerItems] = [itemsOf(gold), itemsOf(answer)];
  if (goldItems || answerItems) {
    return matchCollections(gold, answer, options) || matchSets(gold, answer, options);
  }
  if (isSetLike(gold) || isSetLike(answer)) return matchSets(gold, answer, options);
  if (isInfinite(gold) || isInfinite(answer)) return sameTree(gold, answer);
  if (gold.kind === "relation" || answer.kind === "relation") return false;
  return matchValue(gold, answer, options) || matchBareDegrees(gold, answer, options);
}

/** The 5 of {5}. */
function onlyItem(node: Node): Node | undefined {
  return node.kind === "set" && node.items.length === 1 ? node.items[0] : undefined;
}

function isSetLike({ kind }: Node): boolean {
  return kind === "set-operation" || kind === "named-set" || kind === "builder";
}

function isInfinite(node: Node): boolean {
  if (node.kind === "negate") return isInfinite(node.value);
  return node.kind === "constant" && node.name === "infinity";
}

/** What is in a list, a set, a tuple or a vector. */
function itemsOf(node: Node): readonly Node[] | undefined {
  if (isCollection(node)) return node.items;
  return node.kind === "matrix" ? node.rows.flat() : undefined;
}

function matchCollections(gold: Node, answer: Node, options: MatchOptions): boolean {
  const [expected, found] = [itemsOf(gold), itemsOf(answer)];
  if (!expected && answer.kind === "list") {
    // 15 39/40, or 639/40: the same answer twice.
    return answer.items.every((item) => matchAnswer(gold, item, options));
  }
  if (!expected || !found) return isVectorSum(gold, answer) && matchValue(gold, answer, options);
  if (expected.length > maxItems || found.length > maxItems) return false;
  const isList = answer.kind === "list" || answer.kind === "set";
  if (gold.kind === "list" && isList && expected.length !== found.length) {
    // The same item twice counts once.
    const [a, b] = [distinct(expected), distinct(found)];
    const isShorter = a.length < expected.length || b.length < found.length;
    return isShorter && a.length === b.length && matchLabels(a, b, options);
  }
  if (expected.length !== found.length) return false;
  if (gold.kind === "matrix" || answer.kind === "matrix") {
    return haveSameShape(gold, answer) && matchInOrder(expected, found, options);
  }
  if (gold.kind === "tuple" && answer.kind === "tuple") {
    return haveSameBrackets(gold, answer) && matchInOrder(expected, found, options);
  }
  if (gold.kind === "tuple") {
    // A list without brackets may be the tuple in its order; a set never is.
    return (
      answer.kind === "list" &&
      gold.open !== "[" &&
      gold.close !== "]" &&
      matchInOrder(expected, valuesOf(found), options)
    );
  }
  if (answer.kind === "tuple") {
    // Round brackets around a list group it; they do not order it.
    const isRound = answer.open === "(" && answer.close === ")";
    const isVector = answer.open === "⟨" && expected.every((item) => labelled(item).label);
    const groups = gold.kind === "list" && (isRound || isVector);
    return groups && matchLabels(expected, found, options);
  }
  // A set has no order that could stand for x = 1, y = 2.
  const names = namesOf([...expected, ...found].map(labelled));
  if ((gold.kind === "set" || answer.kind === "set") && names > 1) return false;
  return matchLabels(expected, found, options);
}

function distinct(items: readonly Node[]): Node[] {
  return items.filter((item, at) => items.findIndex((other) => sameTree(item, other)) === at);
}

/** (1, 2) + t(3, 4) against (1 + 3t, 2 + 4t). */
function isVectorSum(gold: Node, answer: Node): boolean {
  return [gold, answer].every(
    (node) =>
      node.kind === "matrix" ||
      node.kind === "tuple" ||
      ((node.kind === "add" || node.kind === "multiply" || node.kind === "divide") &&
        contains(node, ({ kind }) => kind === "matrix" || kind === "tuple")),
  );
}

function haveSameShape(gold: Node, answer: Node): boolean {
  const shape = (node: Node): string => {
    if (node.kind === "matrix") return `${node.rows.length}×${node.rows[0]?.length}`;
    if (node.kind !== "tuple") return "";
    // A gold answer in square brackets may be an interval; an answer to a vector is none.
    const brackets = bracketsOf(node);
    return brackets === "()" || (brackets === "[]" && node === answer) ? "1×vector" : "";
  };
  const [expected, found] = [shape(gold), shape(answer)];
  if (!expected.includes("v") && !found.includes("v")) return expected === found;
  return [expected, found].every((text) => /^1×|×1$/.test(text));
}

function bracketsOf({ open, close }: TupleNode): string {
  return `${open}${close}`.replace("⟨", "(").replace("⟩", ")");
}

/** A pair in round brackets may be a point or an open interval; the others must agree. */
function haveSameBrackets(gold: TupleNode, answer: TupleNode): boolean {
  const [expected, found] = [bracketsOf(gold), bracketsOf(answer)];
  // Three numbers are no interval.
  return expected === found || (gold.items.length > 2 && expected + found === "()[]");
}

function matchInOrder(
  gold: readonly Node[],
  answer: readonly Node[],
  options: MatchOptions,
): boolean {
  return gold.every((item, at) => matchAnswer(item, answer[at]!, options));
}

function valuesOf(items: readonly Node[]): Node[] {
  return items.map((item) => labelled(item).value);
}

/** Lists in any order; values that only one side labels go by the order of the labels. */
function matchLabels(
  gold: readonly Node[],
  answer: readonly Node[],
  options: MatchOptions,
): boolean {
  const [expected, found] = [gold.map(labelled), answer.map(labelled)];
  const [goldNames, answerNames] = [namesOf(expected), namesOf(found)];
  const [inWords, answerInWords] = [expected, found].map((items) =>
    items.some(({ label }) => label && isWordLabel(label)),
  );
  if (goldNames > 1 && answerNames > 1 && inWords !== answerInWords) {
    return matchInOrder(valuesOf(gold), valuesOf(answer), options);
  }
  if (goldNames > 1 !== answerNames > 1 && (goldNames > 1 || answerNames > 1)) {
    const labelledFirst = goldNames > 1 ? answerNames === 0 : goldNames === 0;
    return labelledFirst && matchInOrder(valuesOf(gold), valuesOf(answer), options);
  }
  // a = 4, -8, -10 labels the whole list.
  const oneName = goldNames <= 1 && answerNames <= 1;
  if (!oneName) return matchInAnyOrder(gold, answer, options);
  const [a, b] = [expected, found].map((items) => items.find(({ label }) => label)?.label);
  if (a && b && !sameLabel(a, b)) return false;
  return matchInAnyOrder(valuesOf(gold), valuesOf(answer), options);
}

function namesOf(items: readonly Labelled[]): number {
  return distinct(items.flatMap(({ label }) => label ?? [])).length;
}

function matchInAnyOrder(
  gold: readonly Node[],
  answer: readonly Node[],
  options: MatchOptions,
): boolean {
  const left = [...answer];
  for (const item of gold) {
    const at = left.findIndex((other) => matchAnswer(item, other, options));
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return true;
}

function matchSets(gold: Node, answer: Node, options: MatchOptions): boolean {
  if (
    gold.kind === "set-operation" &&
    answer.kind === "set-operation" &&
    matchUnions(gold, answer, options)
  ) {
    return true;
  }
  if (gold.kind === "named-set" && answer.kind === "named-set" && gold.name === answer.name)
    return true;
  if (!couldBeSet(gold) || !couldBeSet(answer)) return false;
  // y > 3 is no answer of x > 3, but the variable of { t : t > 3 } is bound.
  const isFree =
    gold.kind === answer.kind &&
    contains(gold, (part) => part.kind === "relation" && part.signs[0] !== "=") &&
    gold.kind !== "builder";
  if (isFree && !haveSameVariables(gold, answer)) return false;
  const expected = realSet(gold, options);
  const found = expected && realSet(answer, options);
  if (!expected || !found) return false;
  // An inequality that is not solved is the question, not its answer.
  if (found.sampled && !options.unsolved) return false;
  return sameSet(expected, found);
}

/** A pair or a list of numbers alone is no set. */
function couldBeSet(node: Node): boolean {
  if (node.kind === "list")
    return node.items.every((item) => item.kind !== "number" && couldBeSet(item));
  if (node.kind === "tuple") return node.items.length === 2 && node.open !== "⟨";
  return node.kind === "relation" || node.kind === "set" || isSetLike(node);
}

/** Unions part by part, for ends that are variables or rounded. */
function matchUnions(gold: Node, answer: Node, options: MatchOptions): boolean {
  const parts = (node: Node): Node[] =>
    node.kind === "set-operation" && node.operation === "∪"
      ? [...parts(node.left), ...parts(node.right)]
      : [node];
  const [expected, found] = [parts(gold), parts(answer)];
  if (expected.length < 2 || expected.length !== found.length) return false;
  return matchInAnyOrder(expected, found, options);
}

function matchQuantities(gold: Node, answer: Node, options: MatchOptions): boolean {
  if (isMeasured(gold) || isMeasured(answer)) {
    // 60° is π/3 radians and not 60 of them.
    const [a, b] = [gold, answer].map((node) =>
      node.kind === "quantity" && measureOf(node.unit).dimensions === "angle^1" ? node.value : node,
    );
    return a!.kind !== "quantity" && b!.kind !== "quantity" && matchValue(a!, b!, options);
  }
  if (gold.kind !== "quantity" || answer.kind !== "quantity") {
    // A unit may be left out.
    const value = (node: Node): Node => (node.kind === "quantity" ? node.value : node);
    return matchAnswer(value(gold), value(answer), options);
  }
  const [expected, found] = [measureOf(gold.unit), measureOf(answer.unit)];
  if (expected.dimensions !== found.dimensions) {
    // A unit of which only the other side says nothing that we know: "5 units".
    if (expected.dimensions !== "" && found.dimensions !== "") return false;
    return matchAnswer(gold.value, answer.value, options);
  }
  if (compareRationals(expected.factor, found.factor) === 0) {
    return matchAnswer(gold.value, answer.value, options);
  }
  const converted = (value: Node, factor: typeof one): Node => ({
    kind: "multiply",
    factors: [value, { kind: "number", value: factor }],
  });
  return matchValue(
    converted(gold.value, expected.factor),
    converted(answer.value, found.factor),
    options,
  );
}

function isMeasured({ kind }: Node): boolean {
  return kind === "percent" || kind === "degree";
}

/** 50% is 0.5, 60° is π/3; and the sign may be left out, where no other number is meant by that. */
function matchMeasured(gold: Node, answer: Node, options: MatchOptions): boolean {
  if (itemsOf(gold) || itemsOf(answer)) return false;
  if (gold.kind === answer.kind) {
    return matchAnswer((gold as { value: Node }).value, (answer as { value: Node }).value, options);
  }
  if (isInfinite(gold) || isInfinite(answer)) return false;
  if (matchValue(gold, answer, options)) return true;
  if (isMeasured(gold) && isMeasured(answer)) return false;
  const [measured, plain] = isMeasured(gold) ? [gold, answer] : [answer, gold];
  const value = (measured as { value: Node }).value;
  if (measured.kind === "percent") {
    // 0.5% is not 0.5.
    const literal = plain.kind === "number" ? plain.value : undefined;
    if (literal && compareRationals(magnitude(literal), one) < 0) return false;
  } else if (contains(plain, (part) => part.kind === "constant" && part.name === "pi"))
    return false;
  return measured === gold
    ? matchAnswer(value, plain, options)
    : matchAnswer(plain, value, options);
}

/** 180 - α for 180° - α. */
function matchBareDegrees(gold: Node, answer: Node, options: MatchOptions): boolean {
  if (!contains(gold, ({ kind }) => kind === "degree")) return false;
  const isAngular = (part: Node): boolean =>
    part.kind === "degree" ||
    part.kind === "call" ||
    (part.kind === "constant" && part.name === "pi");
  const bare = rewrite(gold, (part) => (part.kind === "degree" ? part.value : undefined));
  return (
    ![bare, answer].some((node) => contains(node, isAngular)) && matchValue(bare, answer, options)
  );
}

function matchRatios(gold: Node, answer: Node, options: MatchOptions): boolean {
  if (gold.kind === "ratio" && answer.kind === "ratio") {
    if (gold.items.length !== answer.items.length) return false;
    // a : b = c : d where a d = b c; 12:00 is a time.
    const [a, b] = [gold.items, answer.items];
    const isZero = (node: Node): boolean => matchValue(numberOf(0), node, options);
    if ([...a, ...b].some(isZero)) return matchInOrder(a, b, options);
    return a.every((item, at) => {
      const next = (at + 1) % a.length;
      return matchValue(
        { kind: "multiply", factors: [item, b[next]!] },
        { kind: "multiply", factors: [a[next]!, b[at]!] },
        options,
      );
    });
  }
  const ratio = gold.kind === "ratio" ? gold : (answer as Extract<Node, { kind: "ratio" }>);
  const other = gold.kind === "ratio" ? answer : gold;
  if (ratio.items.length !== 2 || itemsOf(other) || other.kind === "relation") return false;
  // 5 is not 5 : 1.
  if (gold.kind === "number" && gold.value.d === 1n) return false;
  const quotient: Node = { kind: "divide", top: ratio.items[0]!, bottom: ratio.items[1]! };
  return gold.kind === "ratio"
    ? matchValue(quotient, other, options)
    : matchValue(other, quotient, options);
}

function matchCongruences(gold: Node, answer: Node, options: MatchOptions): boolean {
  if (gold.kind !== "congruence")
    return matchAnswer(gold, (answer as { value: Node }).value, options);
  if (answer.kind !== "congruence") return matchAnswer(gold.value, answer, options);
  if (!matchValue(gold.modulus, answer.modulus, options)) return false;
  const difference: Node = {
    kind: "add",
    terms: [gold.value, { kind: "negate", value: answer.value }],
  };
  const multiple: Node = { kind: "divide", top: difference, bottom: gold.modulus };
  const floor: Node = { kind: "call", name: "floor", args: [multiple] };
  return matchValue(multiple, floor, options);
}
