// Runs a program on one block of its iteration space. A block is a run of the flat row-major index
// (evaluateLinear, for narrow spaces) or part of one row (evaluateRow, where inputs that repeat along
// the row cost nothing). Values live in blocks of words that stay in the L1 cache; an operand is an
// entry (address, step), so contiguous inputs and outputs are used in place, without a copy, and a
// scalar is one vector with step 0.

import { execute } from "../generated/machine";
import { copyWords, loadElement, loadRun, storeRun } from "./access";
import {
  KIND_WORD, P_BLOCK, P_CODE, P_COLUMNS, P_COUNT, P_DIMS, P_INPUTS, P_OUTPUTS, P_RANK, P_REGISTERS,
  P_SCALARS, P_VALUES, P_VIEWS, S_COORDINATES, S_REGISTERS, S_SCALARS, V_BASE, V_KIND, V_LINEAR,
  V_STRIDES,
} from "./layout";

// @ts-ignore: decorator
@inline
function setEntry(scratch: usize, entry: i32, address: usize, step: usize): void {
  store<usize>(scratch + (<usize>entry << 3), address);
  store<usize>(scratch + (<usize>entry << 3), step, 4);
}

/** The block that belongs to entry i when it is not used in place. */
// @ts-ignore: decorator
@inline
export function blockOf(p: usize, scratch: usize, i: i32): usize {
  return scratch + S_REGISTERS + <usize>i * (<usize>load<i32>(p, P_BLOCK) << 2);
}

/** Entries: inputs, one per output, scalars, temporaries. Call once before a run of blocks. */
export function prepare(p: usize, scratch: usize): void {
  const views = load<i32>(p, P_INPUTS) + max<i32>(load<i32>(p, P_OUTPUTS), 1);
  const scalars = load<i32>(p, P_SCALARS);
  const registers = load<i32>(p, P_REGISTERS);
  const values = load<usize>(p, P_VALUES);
  for (let i = 0; i < views; i++) setEntry(scratch, i, blockOf(p, scratch, i), 16);
  for (let i = 0; i < scalars; i++) {
    const at = scratch + S_SCALARS + (<usize>i << 4);
    v128.store(at, v128.load32_splat(values + (<usize>i << 2)));
    setEntry(scratch, views + i, at, 0);
  }
  for (let i = 0; i < registers; i++) {
    setEntry(scratch, views + scalars + i, blockOf(p, scratch, views + i), 16);
  }
}

/** Splits a flat index into coordinates over the first `axes` axes; gives the offset of a view there. */
function locate(p: usize, scratch: usize, view: usize, index: i32, axes: i32): i32 {
  const dims = load<usize>(p, P_DIMS);
  let offset = 0;
  for (let axis = axes - 1; axis >= 0; axis--) {
    const dim = load<i32>(dims + (<usize>axis << 2));
    const next = <i32>(<u32>index / <u32>dim);
    const c = index - next * dim;
    index = next;
    store<i32>(scratch + S_COORDINATES + (<usize>axis << 2), c);
    offset += c * load<i32>(view + (<usize>axis << 2), V_STRIDES);
  }
  return offset;
}

/** Moves the coordinates to the next row; gives the change of the view's offset. */
function nextRow(p: usize, scratch: usize, view: usize): i32 {
  const dims = load<usize>(p, P_DIMS);
  let change = 0;
  for (let axis = load<i32>(p, P_RANK) - 2; axis >= 0; axis--) {
    const at = scratch + S_COORDINATES + (<usize>axis << 2);
    const stride = load<i32>(view + (<usize>axis << 2), V_STRIDES);
    const c = load<i32>(at) + 1;
    if (c < load<i32>(dims + (<usize>axis << 2))) {
      store<i32>(at, c);
      return change + stride;
    }
    change -= (c - 1) * stride;
    store<i32>(at, 0);
  }
  return change;
}

/** Rows up to this long are copied by a loop of their own: a call a row would cost more than the copy. */
const SHORT_ROW: i32 = 96;

// @ts-ignore: decorator
@inline
function copyShort(from: usize, to: usize, n: i32): void {
  let i: usize = 0;
  const end = <usize>n << 2;
  for (; i + 16 <= end; i += 16) v128.store(to + i, v128.load(from + i));
  for (; i < end; i += 4) store<u32>(to + i, load<u32>(from + i));
}

/** Contiguous rows of words, from `column` of the row at `offset`. */
function transferShortRows(
  p: usize, scratch: usize, view: usize, base: usize, offset: i32, column: i32, words: usize, n: i32,
  isStore: bool,
): void {
  const rank = load<i32>(p, P_RANK), columns = load<i32>(p, P_COLUMNS);
  const rowStride = rank > 1 ? load<i32>(view + (<usize>(rank - 2) << 2), V_STRIDES) : 0;
  const rows = rank > 1 ? load<i32>(load<usize>(p, P_DIMS) + (<usize>(rank - 2) << 2)) : 1;
  const rowCoordinate = scratch + S_COORDINATES + (<usize>(rank - 2) << 2);
  let row = rank > 1 ? load<i32>(rowCoordinate) : 0;
  while (true) {
    const run = min<i32>(columns - column, n);
    const at = base + (<usize>(offset + column) << 2);
    if (isStore) copyShort(words, at, run);
    else copyShort(at, words, run);
    n -= run;
    if (n <= 0) return;
    words += <usize>run << 2;
    column = 0;
    if (++row < rows) {
      offset += rowStride;
    } else {
      store<i32>(rowCoordinate, row - 1);
      offset += nextRow(p, scratch, view);
      row = 0;
    }
  }
}

/** Copies n elements from flat index `start` between a view and words, row by row. */
function transferLinear(
  p: usize, scratch: usize, view: usize, start: i32, words: usize, n: i32, isStore: bool,
): void {
  const rank = load<i32>(p, P_RANK);
  const columns = load<i32>(p, P_COLUMNS);
  const kind = load<i32>(view, V_KIND);
  const base = load<usize>(view, V_BASE);
  if (load<i32>(view, V_LINEAR)) {
    if (isStore) storeRun(kind, base, start, 1, words, n);
    else loadRun(kind, base, start, 1, words, n);
    return;
  }
  const stride = load<i32>(view + (<usize>(rank - 1) << 2), V_STRIDES);
  const row = <i32>(<u32>start / <u32>columns);
  let column = start - row * columns;
  let offset = locate(p, scratch, view, row, rank - 1);
  if (kind == KIND_WORD && stride == 1 && columns <= SHORT_ROW) {
    transferShortRows(p, scratch, view, base, offset, column, words, n, isStore);
    return;
  }
  while (true) {
    const run = min<i32>(columns - column, n);
    if (isStore) storeRun(kind, base, offset + column * stride, stride, words, run);
    else loadRun(kind, base, offset + column * stride, stride, words, run);
    n -= run;
    if (n <= 0) break;
    words += <usize>run << 2;
    column = 0;
    offset += nextRow(p, scratch, view);
  }
}

// @ts-ignore: decorator
@inline
function viewBytes(p: usize): usize {
  return V_STRIDES + (<usize>load<i32>(p, P_RANK) << 2);
}

// @ts-ignore: decorator
@inline
function run(p: usize, scratch: usize, n: i32): void {
  execute(load<usize>(p, P_CODE), load<i32>(p, P_COUNT), scratch, n);
}

/** Evaluates n elements from flat index `start`; writes the outputs, if the launch has any. */
export function evaluateLinear(p: usize, scratch: usize, start: i32, n: i32): void {
  const inputs = load<i32>(p, P_INPUTS);
  const outputs = load<i32>(p, P_OUTPUTS);
  const bytes = viewBytes(p);
  let view = load<usize>(p, P_VIEWS);
  for (let i = 0; i < inputs; i++, view += bytes) {
    if (load<i32>(view, V_KIND) == KIND_WORD && load<i32>(view, V_LINEAR)) {
      setEntry(scratch, i, load<usize>(view, V_BASE) + (<usize>start << 2), 16);
    } else {
      transferLinear(p, scratch, view, start, blockOf(p, scratch, i), n, false);
    }
  }
  const firstOutput = view;
  // The machine writes eight elements at a time: in place only where that does not run over.
  for (let i = 0; i < outputs; i++, view += bytes) {
    const inPlace = load<i32>(view, V_KIND) == KIND_WORD && load<i32>(view, V_LINEAR) && (n & 7) == 0;
    const address = inPlace
      ? load<usize>(view, V_BASE) + (<usize>start << 2)
      : blockOf(p, scratch, inputs + i);
    setEntry(scratch, inputs + i, address, 16);
  }
  run(p, scratch, n);
  view = firstOutput;
  for (let i = 0; i < outputs; i++, view += bytes) {
    const block = blockOf(p, scratch, inputs + i);
    if (load<usize>(scratch + (<usize>(inputs + i) << 3)) == block) {
      transferLinear(p, scratch, view, start, block, n, true);
    }
  }
}

/** Evaluates n elements of row `row` from `column`. */
export function evaluateRow(p: usize, scratch: usize, row: i32, column: i32, n: i32): void {
  const inputs = load<i32>(p, P_INPUTS);
  const outputs = load<i32>(p, P_OUTPUTS);
  const last = load<i32>(p, P_RANK) - 1;
  const bytes = viewBytes(p);
  // A reduction of a bare input reads its block as it is: there a repeated value is written out.
  const mayRepeat = load<i32>(p, P_COUNT) > 0;
  let view = load<usize>(p, P_VIEWS);
  for (let i = 0; i < inputs; i++, view += bytes) {
    const stride = load<i32>(view + (<usize>last << 2), V_STRIDES);
    const kind = load<i32>(view, V_KIND);
    const base = load<usize>(view, V_BASE);
    const offset = locate(p, scratch, view, row, last) + column * stride;
    const block = blockOf(p, scratch, i);
    if (stride == 1 && kind == KIND_WORD) {
      setEntry(scratch, i, base + (<usize>offset << 2), 16);
    } else if (stride == 0 && mayRepeat) {
      v128.store(block, i32x4.splat(loadElement(kind, base, offset)));
      setEntry(scratch, i, block, 0);
    } else {
      loadRun(kind, base, offset, stride, block, n);
      setEntry(scratch, i, block, 16);
    }
  }
  const firstOutput = view;
  for (let i = 0; i < outputs; i++, view += bytes) {
    const stride = load<i32>(view + (<usize>last << 2), V_STRIDES);
    let address = blockOf(p, scratch, inputs + i);
    if (stride == 1 && load<i32>(view, V_KIND) == KIND_WORD && (n & 7) == 0) {
      const offset = locate(p, scratch, view, row, last) + column;
      address = load<usize>(view, V_BASE) + (<usize>offset << 2);
    }
    setEntry(scratch, inputs + i, address, 16);
  }
  run(p, scratch, n);
  view = firstOutput;
  for (let i = 0; i < outputs; i++, view += bytes) {
    const block = blockOf(p, scratch, inputs + i);
    if (load<usize>(scratch + (<usize>(inputs + i) << 3)) != block) continue;
    const stride = load<i32>(view + (<usize>last << 2), V_STRIDES);
    const offset = locate(p, scratch, view, row, last) + column * stride;
    storeRun(load<i32>(view, V_KIND), load<usize>(view, V_BASE), offset, stride, block, n);
  }
}
