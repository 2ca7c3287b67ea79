// Quantities of several units.

import type { Node } from "./ast.ts";
import { compare, quotient } from "./rational.ts";
import { measureOf } from "./units.ts";

/** 2 hours and 30 minutes as 2.5 hours. */
export function asQuantity(node: Node): Node | undefined {
  if (node.kind !== "list" || node.joint !== "and") return undefined;
  const [first, ...rest] = node.items;
  if (first?.kind !== "quantity") return undefined;
  const terms = [first.value];
  let last = measureOf(first.unit);
  const whole = last;
  for (const item of rest) {
    if (item.kind !== "quantity") return undefined;
    const next = measureOf(item.unit);
    if (next.dimensions !== whole.dimensions || compare(next.factor, last.factor) >= 0) {
      return undefined;
    }
    const factor: Node = { kind: "number", value: quotient(next.factor, whole.factor)! };
    terms.push({ kind: "multiply", factors: [item.value, factor] });
    last = next;
  }
  return { ...first, value: { kind: "add", terms } };
}
