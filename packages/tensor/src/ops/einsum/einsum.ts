import { ArgumentError, ShapeError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";

interface Term {
  readonly labels: readonly string[];
  readonly value: Tensor;
}

/**
 * Einstein summation, as NumPy's and PyTorch's: `einsum("bthd,bshd->bhts", q, k)`. Letters that the result
 * lacks are summed; without "->" the result has every letter that occurs once, in alphabetical order. "..." stands
 * for the axes that no letter names, which broadcast: `einsum("...ij,jk->...ik", x, w)`.
 * Operands are contracted from left to right, each pair by one batched matmul.
 */
export function einsum(equation: string, ...operands: Tensor[]): Tensor {
  const { inputs, output } = parse(equation, operands);
  const sizes = new Map<string, number>();
  let terms = operands.map((value, i): Term => {
    const term = { labels: inputs[i]!, value };
    checkSizes(term, sizes);
    return diagonalised(term);
  });
  terms = terms.map((term) => withoutStretched(term, sizes));
  while (terms.length > 1) {
    const [a, b, ...rest] = terms as [Term, Term, ...Term[]];
    const needed = new Set([...output, ...rest.flatMap((term) => term.labels)]);
    terms = [contract(a, b, needed, sizes), ...rest];
  }
  const { labels, value } = summed(terms[0]!, new Set(output));
  return value.permute(output.map((label) => labels.indexOf(label)));
}

/** The axes of "..." are labelled by their place from the right, which is how they broadcast. */
const ellipsisLabel = (fromRight: number): string => `...${fromRight}`;
const isEllipsis = (label: string): boolean => label.startsWith("...");

function parse(
  equation: string,
  operands: readonly Tensor[],
): { inputs: string[][]; output: string[] } {
  const side = String.raw`[a-zA-Z]*(?:\.\.\.[a-zA-Z]*)?`;
  const form = new RegExp(`^(${side}(?:,${side})*)(?:->(${side}))?$`);
  const match = form.exec(equation.replaceAll(" ", ""));
  if (!match) {
    throw new ArgumentError(
      `einsum: cannot read ${JSON.stringify(equation)}. Use the form "ij,jk->ik" or "...ij,jk->...ik".`,
    );
  }
  const texts = match[1]!.split(",");
  if (texts.length !== operands.length) {
    throw new ArgumentError(
      `einsum: ${JSON.stringify(equation)} has ${texts.length} operands, got ${operands.length}.`,
    );
  }
  const inputs = texts.map((text, i) => labelsOf(text, operands[i]!.rank));
  const all = inputs.flat();
  const broadcast = Math.max(...inputs.map((labels) => labels.filter(isEllipsis).length));
  const once = [...new Set(all)].filter(
    (label) => !isEllipsis(label) && all.indexOf(label) === all.lastIndexOf(label),
  );
  const implied = `...${once.sort().join("")}`;
  const text = match[2] ?? implied;
  const output = labelsOf(text, text.replace("...", "").length + broadcast);
  const stray = output.find((label) => !all.includes(label));
  if (stray !== undefined || new Set(output).size !== output.length) {
    throw new ArgumentError(
      `einsum: the result of ${JSON.stringify(equation)} must use each letter of the operands at most once.`,
    );
  }
  return { inputs, output };
}

/** One label an axis of a tensor of `rank`; as many as there are letters where the text has no "...". */
function labelsOf(text: string, rank: number): string[] {
  const [before, after] = text.split("...") as [string, string | undefined];
  if (after === undefined) return [...before];
  const count = Math.max(0, rank - before.length - after.length);
  const between = Array.from({ length: count }, (_, i) => ellipsisLabel(count - i));
  return [...before, ...between, ...after];
}

function checkSizes({ labels, value }: Term, sizes: Map<string, number>): void {
  if (labels.length !== value.rank) {
    throw new ShapeError(
      `einsum: the operand ${labels.join("")} has ${labels.length} letters, its tensor is ` +
        `${formatShape(value.shape)}.`,
    );
  }
  labels.forEach((label, axis) => {
    const size = value.shape[axis]!;
    const known = sizes.get(label) ?? size;
    const stretches = isEllipsis(label) && (known === 1 || size === 1);
    if (known !== size && !stretches) {
      const [what, rule] = isEllipsis(label)
        ? [`axis -${label.slice(3)} of ...`, ", or one of them must be 1"]
        : [`the letter ${label}`, ""];
      throw new ShapeError(`einsum: ${what} is ${known} and ${size}. Sizes must agree${rule}.`);
    }
    sizes.set(label, known === 1 ? size : known);
  });
}

/** Without the axes of "..." that are 1 here and more elsewhere: the product repeats them by itself. */
function withoutStretched({ labels, value }: Term, sizes: ReadonlyMap<string, number>): Term {
  const kept = labels.filter((label, axis) => value.shape[axis] === sizes.get(label));
  if (kept.length === labels.length) return { labels, value };
  return { labels: kept, value: value.reshape(kept.map((label) => sizes.get(label)!)) };
}

/** Takes the diagonal where an operand repeats a letter. */
function diagonalised(term: Term): Term {
  for (let i = 0; i < term.labels.length; i++) {
    const j = term.labels.indexOf(term.labels[i]!, i + 1);
    if (j < 0) continue;
    const n = term.value.shape[i]!;
    const { device } = term.value;
    const mask = device
      .iota([n, n], -1)
      .eq(device.iota([n, n], -2))
      .cast("f32");
    const shape = term.value.shape.map((_, axis) => (axis === i || axis === j ? n : 1));
    term = {
      labels: term.labels.filter((_, axis) => axis !== j),
      value: term.value.mul(mask.reshape(shape)).sum(j),
    };
    i--;
  }
  return term;
}

/** Sums away the letters that nobody needs any more. */
function summed({ labels, value }: Term, needed: ReadonlySet<string>): Term {
  const axes = labels.flatMap((label, axis) => (needed.has(label) ? [] : [axis]));
  if (axes.length === 0) return { labels, value };
  return { labels: labels.filter((label) => needed.has(label)), value: value.sum(axes) };
}

/** One batched matmul: [batch, rows, inner] · [batch, inner, columns]. */
function contract(
  a: Term,
  b: Term,
  needed: ReadonlySet<string>,
  sizes: ReadonlyMap<string, number>,
): Term {
  const left = summed(a, new Set([...needed, ...b.labels]));
  const right = summed(b, new Set([...needed, ...a.labels]));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const inner = shared.filter((label) => !needed.has(label));
  const rows = left.labels.filter((label) => !shared.includes(label));
  const columns = right.labels.filter((label) => !shared.includes(label));
  const size = (labels: readonly string[]): number =>
    labels.reduce((product, label) => product * sizes.get(label)!, 1);
  const arranged = ({ labels, value }: Term, ...groups: (readonly string[])[]): Tensor =>
    value
      .permute(groups.flat().map((label) => labels.indexOf(label)))
      .reshape(groups.map((group) => size(group)));
  const product = arranged(left, batch, rows, inner).matmul(arranged(right, batch, inner, columns));
  const labels = [...batch, ...rows, ...columns];
  return { labels, value: product.reshape(labels.map((label) => sizes.get(label)!)) };
}
