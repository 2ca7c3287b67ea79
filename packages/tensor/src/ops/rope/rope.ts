import { ShapeError } from "../../errors.ts";
import { broadcastStrides, formatShape, type Shape } from "../../shape.ts";
import { Lazy } from "../../core/lazy.ts";
import type { View } from "../../core/storage.ts";
import { castExpr, leafExpr, opExpr, type Expr } from "../../ir/expr.ts";
import type { Tensor } from "../../tensor.ts";
import { rounded, traffic } from "../cost.ts";
import { defineOp } from "../define.ts";
import { tryFused } from "../fused.ts";

interface Attrs {
  /** Adjacent pairs (x0, x1), (x2, x3), … as in the paper; otherwise halves, as Llama in Hugging Face. */
  readonly interleaved: boolean;
}

const ropeOp = /* @__PURE__ */ defineOp<Attrs, "rope">({
  name: "rope",
  shape: ([x, cos, sin]) => {
    const width = x!.shape[x!.shape.length - 1]!;
    const half = [...x!.shape.slice(0, -1), width / 2];
    if (width % 2 !== 0) {
      throw new ShapeError(`rope: the last axis must be even, x is ${formatShape(x!.shape)}.`);
    }
    for (const table of [cos!, sin!]) broadcastStrides("rope", table.shape, table.shape, half);
    return x!.shape;
  },
  dtype: () => "f32",
  // One launch: both halves of every pair are read once, and written by the two results of a `map`.
  lower: ([x, cos, sin], { interleaved }, { shape, dtype, device }) => {
    const half = [...shape.slice(0, -1), shape[shape.length - 1]! / 2];
    const table = (tensor: Tensor): View => {
      const view = tensor.lazy.view();
      return {
        ...view,
        shape: half,
        strides: broadcastStrides("rope", view.shape, view.strides, half),
      };
    };
    const fused = tryFused(
      device,
      "rope",
      { interleaved },
      [x!.lazy.view(), table(cos!), table(sin!)],
      [{ shape }],
    );
    if (fused) return fused[0]!;
    const source = x!.lazy.view();
    const target = device.allocate("rope", dtype, shape);
    const [a, b] = halves(source, interleaved);
    const [left, right] = [float(a), float(b)];
    const [c, s] = [float(cos!.lazy.view()), float(sin!.lazy.view())];
    const first = opExpr("sub", opExpr("mul", left, c), opExpr("mul", right, s));
    const second = opExpr("add", opExpr("mul", left, s), opExpr("mul", right, c));
    device.store("rope", [first, second], a.shape, halves(target, interleaved));
    return device.wrap(Lazy.computed(device, "rope", target));
  },
  // A rotation: the gradient is rotated back. Angles are tables, not parameters.
  grad: ({ input, attrs }, dy) => [rope(dy, input(1), input(2).neg(), attrs), null, null],
  saves: [1, 2],
  tolerance: rounded,
  cost: (inputs, out) => traffic(inputs, out, 3 * inputs[0]!.size),
});

function float(view: View): Expr<View> {
  return castExpr(leafExpr(view, view.dtype), "f32");
}

/** The two members of every pair, each a view of half the width. */
function halves(view: View, interleaved: boolean): [View, View] {
  const axis = view.shape.length - 1;
  const half = view.shape[axis]! / 2;
  const shape: Shape = [...view.shape.slice(0, -1), half];
  const stride = view.strides[axis]!;
  const strides = [...view.strides.slice(0, -1), interleaved ? 2 * stride : stride];
  const step = interleaved ? stride : half * stride;
  return [
    { ...view, shape, strides },
    { ...view, shape, strides, offset: view.offset + step },
  ];
}

/**
 * Rotary position embedding (Su et al. 2021): each pair of x's last axis [..., d] is turned by an angle.
 * `cos` and `sin` broadcast to [..., d/2].
 */
export function rope(
  x: Tensor,
  cos: Tensor,
  sin: Tensor,
  { interleaved = true }: { readonly interleaved?: boolean } = {},
): Tensor {
  return ropeOp([x, cos, sin], { interleaved })[0]!;
}
