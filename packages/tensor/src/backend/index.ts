// What a backend author needs: the contract, the expression IR, the oracle and the pure helpers around
// them. Published as "@sixtyone/tensor/backend".

export type {
  Backend,
  Binding,
  BufferHandle,
  Capabilities,
  FusedName,
  FusedParams,
  KernelName,
  KernelParams,
  KernelTable,
  Launch,
  LaunchOf,
  Plan,
  PrimitiveName,
  PrimitiveParams,
  ReduceOp,
} from "./contract.ts";
export { reference, type ReferenceOptions } from "./reference.ts";
export { interpret } from "../ir/interpret.ts";
export {
  castExpr,
  indexExpr,
  leafExpr,
  opExpr,
  scalarExpr,
  toProgram,
  type Expr,
} from "../ir/expr.ts";
export type { Instruction, Program } from "../ir/program.ts";
export { scalarOps, type ScalarOpInfo } from "../ir/scalar-ops.ts";
export { givesBool, isHeavy, resultType, type ScalarOp } from "../ir/scalar-traits.ts";
export {
  bytesPerElement,
  computeType,
  decodeBF16,
  decodeF16,
  dtypes,
  encodeBF16,
  encodeF16,
  isFloat,
  viewBytes,
  type ComputeType,
  type DType,
  type TypedArray,
} from "../dtype.ts";
export {
  broadcastShapes,
  broadcastStrides,
  collapse,
  contiguousStrides,
  formatShape,
  isContiguous,
  sizeOf,
  type Shape,
} from "../shape.ts";
export { IndexError, OutOfMemoryError, SixtyoneError, UnsupportedError } from "../errors.ts";
export { threefry2x32 } from "../random/threefry.ts";
export { moved, rounded, summed, type Cost, type Tolerance } from "../ops/cost.ts";
export { observeOps, type OpRun } from "../ops/define.ts";
