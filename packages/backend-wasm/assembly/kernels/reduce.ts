// reduce: the last axes of a program's iteration space folded into one word per output.
//
// reduceRows folds along the fast axis: a tile is one output with more than a block of elements, or as
// many whole outputs as fit a block. Blocks are summed in lanes and then in f64.
// reduceColumns folds across rows (the fast axis is kept: sums over a batch): a tile is a strip of
// columns of one outer index. Sums go through 32-row partial sums and then a compensated (Kahan) sum.
// Both orders depend on shapes only. Error: no worse than pairwise summation.

import { blockOf, evaluateLinear, evaluateRow, prepare } from "../vm/evaluate";
import {
  F32, SUM, foldF32, foldInteger, foldInto, foldRunF32, foldRunInteger, identityOf,
} from "../vm/fold";
import { P_BLOCK, P_COLUMNS, P_EXTRA, P_INPUTS, P_REGISTERS, P_ROW_BLOCKS } from "../vm/layout";

const X_OP = P_EXTRA;
const X_TYPE = P_EXTRA + 4;
const X_OUT = P_EXTRA + 8; // address of the first output word
const X_LENGTH = P_EXTRA + 12; // elements folded into one output
const X_OUTPUTS = P_EXTRA + 16; // outputs in all
const X_PER_TILE = P_EXTRA + 20; // rows: outputs in a tile; columns: rows of the space in a block
const X_ENTRY = P_EXTRA + 24; // byte offset of the entry that holds the program's value

const ROWS_PER_PARTIAL_SUM: i32 = 32;

export function reduceRows(p: usize, begin: i32, end: i32, scratch: usize): void {
  prepare(p, scratch);
  const op = load<i32>(p, X_OP), type = load<i32>(p, X_TYPE);
  const length = load<i32>(p, X_LENGTH), outputs = load<i32>(p, X_OUTPUTS);
  const perTile = load<i32>(p, X_PER_TILE), block = load<i32>(p, P_BLOCK);
  const entry = scratch + load<usize>(p, X_ENTRY);
  const inRows = load<i32>(p, P_ROW_BLOCKS) != 0;
  let out = load<usize>(p, X_OUT) + (<usize>(begin * perTile) << 2);
  for (let tile = begin; tile < end; tile++) {
    const first = tile * perTile;
    const count = min<i32>(perTile, outputs - first);
    if (length <= block) {
      evaluateLinear(p, scratch, first * length, count * length);
      let at = load<usize>(entry);
      for (let i = 0; i < count; i++, out += 4, at += <usize>length << 2) {
        if (type == F32) store<f32>(out, foldRunF32(op, at, length));
        else store<i32>(out, foldRunInteger(op, type, at, length));
      }
      continue;
    }
    let sum: f64 = 0;
    let word = identityOf(op, type);
    for (let done = 0; done < length; done += block) {
      const n = min<i32>(block, length - done);
      if (inRows) evaluateRow(p, scratch, first, done, n);
      else evaluateLinear(p, scratch, first * length + done, n);
      const at = load<usize>(entry);
      if (type != F32) word = foldInteger(op, type, word, foldRunInteger(op, type, at, n));
      else if (op == SUM) sum += <f64>foldRunF32(op, at, n);
      else word = reinterpret<i32>(foldF32(op, reinterpret<f32>(word), foldRunF32(op, at, n)));
    }
    if (type == F32 && op == SUM) store<f32>(out, <f32>sum);
    else store<i32>(out, word);
    out += 4;
  }
}

/** total += partial with the rounding error carried in `carry`; clears the partial sums. */
function addCompensated(total: usize, carry: usize, partial: usize, n: i32): void {
  const end = total + (<usize>n << 2);
  for (; total < end; total += 16, carry += 16, partial += 16) {
    const sum = v128.load(total);
    const y = f32x4.sub(v128.load(partial), v128.load(carry));
    const t = f32x4.add(sum, y);
    // An infinite sum would turn the carry into NaN.
    const c = f32x4.sub(f32x4.sub(t, sum), y);
    v128.store(carry, v128.and(c, f32x4.eq(c, c)));
    v128.store(total, t);
    v128.store(partial, i32x4.splat(0));
  }
}

export function reduceColumns(p: usize, begin: i32, end: i32, scratch: usize): void {
  prepare(p, scratch);
  const op = load<i32>(p, X_OP), type = load<i32>(p, X_TYPE);
  const length = load<i32>(p, X_LENGTH), columns = load<i32>(p, P_COLUMNS);
  const block = load<i32>(p, P_BLOCK), rowsPerBlock = load<i32>(p, X_PER_TILE);
  const strips = max<i32>(load<i32>(p, P_ROW_BLOCKS), 1);
  const entry = scratch + load<usize>(p, X_ENTRY);
  const free = load<i32>(p, P_INPUTS) + 1 + load<i32>(p, P_REGISTERS);
  const total = blockOf(p, scratch, free);
  const carry = blockOf(p, scratch, free + 1);
  const partial = blockOf(p, scratch, free + 2);
  const compensate = type == F32 && op == SUM && length > ROWS_PER_PARTIAL_SUM;
  const identity = i32x4.splat(identityOf(op, type));
  for (let tile = begin; tile < end; tile++) {
    const outer = tile / strips;
    const column = (tile - outer * strips) * block;
    const width = min<i32>(block, columns - column);
    for (let i: usize = 0; i < <usize>width << 2; i += 16) v128.store(total + i, identity);
    if (compensate) {
      memory.fill(carry, 0, (<usize>width << 2) + 16);
      memory.fill(partial, 0, (<usize>width << 2) + 16);
    }
    const target = compensate ? partial : total;
    let pending = 0;
    for (let row = 0; row < length; row += rowsPerBlock) {
      const rows = min<i32>(rowsPerBlock, length - row);
      if (strips > 1) evaluateRow(p, scratch, outer * length + row, column, width);
      else evaluateLinear(p, scratch, (outer * length + row) * columns, rows * columns);
      let at = load<usize>(entry);
      for (let r = 0; r < rows; r++, at += <usize>width << 2) {
        foldInto(op, type, target, at, width);
        if (compensate && ++pending == ROWS_PER_PARTIAL_SUM) {
          addCompensated(total, carry, partial, width);
          pending = 0;
        }
      }
    }
    if (compensate) addCompensated(total, carry, partial, width);
    memory.copy(
      load<usize>(p, X_OUT) + (<usize>(outer * columns + column) << 2), total, <usize>width << 2,
    );
  }
}
