// Values as they cross the border of a sandbox: JSON with tags, so that whole and floating-point numbers,
// lists and tuples, sets and dictionaries stay apart. Only data crosses, never an object with behaviour:
// an object that claims to be equal to everything arrives as nothing in particular.

export type Plain = null | boolean | string | readonly [tag: string, ...parts: unknown[]];

/** What a host value is in the sandbox. */
export function toPlain(value: unknown, depth = 0): Plain {
  if (depth > 100) throw new RangeError("code test: a value is nested more than 100 deep.");
  const inner = (item: unknown): Plain => toPlain(item, depth + 1);
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (value === undefined) return ["u"];
  if (typeof value === "bigint") return ["i", integerText(value)];
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && !Object.is(value, -0)
      ? ["i", String(value)]
      : ["f", floatText(value)];
  }
  if (Array.isArray(value)) return ["l", value.map(inner)];
  if (value instanceof Set) return ["S", [...value].map(inner)];
  if (value instanceof Map) return ["d", [...value].map(([k, v]) => [inner(k), inner(v)])];
  if (typeof value === "object") {
    return ["d", Object.entries(value).map(([k, v]) => [k, inner(v)])];
  }
  throw new TypeError(`code test: expected plain data, got a ${typeof value}.`);
}

/** Python reads and writes at most 4300 decimal digits; beyond, both sides use hexadecimal. */
function integerText(value: bigint): string {
  const digits = String(value);
  if (digits.length < 3900) return digits;
  return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

function readInteger(text: string): bigint | undefined {
  if (/^-?(\d+|0x[\da-f]+)$/.test(text))
    return text[0] === "-" ? -BigInt(text.slice(1)) : BigInt(text);
  return undefined;
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0.0" : String(value);
}

export interface MatchOptions {
  /** Relative, for floating-point numbers. Default 0: equal. */
  readonly tolerance?: number;
}

/**
 * Whether what a sandbox sent is the expected value. Lists and tuples are sequences, 2 is 2.0 and 2n, sets and
 * dictionaries have no order, true is not 1. Names of JSON objects match numeric keys.
 */
export function matches(
  expected: unknown,
  actual: unknown,
  options: MatchOptions = {},
  depth = 0,
): boolean {
  if (depth > 100) return false;
  const inner = (a: unknown, b: unknown): boolean => matches(a, b, options, depth + 1);
  if (expected === null || typeof expected === "boolean" || typeof expected === "string") {
    return expected === actual;
  }
  if (!Array.isArray(actual)) return false;
  const [tag, body] = actual as readonly unknown[];
  if (expected === undefined) return tag === "u";
  if (typeof expected === "number" || typeof expected === "bigint") {
    return isNumber(tag, body) && sameNumber(expected, body, options.tolerance ?? 0);
  }
  if (!Array.isArray(body)) return false;
  if (Array.isArray(expected)) {
    if (tag !== "l" && tag !== "t") return false;
    return expected.length === body.length && expected.every((item, i) => inner(item, body[i]));
  }
  if (expected instanceof Set) {
    return (tag === "S" || tag === "F") && sameMembers([...expected], body, inner);
  }
  if (typeof expected !== "object" || (tag !== "d" && tag !== "m")) return false;
  const isMap = expected instanceof Map;
  const entries = isMap ? [...expected] : Object.entries(expected);
  const sameKey = (a: unknown, b: unknown): boolean =>
    inner(a, b) || (!isMap && isTagged(b, "i") && b[1] === a);
  return sameMembers(entries, body, (a, b) => {
    const [key, value] = a as [unknown, unknown];
    return Array.isArray(b) && sameKey(key, b[0]) && inner(value, b[1]);
  });
}

function isTagged(value: unknown, tag: string): value is readonly unknown[] {
  return Array.isArray(value) && value[0] === tag;
}

function isNumber(tag: unknown, body: unknown): body is string {
  return (
    (tag === "i" || tag === "n" || tag === "f") && typeof body === "string" && body.length < 100_000
  );
}

function sameNumber(expected: number | bigint, text: string, tolerance: number): boolean {
  const whole = readInteger(text);
  if (whole !== undefined && (typeof expected === "bigint" || Number.isSafeInteger(expected))) {
    return tolerance === 0
      ? whole === BigInt(expected)
      : near(Number(expected), Number(whole), tolerance);
  }
  const special: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, "-inf": -Infinity };
  const actual = Object.hasOwn(special, text) ? special[text]! : Number(text);
  return near(Number(expected), actual, tolerance);
}

function near(expected: number, actual: number, tolerance: number): boolean {
  if (expected === actual || (Number.isNaN(expected) && Number.isNaN(actual))) return true;
  if (!Number.isFinite(expected) || !Number.isFinite(actual)) return false;
  return Math.abs(expected - actual) <= tolerance * Math.abs(expected);
}

/** Whether two collections hold the same, in any order: each member is used once. */
function sameMembers(
  expected: readonly unknown[],
  actual: readonly unknown[],
  same: (a: unknown, b: unknown) => boolean,
): boolean {
  if (expected.length !== actual.length) return false;
  const left = [...actual];
  return expected.every((item) => {
    const at = left.findIndex((candidate) => same(item, candidate));
    if (at < 0) return false;
    left.splice(at, 1);
    return true;
  });
}

/** A value for a message, cut to a line. */
export function show(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value, (_, item: unknown) => showable(item)) ?? "undefined";
  } catch {
    text = String(value);
  }
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function showable(item: unknown): unknown {
  if (typeof item === "bigint") return `${item}n`;
  return item instanceof Map || item instanceof Set ? [...item] : item;
}
