// What goes wrong on a GPU comes later and from the side. This keeps the first failure until somebody
// asks: a lost device fails everything from then on, a validation error or memory that ran out is
// reported by the next read or sync, once, and the backend works on.

import { OutOfMemoryError, SixtyoneError } from "@sixtyone/tensor/backend";

const shownOps = 8;
const rememberedOps = 64;

/** The names of the ops in a batch, for messages. */
export function listOps(ops: readonly string[]): string {
  const names = [...new Set(ops)];
  const more = names.length > shownOps ? ` and ${names.length - shownOps} more` : "";
  return names.slice(-shownOps).join(", ") + more;
}

export class Failure {
  private pending: SixtyoneError | undefined;
  private lost: SixtyoneError | undefined;
  private isClosed = false;
  private readonly scopes: Set<Promise<void>> = new Set();
  /** Those who wait for the device. A race with `device.lost` itself would leave a little there each time. */
  private readonly waiting: Set<(error: unknown) => void> = new Set();
  /** The ops handed to the device last, for errors that do not say where they come from. */
  private lastOps: readonly string[] = [];

  constructor(device: GPUDevice) {
    void device.lost.then((info) => {
      this.lost ??= this.isClosed ? disposed("what was pending") : lostError(info, this.lastOps);
      for (const reject of this.waiting) reject(this.lost);
      this.waiting.clear();
    });
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.note(event.error, "");
    });
  }

  submitted(ops: readonly string[]): void {
    this.lastOps = [...this.lastOps, ...ops].slice(-rememberedOps);
  }

  /** Keeps an error of the device. `op`: what was running, as far as it is known. */
  note(error: GPUError, op: string): void {
    if (this.isClosed) return;
    const where = op || listOps(this.lastOps) || "start";
    const isMemory = error.constructor.name === "GPUOutOfMemoryError";
    this.pending ??= isMemory
      ? new OutOfMemoryError(
          `${where}: the GPU ran out of memory. Dispose tensors, or use smaller batches. (${error.message})`,
        )
      : new SixtyoneError("BACKEND", `${where}: WebGPU refused the work: ${error.message}`);
  }

  /** Notes what an error scope caught, once it is known. `op` is asked then. */
  watch(scope: Promise<GPUError | null>, op: () => string, onError?: () => void): void {
    const watched = scope.then(
      (error) => {
        if (!error) return;
        this.note(error, op());
        onError?.();
      },
      () => {}, // a scope of a device that is lost; the loss itself is told elsewhere
    );
    this.scopes.add(watched);
    void watched.then(() => this.scopes.delete(watched));
  }

  /** The same promise, but rejected when the device is gone, so that nothing waits for a dead one. */
  async unlessLost<T>(promise: Promise<T>): Promise<T> {
    if (this.lost) throw this.lost;
    const { promise: first, resolve, reject } = Promise.withResolvers<T>();
    this.waiting.add(reject);
    promise.then(resolve, reject);
    try {
      return await first;
    } finally {
      this.waiting.delete(reject);
    }
  }

  /** Resolves when every error scope so far has said what it caught; rejects when the device is gone. */
  async settled(): Promise<void> {
    if (this.scopes.size > 0) await this.unlessLost(Promise.all(this.scopes));
    this.report();
  }

  /** Throws what keeps launches from running at all. */
  assertAlive(op: string): void {
    if (this.isClosed) throw disposed(op);
    if (this.lost) throw this.lost;
  }

  /** Throws the failure that nobody has been told of yet. */
  private report(): void {
    if (this.lost) throw this.lost;
    const { pending } = this;
    this.pending = undefined;
    if (pending) throw pending;
  }

  /** The device is being disposed: its loss is no failure. */
  close(): void {
    this.isClosed = true;
  }
}

function disposed(op: string): SixtyoneError {
  return new SixtyoneError("ARGUMENT", `${op}: the webgpu backend was disposed. Create a new one.`);
}

function lostError({ reason, message }: GPUDeviceLostInfo, ops: readonly string[]): SixtyoneError {
  const during = ops.length > 0 ? listOps(ops) : "start";
  return new SixtyoneError(
    "BACKEND",
    `${during}: the GPU device was lost (${reason}): ${message.trim()} ` +
      `Its tensors are gone; create a new backend.`,
  );
}
