// How each golden case is called here: the sixtyone side of tools/goldens/ops.py.

import {
  acos,
  acosh,
  all,
  any,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  bincount,
  ceil,
  cosh,
  einsum,
  erf,
  exp2,
  expm1,
  floorDivide,
  histogram,
  isFinite,
  isInf,
  isNaN,
  layerNorm,
  log10,
  log1p,
  log2,
  logSoftmax,
  logaddexp,
  logicalXor,
  logsumexp,
  maskedFill,
  maskedSelect,
  nonzero,
  norm,
  oneHot,
  pad,
  prod,
  relu,
  remainder,
  repeat,
  roll,
  round,
  scatter,
  sinh,
  split,
  std,
  swiglu,
  tan,
  tril,
  triu,
  trunc,
  variance,
  arange,
  attention,
  concat,
  countingSort,
  crossEntropy,
  embedding,
  eye,
  full,
  gelu,
  groupedMatmul,
  linearLogProb,
  linspace,
  linear,
  rmsNorm,
  rope,
  scatterAdd,
  softplus,
  sort,
  stack,
  tensor,
  topk,
  unique,
  type Device,
  type DType,
  type Tensor,
  cumsum,
} from "@sixtyone/tensor";

/** Arguments as Python wrote them; each call knows its own. */
interface Args {
  readonly axis: number;
  readonly axes: readonly number[];
  readonly shape: readonly number[];
  readonly order: readonly number[];
  readonly ranges: readonly (readonly [number, number | null, number])[];
  readonly offsets: readonly number[];
  readonly [name: string]: unknown;
}

type Results = Tensor | readonly Tensor[];

/** Selection by value has to wait for the values. */
type Call = (x: readonly Tensor[], args: Args, device: Device) => Results | Promise<Results>;

type Methods = {
  [K in keyof Tensor]: Tensor[K] extends () => Tensor ? K : never;
}[keyof Tensor];

const unary =
  (name: Methods): Call =>
  ([x]) =>
    x![name]();

type BinaryMethods = {
  [K in keyof Tensor]: Tensor[K] extends (other: Tensor) => Tensor ? K : never;
}[keyof Tensor];

const binary =
  (name: BinaryMethods): Call =>
  ([a, b]) =>
    (a![name] as (b: Tensor) => Tensor)(b!);

const sorted = ({ values, indices }: { values: Tensor; indices: Tensor }) => [values, indices];

/** A column [d/2] of angles: the tables of cosines and sines are made here, in f32. */
function rotated(x: Tensor, angles: Tensor, interleaved: boolean): Tensor {
  return rope(x, angles.detach().cos(), angles.detach().sin(), { interleaved });
}

export const goldenCalls: Readonly<Record<string, Call>> = {
  neg: unary("neg"),
  abs: unary("abs"),
  sign: unary("sign"),
  floor: unary("floor"),
  ceil: ([x]) => ceil(x!),
  round: ([x]) => round(x!),
  trunc: ([x]) => trunc(x!),
  sqrt: unary("sqrt"),
  rsqrt: unary("rsqrt"),
  reciprocal: unary("reciprocal"),
  square: unary("square"),
  exp: unary("exp"),
  log: unary("log"),
  sin: unary("sin"),
  cos: unary("cos"),
  atan: ([x]) => atan(x!),
  tanh: unary("tanh"),
  erf: ([x]) => erf(x!),
  sigmoid: unary("sigmoid"),
  silu: unary("silu"),
  isNaN: ([x]) => isNaN(x!),
  logicalNot: unary("logicalNot"),
  clone: unary("clone"),
  contiguous: unary("contiguous"),
  softplus: ([x]) => softplus(x!),
  exp2: ([x]) => exp2(x!),
  expm1: ([x]) => expm1(x!),
  log2: ([x]) => log2(x!),
  log10: ([x]) => log10(x!),
  log1p: ([x]) => log1p(x!),
  tan: ([x]) => tan(x!),
  asin: ([x]) => asin(x!),
  acos: ([x]) => acos(x!),
  sinh: ([x]) => sinh(x!),
  cosh: ([x]) => cosh(x!),
  relu: ([x]) => relu(x!),
  asinh: ([x]) => asinh(x!),
  acosh: ([x]) => acosh(x!),
  atanh: ([x]) => atanh(x!),
  isFinite: ([x]) => isFinite(x!),
  isInf: ([x]) => isInf(x!),
  logaddexp: ([a, b]) => logaddexp(a!, b!),
  repeat: ([x], { counts }) => repeat(x!, counts as number[]),
  maskedFill: ([x, mask], { value }) => maskedFill(x!, mask!, value as number),
  maskedSelect: ([x, mask]) => maskedSelect(x!, mask!),
  nonzero: ([x]) => nonzero(x!),
  unique: async ([x]) => {
    const { values, inverse, counts } = await unique(x!);
    return [values, inverse, counts];
  },
  atan2: ([y, x]) => atan2(y!, x!),
  swiglu: ([gate, up]) => swiglu(gate!, up!),
  gelu: ([x], { approximate }) => gelu(x!, approximate === "tanh" ? { approximate } : {}),
  add: binary("add"),
  sub: binary("sub"),
  mul: binary("mul"),
  div: binary("div"),
  floorDivide: ([a, b]) => floorDivide(a!, b!),
  remainder: ([a, b]) => remainder(a!, b!),
  pow: binary("pow"),
  minimum: binary("minimum"),
  maximum: binary("maximum"),
  eq: binary("eq"),
  ne: binary("ne"),
  lt: binary("lt"),
  le: binary("le"),
  gt: binary("gt"),
  ge: binary("ge"),
  logicalAnd: binary("logicalAnd"),
  logicalOr: binary("logicalOr"),
  logicalXor: ([a, b]) => logicalXor(a!, b!),
  matmul: binary("matmul"),
  where: ([c, a, b]) => c!.where(a!, b!),
  clamp: ([x], { low, high }) => x!.clamp(low as number | undefined, high as number | undefined),
  cast: ([x], { dtype }) => x!.cast(dtype as DType),
  sum: ([x], { axes }) => x!.sum(axes),
  mean: ([x], { axes }) => x!.mean(axes),
  prod: ([x], { axes }) => prod(x!, axes),
  max: ([x], { axes }) => x!.max(axes),
  min: ([x], { axes }) => x!.min(axes),
  norm: ([x], { axes, p }) => norm(x!, axes, p === undefined ? {} : { p: p as number }),
  any: ([x], { axes }) => any(x!, axes),
  all: ([x], { axes }) => all(x!, axes),
  variance: ([x], { axes, correction }) =>
    variance(x!, axes, correction === undefined ? {} : { correction: correction as number }),
  std: ([x], { axes }) => std(x!, axes),
  bincount: ([keys], { bins }) => bincount(keys!, bins as number),
  histogram: ([x], { bins, low, high }) =>
    histogram(x!, bins as number, low as number, high as number),
  oneHot: ([indices], { classes }) => oneHot(indices!, classes as number),
  argmax: ([x], { axis }) => x!.argmax(axis),
  argmin: ([x], { axis }) => x!.argmin(axis),
  logsumexp: ([x], { axis }) => logsumexp(x!, axis),
  softmax: ([x], { axis }) => x!.softmax(axis),
  logSoftmax: ([x], { axis }) => logSoftmax(x!, axis),
  cumsum: ([x], { axis, reverse }) => cumsum(x!, axis, { reverse: reverse === true }),
  sort: ([x], { axis, descending }) => sorted(sort(x!, axis, { descending: descending === true })),
  topk: ([x], { axis, k, largest }) =>
    sorted(topk(x!, k as number, axis, { largest: largest !== false })),
  sumTo: ([x], { shape }) => x!.sumTo(shape),
  reshape: ([x], { shape }) => x!.reshape(shape),
  permute: ([x], { order }) => x!.permute(order),
  transpose: ([x], { a, b }) => x!.transpose(a as number, b as number),
  expand: ([x], { shape }) => x!.expand(shape),
  unsqueeze: ([x], { axis }) => x!.unsqueeze(axis),
  squeeze: ([x], { axis }) => (axis === undefined ? x!.squeeze() : x!.squeeze(axis)),
  slice: ([x], { ranges }) =>
    x!.slice(ranges.map(([start, end, step]) => ({ start, step, ...(end !== null && { end }) }))),
  narrow: ([x], { axis, start, length }) => x!.narrow(axis, start as number, length as number),
  select: ([x], { axis, index }) => x!.select(axis, index as number),
  flip: ([x], { axes }) => x!.flip(axes),
  pad: ([x], { widths, value }) => pad(x!, widths as [number, number][], value as number),
  roll: ([x], { shift, axis }) => roll(x!, shift as number, axis),
  split: ([x], { sizes, axis }) => split(x!, sizes as number | number[], axis),
  tril: ([x], { diagonal }) => tril(x!, diagonal as number),
  triu: ([x], { diagonal }) => triu(x!, diagonal as number),
  scatter: ([base, source], { index }, device) =>
    scatter(base!, 1, tensor(device, index as number[][], { dtype: "i32" }), source!),
  concat: (x, { axis }) => concat(x, axis),
  stack: (x, { axis }) => stack(x, axis),
  gather: ([x, index], { axis }) => x!.gather(axis, index!),
  scatterAdd: ([base, index, source], { axis }) => scatterAdd(base!, axis, index!, source!),
  indexSelect: ([x, index], { axis }) => x!.indexSelect(axis, index!),
  embedding: ([table, ids]) => embedding(table!, ids!),
  countingSort: ([keys], { bins }) => {
    const { order, offsets } = countingSort(keys!, bins as number);
    return [order, offsets];
  },
  arange: (_, { start, end, step }, device) =>
    arange(device, start as number, end as number, step as number),
  linspace: (_, { start, end, count }, device) =>
    linspace(device, start as number, end as number, count as number),
  eye: (_, { n }, device) => eye(device, n as number),
  full: (_, { shape, value }, device) => full(device, shape, value as number),
  groupedMatmul: ([a, b], { offsets }, device) =>
    groupedMatmul(a!, b!, tensor(device, Int32Array.from(offsets))),
  einsum: (x, { equation }) => einsum(equation as string, ...x),
  layerNorm: ([x, weight, bias], { eps }) => layerNorm(x!, weight!, bias!, eps as number),
  linear: ([x, weight, bias]) => linear(x!, weight!, bias),
  rmsNorm: ([x, weight], { eps }) => rmsNorm(x!, weight!, eps as number),
  crossEntropy: ([logits, targets], { reduction }) =>
    crossEntropy(logits!, targets!, { reduction: reduction as "mean" }),
  linearLogProb: ([hidden, weight, targets], { temperature }) => {
    const { logProb, entropy } = linearLogProb(hidden!, weight!, targets!, {
      temperature: temperature as number,
    });
    return [logProb, entropy];
  },
  attention: ([q, k, v, mask], { causal }) =>
    attention(q!, k!, v!, { causal: causal === true, ...(mask && { mask }) }),
  rope: ([x, angles], { interleaved }) => rotated(x!, angles!, interleaved === true),
};

/** Applies the view that a case looks at its operands through, or the factor before it. */
export function viewOperands(
  x: readonly Tensor[],
  { view, scale }: Readonly<Record<string, unknown>>,
): readonly Tensor[] {
  if (typeof scale === "number") return x.map((operand) => operand.mul(scale));
  if (view === "transpose") return [x[0]!.transpose(), ...x.slice(1)];
  if (view === "transpose-flip") return [x[0]!.transpose(), x[1]!.flip(1)];
  return view === "transpose-both" ? x.map((operand) => operand.transpose()) : x;
}
