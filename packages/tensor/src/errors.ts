// Every error the library throws on purpose. One class a cause, each with a stable `code`, so that
// callers branch on the class or the code and never on the wording. A message says, in this order:
// which op, what was expected, what came, what to do.

/** Base of all errors of the sixtyone packages. `code` is stable across versions; the wording is not. */
export class SixtyoneError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** Shapes that do not fit the op (broadcasting, inner dimensions, element counts, axes). */
export class ShapeError extends SixtyoneError {
  constructor(message: string) {
    super("SHAPE", message);
  }
}

/** A dtype the op does not take, or two dtypes that do not go together. */
export class DTypeError extends SixtyoneError {
  constructor(message: string) {
    super("DTYPE", message);
  }
}

/** An index outside its axis. */
export class IndexError extends SixtyoneError {
  constructor(message: string) {
    super("INDEX", message);
  }
}

/** A tensor was used after `dispose()` or after its scope ended. */
export class UseAfterFreeError extends SixtyoneError {
  constructor(message: string) {
    super("USE_AFTER_FREE", message);
  }
}

/** Tensors of two devices met in one op. */
export class DeviceMismatchError extends SixtyoneError {
  constructor(message: string) {
    super("DEVICE_MISMATCH", message);
  }
}

/** A promise where work must be done at once: in a `tidy()`, or in a step that will be replayed. */
export class ScopeError extends SixtyoneError {
  constructor(message: string) {
    super("SCOPE", message);
  }
}

/** A kernel made a NaN out of numbers; only `detectAnomaly` looks for that. */
export class NaNError extends SixtyoneError {
  constructor(message: string) {
    super("NAN", message);
  }
}

/** `backward()` or `grad()` was asked for something that has no gradient. */
export class AutogradError extends SixtyoneError {
  constructor(message: string) {
    super("AUTOGRAD", message);
  }
}

/** The backend has no kernel for this launch and the op has no other way. */
export class UnsupportedError extends SixtyoneError {
  constructor(message: string, options?: ErrorOptions) {
    super("UNSUPPORTED", message, options);
  }
}

/** The device could not give the memory asked for. The device still works afterwards. */
export class OutOfMemoryError extends SixtyoneError {
  constructor(message: string, options?: ErrorOptions) {
    super("OUT_OF_MEMORY", message, options);
  }
}

/** Bytes that are not what their format promises (safetensors, checkpoints). */
export class FormatError extends SixtyoneError {
  constructor(message: string, options?: ErrorOptions) {
    super("FORMAT", message, options);
  }
}

/** An argument that is neither a shape nor a dtype problem: a bad option, a wrong call order. */
export class ArgumentError extends SixtyoneError {
  constructor(message: string) {
    super("ARGUMENT", message);
  }
}
