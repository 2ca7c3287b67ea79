// map: runs a program over its iteration space. A tile is one block; tiles are independent. Bytes
// touched: each input and output once. Tolerance: that of the scalar ops.

import { evaluateLinear, evaluateRow, prepare } from "../vm/evaluate";
import { P_BLOCK, P_COLUMNS, P_ROW_BLOCKS, P_TOTAL } from "../vm/layout";

export function map(p: usize, begin: i32, end: i32, scratch: usize): void {
  prepare(p, scratch);
  const block = load<i32>(p, P_BLOCK);
  const rowBlocks = load<i32>(p, P_ROW_BLOCKS);
  if (rowBlocks) {
    const columns = load<i32>(p, P_COLUMNS);
    for (let tile = begin; tile < end; tile++) {
      const row = tile / rowBlocks;
      const column = (tile - row * rowBlocks) * block;
      evaluateRow(p, scratch, row, column, min<i32>(block, columns - column));
    }
  } else {
    const total = load<i32>(p, P_TOTAL);
    for (let tile = begin; tile < end; tile++) {
      const start = tile * block;
      evaluateLinear(p, scratch, start, min<i32>(block, total - start));
    }
  }
}
