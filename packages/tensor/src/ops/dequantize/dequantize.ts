import { castExpr, indexExpr, leafExpr, opExpr, scalarExpr, type Expr } from "../../ir/expr.ts";
import { Lazy } from "../../core/lazy.ts";
import type { View } from "../../core/storage.ts";
import { sizeOf } from "../../shape.ts";
import { quantFormats, type QuantFormat } from "../../quant/formats.ts";
import type { Tensor } from "../../tensor.ts";
import { rounded, traffic } from "../cost.ts";
import { defineOp } from "../define.ts";

/**
 * Packed words to numbers: words u32 [Rows / R, R, Columns / C, C / perWord] and scales f32
 * [Rows / R, 1, Columns / C, 1] for blocks of R × C → f32 [Rows / R, R, Columns / C, C / perWord, perWord].
 * One elementwise kernel. No gradient: a quantised weight is not trained.
 */
const dequantizeOp = /* @__PURE__ */ defineOp<{ readonly format: QuantFormat }, "dequantize">({
  name: "dequantize",
  shape: ([words], { format }) => [...words!.shape, 32 / quantFormats[format].bits],
  dtype: () => "f32",
  lower: ([words, scales], { format }, { shape, dtype, device }) => {
    const { bits, decode } = quantFormats[format];
    const leaves = [words!, scales!].map((x) => x.unsqueeze(-1).lazy.view());
    const [word, scale] = leaves.map((view) => leafExpr(view, view.dtype)) as [
      Expr<View>,
      Expr<View>,
    ];
    // The first element of a word lies in its lowest bits.
    const shift = opExpr<View>("mul", indexExpr(-1), scalarExpr(bits, "i32"));
    const shifted = opExpr<View>("shiftRight", word, castExpr(shift, "u32"));
    const field = opExpr<View>("and", castExpr(shifted, "i32"), scalarExpr(2 ** bits - 1, "i32"));
    const expr = opExpr<View>("mul", decode(field), scale);
    return device.wrap(Lazy.pending(device, "dequantize", expr, leaves, shape, dtype));
  },
  tolerance: rounded,
  cost: (inputs, out) => traffic(inputs, out, sizeOf(out.shape)),
});

export function dequantize(words: Tensor, scales: Tensor, format: QuantFormat): Tensor {
  return dequantizeOp([words, scales], { format })[0]!;
}
