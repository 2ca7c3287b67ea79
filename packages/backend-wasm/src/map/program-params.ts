// Writes the parameter block of a program launch (layout: assembly/vm/layout.ts) and keeps the compiled
// programs, whose bytecode stays in the linear memory.

import type { Binding, DType, Program } from "@sixtyone/tensor/backend";
import { scratchBytes, type Engine } from "../engine.ts";
import { addressOf } from "../buffer.ts";
import { compile, scalarWord, type Compiled } from "./compile.ts";
import { maxRank, type Space } from "./space.ts";

interface Resident extends Compiled {
  readonly address: number;
}

const headerWords = 14;
export const extraWords = 8;
/** How many programs stay compiled. A model has hundreds; a runaway caller must not fill the memory. */
const cacheLimit = 8192;

const kinds: { readonly [D in DType]: number } = {
  f32: 0,
  i32: 0,
  u32: 0,
  bool: 0,
  f16: 1,
  bf16: 2,
};
const indexKind = 3;

export function kindOf(dtype: DType): number {
  return kinds[dtype];
}

export class ProgramCache {
  private readonly programs = new Map<string, Resident>();
  private readonly reductions = new Map<string, Resident>();

  get(engine: Engine, program: Program, forReduce: boolean): Resident {
    const cache = forReduce ? this.reductions : this.programs;
    const known = cache.get(program.key);
    if (known) return known;
    // Plans keep addresses of bytecode, so nothing is ever evicted: beyond the limit it is temporary.
    const compiled = compile(program, forReduce);
    const bytes = Math.max(compiled.code.byteLength, 4);
    const isFull = cache.size >= cacheLimit;
    const address = isFull ? engine.temporary(bytes) : engine.heap.allocator.alloc(bytes);
    engine.heap.i32.set(compiled.code, address >>> 2);
    const resident = { ...compiled, address };
    if (!isFull) cache.set(program.key, resident);
    return resident;
  }
}

/** Elements a block: large enough to amortise dispatch, small enough for all values to stay in L1. */
function blockLength(blocks: number): number {
  let length = blocks <= 14 ? 512 : blocks <= 30 ? 256 : 128;
  while (blocks * length * 4 > scratchBytes - 16384) length /= 2;
  return length;
}

const minimumColumns = 96;

export interface ProgramBlock {
  /** Index of the block in i32, and its address in bytes. */
  readonly at: number;
  readonly address: number;
  readonly block: number;
  /** 0 when blocks are runs of the flat index. */
  readonly rowBlocks: number;
}

/**
 * `space` holds the inputs, the index pseudo-inputs and the outputs, in this order. `layout`: "auto", or
 * what a reduction needs: blocks along the flat index or along rows. `spare`: blocks beyond the program's.
 */
export function writeProgram(
  engine: Engine,
  compiled: Resident,
  space: Space,
  inputs: readonly Binding[],
  outputs: readonly Binding[],
  scalars: readonly number[],
  layout: "auto" | "linear" | "rows",
  spare = 0,
): ProgramBlock {
  const { rank, views } = space;
  const columns = space.dims[rank - 1]!;
  const blocks = views + (outputs.length ? 0 : 1) + compiled.registers + spare;
  const longest = blockLength(blocks);
  const inRows =
    layout === "rows" || (layout === "auto" && (rank === 1 || columns >= minimumColumns));
  const rowBlocks = inRows ? Math.ceil(columns / longest) : 0;
  const block = inRows ? Math.ceil(columns / rowBlocks / 8) * 8 : longest;

  const viewWords = 3 + rank;
  const words = headerWords + extraWords + rank + views * viewWords + scalars.length;
  const at = engine.block(words);
  const { i32 } = engine.heap;
  const dims = at + headerWords + extraWords;
  const firstView = dims + rank;
  const values = firstView + views * viewWords;
  i32[at] = compiled.address;
  i32[at + 1] = compiled.count;
  i32[at + 2] = inputs.length + compiled.indexAxes.length;
  i32[at + 3] = outputs.length;
  i32[at + 4] = scalars.length;
  i32[at + 5] = compiled.registers;
  i32[at + 6] = block;
  i32[at + 7] = rank;
  i32[at + 8] = space.size;
  i32[at + 9] = columns;
  i32[at + 10] = rowBlocks;
  i32[at + 11] = dims * 4;
  i32[at + 12] = firstView * 4;
  i32[at + 13] = values * 4;
  for (let axis = 0; axis < rank; axis++) i32[dims + axis] = space.dims[axis]!;
  let view = firstView;
  for (let v = 0; v < views; v++, view += viewWords) {
    const isInput = v < inputs.length;
    const isIndex = !isInput && v < inputs.length + compiled.indexAxes.length;
    const binding = isIndex
      ? undefined
      : isInput
        ? inputs[v]!
        : outputs[v - inputs.length - compiled.indexAxes.length]!;
    i32[view] = binding ? kinds[binding.dtype] : indexKind;
    i32[view + 1] = binding ? addressOf(binding) : 0;
    i32[view + 2] = !isIndex && space.isContiguous(v) ? 1 : 0;
    for (let axis = 0; axis < rank; axis++)
      i32[view + 3 + axis] = space.strides[v * maxRank + axis]!;
  }
  for (let i = 0; i < scalars.length; i++) {
    i32[values + i] = scalarWord(scalars[i]!, compiled.scalarTypes[i]!);
  }
  return { at, address: at * 4, block, rowBlocks };
}
