// Writes a space of up to three views for the kernels that walk it row by row (assembly/vm/walk.ts).

import { maxRank, type Space } from "../map/space.ts";

/** rank, dims, strides of each of three views (assembly/vm/walk.ts). */
export function spaceWords(space: Space): number {
  return 1 + space.rank * 4;
}

export function writeSpace(i32: Int32Array, at: number, space: Space): void {
  const { rank } = space;
  i32[at] = rank;
  for (let axis = 0; axis < rank; axis++) {
    i32[at + 1 + axis] = space.dims[axis]!;
    for (let v = 0; v < 3; v++) {
      i32[at + 1 + (v + 1) * rank + axis] =
        v < space.views ? space.strides[v * maxRank + axis]! : 0;
    }
  }
}
