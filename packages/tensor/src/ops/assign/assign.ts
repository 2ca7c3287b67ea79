import { ArgumentError, ShapeError } from "../../errors.ts";
import { computeType } from "../../dtype.ts";
import { castExpr, leafExpr } from "../../ir/expr.ts";
import { formatShape, sameShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";

/**
 * Overwrites `target` in place with `source` (same shape; the dtype is converted). `target` may be a view,
 * for instance one position of a cache. Expressions that still have to read the old values are computed
 * first; a value the tape saved makes a later backward() throw.
 */
export function assign(target: Tensor, source: Tensor): void {
  target.assertUsable("assign");
  source.assertUsable("assign");
  if (!sameShape(target.shape, source.shape)) {
    throw new ShapeError(
      `assign: target is ${formatShape(target.shape)}, source is ${formatShape(source.shape)}. ` +
        `They must be equal: expand the source, or narrow the target.`,
    );
  }
  if (!target.isLeaf) {
    throw new ArgumentError(
      "assign: the target is the result of a recorded op, whose gradient would be wrong afterwards. " +
        "Assign to a leaf, or inside noGrad().",
    );
  }
  const view = target.lazy.view();
  const { device } = target;
  const given = source.lazy.view();
  // A source in the same memory (a cache shifted by one) must be read whole before the first write.
  const shared = given.storage === view.storage;
  const from = shared
    ? device.evaluate("assign", leafExpr(given, given.dtype), given.shape, given.dtype)
    : given;
  device.beforeWrite(view.storage);
  const value = castExpr(leafExpr(from, from.dtype), computeType(view.dtype));
  device.store("assign", [value], view.shape, [view]);
  if (shared) from.storage.release();
}
