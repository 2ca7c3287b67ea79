import type { Tensor } from "../../tensor.ts";
import { atan } from "../atan/atan.ts";
import type { Operand } from "../elementwise.ts";

/** The angle of the point (x, y) in (−π, π]; atan2(0, 0) is 0. Gradient: (x·dy − y·dx) / (x² + y²). */
export function atan2(y: Tensor, x: Tensor): Tensor {
  // The quotient of smaller by larger keeps atan's argument in [−1, 1].
  const steep = y.abs().gt(x.abs());
  const [top, bottom] = [steep.where(x, y), steep.where(y, x)];
  const isOrigin = bottom.eq(0);
  const angle = atan(top.div(isOrigin.where(1, bottom)));
  const quarter: Operand = y.lt(0).where(-Math.PI / 2, Math.PI / 2);
  const half = x.ge(0).where(0, y.lt(0).where(-Math.PI, Math.PI));
  return steep.where(quarter.sub(angle), angle.add(half));
}
