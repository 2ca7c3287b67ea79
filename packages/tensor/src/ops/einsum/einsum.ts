import { ArgumentError, ShapeError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";

interface Term {
  readonly labels: readonly string[];
  readonly value: Tensor;
}

/**
 * Einstein summation, as NumPy's and PyTorch's: `einsum("bthd,bshd->bhts", q, k)`. Letters that the result
 * lacks are summed; without "->" the result has every letter that occurs once, in alphabetical order.
 * Operands are contracted from left to right, each pair by one batched matmul.
 */
export function einsum(equation: string, ...operands: Tensor[]): Tensor {
  const { inputs, output } = parse(equation, operands);
  const sizes = new Map<string, number>();
  let terms = operands.map((value, i): Term => diagonalised(inputs[i]!, value, sizes));
  while (terms.length > 1) {
    const [a, b, ...rest] = terms as [Term, Term, ...Term[]];
    const needed = new Set([...output, ...rest.flatMap((term) => term.labels)]);
    terms = [contract(a, b, needed, sizes), ...rest];
  }
  const { labels, value } = summed(terms[0]!, new Set(output));
  return value.permute(output.map((label) => labels.indexOf(label)));
}

function parse(
  equation: string,
  operands: readonly Tensor[],
): { inputs: string[][]; output: string[] } {
  const match = /^([a-zA-Z]*(?:,[a-zA-Z]*)*)(?:->([a-zA-Z]*))?$/.exec(equation.replaceAll(" ", ""));
  if (!match) {
    throw new ArgumentError(
      `einsum: cannot read ${JSON.stringify(equation)}. Use the form "ij,jk->ik".`,
    );
  }
  const inputs = match[1]!.split(",").map((term) => [...term]);
  if (inputs.length !== operands.length) {
    throw new ArgumentError(
      `einsum: ${JSON.stringify(equation)} has ${inputs.length} operands, got ${operands.length}.`,
    );
  }
  const all = inputs.flat();
  const once = [...new Set(all)].filter((label) => all.indexOf(label) === all.lastIndexOf(label));
  const output = match[2] === undefined ? once.sort() : [...match[2]];
  const stray = output.find((label) => !all.includes(label));
  if (stray !== undefined || new Set(output).size !== output.length) {
    throw new ArgumentError(
      `einsum: the result of ${JSON.stringify(equation)} must use each letter of the operands at most once.`,
    );
  }
  return { inputs, output };
}

/** Checks sizes, and takes the diagonal where an operand repeats a letter. */
function diagonalised(labels: string[], value: Tensor, sizes: Map<string, number>): Term {
  if (labels.length !== value.rank) {
    throw new ShapeError(
      `einsum: the operand ${labels.join("")} has ${labels.length} letters, its tensor is ` +
        `${formatShape(value.shape)}.`,
    );
  }
  labels.forEach((label, axis) => {
    const size = value.shape[axis]!;
    const known = sizes.get(label) ?? size;
    if (known !== size) {
      throw new ShapeError(
        `einsum: the letter ${label} is ${known} and ${size}. Sizes must agree.`,
      );
    }
    sizes.set(label, size);
  });
  let term: Term = { labels, value };
  for (let i = 0; i < term.labels.length; i++) {
    const j = term.labels.indexOf(term.labels[i]!, i + 1);
    if (j < 0) continue;
    const n = term.value.shape[i]!;
    const device = value.device;
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
