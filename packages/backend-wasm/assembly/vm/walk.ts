// Walks the rows of a small strided space: gives, for row r, the offset of each of up to three views.
// The layout of the block: rank, dims[rank], then strides[rank] per view. The last axis is the caller's.

let offset0: i32 = 0;
let offset1: i32 = 0;
let offset2: i32 = 0;

/** Computes the offsets of row `row`; read them with `offsetOf`. */
export function locateRow(space: usize, row: i32): void {
  const rank = load<i32>(space);
  const dims = space + 4;
  const bytes = <usize>rank << 2;
  offset0 = offset1 = offset2 = 0;
  for (let axis = rank - 2; axis >= 0; axis--) {
    const at = dims + (<usize>axis << 2);
    const dim = load<i32>(at);
    const next = <i32>(<u32>row / <u32>dim);
    const c = row - next * dim;
    row = next;
    offset0 += c * load<i32>(at + bytes);
    offset1 += c * load<i32>(at + bytes * 2);
    offset2 += c * load<i32>(at + bytes * 3);
  }
}

// @ts-ignore: decorator
@inline
export function offsetOf(view: i32): i32 {
  return view == 0 ? offset0 : view == 1 ? offset1 : offset2;
}

/** Size of the last axis. */
// @ts-ignore: decorator
@inline
export function lastDim(space: usize): i32 {
  return load<i32>(space + (<usize>load<i32>(space) << 2));
}

/** Stride of a view along the last axis. */
// @ts-ignore: decorator
@inline
export function lastStride(space: usize, view: i32): i32 {
  const rank = load<i32>(space);
  return load<i32>(space + (<usize>(rank * (view + 2)) << 2));
}
