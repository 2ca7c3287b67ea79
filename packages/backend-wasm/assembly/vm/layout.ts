// Where things stand in the parameter block of a program launch and in a thread's scratch memory.
// src/map/program-params.ts writes the same layout. All offsets are bytes.

// Parameter block.
export const P_CODE: usize = 0; // address of the instructions
export const P_COUNT: usize = 4; // instructions
export const P_INPUTS: usize = 8; // views that are read (index pseudo-inputs included)
export const P_OUTPUTS: usize = 12; // views that are written (0 for a reduction's prologue)
export const P_SCALARS: usize = 16;
export const P_REGISTERS: usize = 20; // temporaries
export const P_BLOCK: usize = 24; // elements in a block, a multiple of 8
export const P_RANK: usize = 28; // ≥ 1
export const P_TOTAL: usize = 32; // elements of the iteration space
export const P_COLUMNS: usize = 36; // size of its last axis
export const P_ROW_BLOCKS: usize = 40; // blocks in a row, or 0: blocks are runs of the flat index
export const P_DIMS: usize = 44; // address of rank words
export const P_VIEWS: usize = 48; // address of the views, inputs then outputs
export const P_VALUES: usize = 52; // address of the scalars
export const P_EXTRA: usize = 56; // first word of the kernel's own

// A view: kind, byte address of element 0, 1 if it is contiguous in the iteration space, then strides.
export const V_KIND: usize = 0;
export const V_BASE: usize = 4;
export const V_LINEAR: usize = 8;
export const V_STRIDES: usize = 12;

export const KIND_WORD: i32 = 0; // f32, i32, u32, bool
export const KIND_F16: i32 = 1;
export const KIND_BF16: i32 = 2;
export const KIND_INDEX: i32 = 3; // the value is the offset itself: how `index` becomes a view

// Scratch of one thread.
export const S_SCALARS: usize = 4096; // after 512 entries of (address, step)
export const S_COORDINATES: usize = 7936;
export const S_REGISTERS: usize = 8192;
