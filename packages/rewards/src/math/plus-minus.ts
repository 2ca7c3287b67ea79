// ± in an answer: each stands for two answers.

import { contains, rewrite, type Node } from "./ast.ts";
import { labelled } from "./labels.ts";

/** ± as the list of its values; several ± go together if there is also a ∓. */
export function expanded(node: Node): Node {
  if (isCollection(node)) {
    const items = node.items.flatMap((item) => {
      const each = expanded(item);
      return each !== item && each.kind === "list" ? each.items : [each];
    });
    const changed = items.some((item, at) => item !== node.items[at]);
    return changed && node.kind !== "tuple" ? { ...node, items } : node;
  }
  if (node.kind === "relation") {
    const { label, value } = labelled(node);
    const each = label ? expanded(value) : value;
    if (!label || each === value || each.kind !== "list") return node;
    const items = each.items.map((item): Node => ({
      kind: "relation",
      sides: [label, item],
      signs: ["="],
    }));
    return { kind: "list", items, joint: "or" };
  }
  if (!contains(node, ({ kind }) => kind === "plus-minus")) return node;
  const pick = (plus: boolean): Node =>
    rewrite(node, (part) => {
      if (part.kind !== "plus-minus") return undefined;
      return part.flipped === plus ? { kind: "negate", value: part.value } : part.value;
    });
  return { kind: "list", items: [pick(true), pick(false)], joint: "or" };
}

type Collection = Extract<Node, { items: readonly Node[] }>;

export function isCollection(node: Node): node is Collection {
  return node.kind === "list" || node.kind === "set" || node.kind === "tuple";
}
