// The iteration space of a launch: its axes, merged where every view walks them as one, and the strides
// of the views. Kept in preallocated arrays, because it is computed anew for each of the hundreds of
// launches of a step.

import { UnsupportedError } from "@sixtyone/tensor/backend";

export const maxRank = 16;
export const maxViews = 72;

export class Space {
  rank = 0;
  views = 0;
  /** Axes before it are kept, the others reduced. */
  barrier = 0;
  readonly dims: Int32Array = new Int32Array(maxRank);
  /** Stride of view v along axis a: strides[v · maxRank + a]. */
  readonly strides: Int32Array = new Int32Array(maxRank * maxViews);
  private readonly source = new Int32Array(maxRank * maxViews);
  private axes = 0;

  /** Starts a space of `shape`; then call `add` for each view and `merge`. */
  begin(op: string, shape: readonly number[]): void {
    if (shape.length > maxRank) {
      throw new UnsupportedError(
        `${op}: rank ${shape.length} is more than ${maxRank}. Merge axes first.`,
      );
    }
    this.axes = shape.length;
    this.views = 0;
  }

  /** A view's strides, aligned to the right; missing leading axes repeat. */
  add(strides: readonly number[]): void {
    const row = this.views++ * maxRank;
    const lead = this.axes - strides.length;
    for (let axis = 0; axis < this.axes; axis++) {
      this.source[row + axis] = axis < lead ? 0 : strides[axis - lead]!;
    }
  }

  /** A view that counts along one axis (from the end): what the `index` instruction reads. */
  addIndex(axis: number): void {
    const row = this.views++ * maxRank;
    this.source.fill(0, row, row + this.axes);
    this.source[row + this.axes + axis] = 1;
  }

  /** Drops axes of size 1 and merges neighbours on the same side of `barrier`. */
  merge(shape: readonly number[], barrier: number = shape.length): void {
    const { dims, strides, source, views } = this;
    let last = -1;
    let open = false;
    this.barrier = 0;
    for (let axis = 0; axis < shape.length; axis++) {
      if (axis === barrier) open = false;
      const dim = shape[axis]!;
      if (dim === 1) continue;
      let joins = open;
      for (let v = 0; joins && v < views; v++) {
        joins = strides[v * maxRank + last] === source[v * maxRank + axis]! * dim;
      }
      if (joins) dims[last]! *= dim;
      else dims[++last] = dim;
      for (let v = 0; v < views; v++) strides[v * maxRank + last] = source[v * maxRank + axis]!;
      open = true;
      if (axis < barrier) this.barrier = last + 1;
    }
    this.rank = last + 1;
  }

  /** Adds an axis of size 1 at the end (a space has at least one axis). */
  append(): void {
    this.dims[this.rank] = 1;
    for (let v = 0; v < this.views; v++) this.strides[v * maxRank + this.rank] = 0;
    this.rank++;
  }

  /** Moves the last axis before the barrier to the end. */
  moveLastKeptToEnd(): void {
    const from = this.barrier - 1;
    const rotate = (array: Int32Array, start: number): void => {
      const value = array[start + from]!;
      array.copyWithin(start + from, start + from + 1, start + this.rank);
      array[start + this.rank - 1] = value;
    };
    rotate(this.dims, 0);
    for (let v = 0; v < this.views; v++) rotate(this.strides, v * maxRank);
  }

  isContiguous(view: number): boolean {
    let stride = 1;
    for (let axis = this.rank - 1; axis >= 0; axis--) {
      const dim = this.dims[axis]!;
      if (dim !== 1 && this.strides[view * maxRank + axis] !== stride) return false;
      stride *= dim;
    }
    return true;
  }

  get size(): number {
    let size = 1;
    for (let axis = 0; axis < this.rank; axis++) size *= this.dims[axis]!;
    return size;
  }
}
