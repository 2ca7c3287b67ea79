// The number formats of quantised weights: how many bits an element takes, how far its values reach, and
// the way there and back. int8 and int4 are symmetric two's complement; fp8-e4m3 is OCP's E4M3 as
// PyTorch's float8_e4m3fn has it: bias 7, no infinity, 0x7f is NaN (Micikevicius et al. 2022, "FP8
// formats for deep learning").

import { castExpr, opExpr, scalarExpr, type Expr } from "../ir/expr.ts";

export type QuantFormat = "int8" | "int4" | "fp8-e4m3";

export interface FormatInfo {
  readonly bits: 4 | 8;
  /** The largest value: a block's scale is its largest magnitude over this. */
  readonly max: number;
  /** Rows and columns that share a scale unless the caller says otherwise. */
  readonly block: readonly [rows: number, columns: number];
  /** The field for a value that was divided by its scale. */
  readonly encode: (value: number) => number;
  /** The value (f32) of a field (i32, 0..2^bits − 1). */
  readonly decode: <Leaf>(field: Expr<Leaf>) => Expr<Leaf>;
}

export const quantFormats: { readonly [F in QuantFormat]: FormatInfo } = {
  int8: {
    bits: 8,
    max: 127,
    block: [1, 128],
    encode: (x) => twosComplement(x, 8),
    decode: (x) => signExtend(x, 8),
  },
  int4: {
    bits: 4,
    max: 7,
    block: [1, 32],
    encode: (x) => twosComplement(x, 4),
    decode: (x) => signExtend(x, 4),
  },
  "fp8-e4m3": { bits: 8, max: 448, block: [128, 128], encode: encodeE4M3, decode: decodeE4M3 },
};

/** Rounds to nearest, ties to even, and saturates; symmetric, so −2^(bits − 1) never comes. */
function twosComplement(value: number, bits: number): number {
  const limit = 2 ** (bits - 1) - 1;
  return Math.max(-limit, Math.min(limit, roundToEven(value))) & (2 ** bits - 1);
}

const int = (value: number): Expr<never> => scalarExpr(value, "i32");

function signExtend<Leaf>(field: Expr<Leaf>, bits: number): Expr<Leaf> {
  const top = int(32 - bits);
  return castExpr(opExpr<Leaf>("shiftRight", opExpr<Leaf>("shiftLeft", field, top), top), "f32");
}

/** Rounds to nearest, ties to even. What lies beyond ±448 gives ±448 (saturation), NaN stays NaN. */
function encodeE4M3(value: number): number {
  if (value !== value) return 0x7f;
  const sign = value < 0 || Object.is(value, -0) ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(value), 448);
  // One unit is 2^(exponent − 3); below 2^-6, where the subnormals lie, it stays 2^-9.
  const exponent = magnitude < 2 ** -6 ? -6 : Math.floor(Math.log2(magnitude));
  const units = roundToEven(magnitude / 2 ** (exponent - 3));
  // A carry out of the mantissa (16 units) is the next exponent's 8: the field counts on by itself.
  return sign | (magnitude < 2 ** -6 ? units : (exponent + 7) * 8 + units - 8);
}

/** The integer (8 + mantissa) · 2^exponent has at most 19 bits, so nothing here is rounded. */
function decodeE4M3<Leaf>(field: Expr<Leaf>): Expr<Leaf> {
  const mantissa = opExpr<Leaf>("and", field, int(7));
  const exponent = opExpr<Leaf>("and", opExpr<Leaf>("shiftRight", field, int(3)), int(15));
  const isSubnormal = opExpr<Leaf>("eq", exponent, int(0));
  const units = opExpr<Leaf>(
    "select",
    isSubnormal,
    opExpr<Leaf>("shiftLeft", mantissa, int(1)),
    opExpr<Leaf>("shiftLeft", opExpr<Leaf>("add", mantissa, int(8)), exponent),
  );
  const magnitude = opExpr<Leaf>("mul", castExpr(units, "f32"), scalarExpr(2 ** -10, "f32"));
  const isNegative = opExpr<Leaf>("ne", opExpr<Leaf>("and", field, int(128)), int(0));
  const value = opExpr<Leaf>("select", isNegative, opExpr<Leaf>("neg", magnitude), magnitude);
  const isNaN = opExpr<Leaf>("eq", opExpr<Leaf>("and", field, int(127)), int(127));
  return opExpr<Leaf>("select", isNaN, scalarExpr(NaN, "f32"), value);
}

function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}
