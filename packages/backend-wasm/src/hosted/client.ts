// The side that asks: a backend whose calls become messages to a worker, so that the thread it is used on (a
// page's main thread) never computes and never waits. Messages are gathered and sent at the end of the
// current task, or when there are many.

import {
  IndexError,
  OutOfMemoryError,
  SixtyoneError,
  UnsupportedError,
  type Backend,
  type Binding,
  type BufferHandle,
  type Launch,
  type Plan,
} from "@sixtyone/tensor/backend";
import { takesFused } from "../kernels/support.ts";
import { roundedBytes } from "../memory/allocator.ts";
import type { Message, ParamsOf, Reply, SentBinding, SentError, SentLaunch } from "./messages.ts";

export interface HostPort {
  post(messages: readonly Message[], transfer: readonly ArrayBuffer[]): void;
  terminate(): void;
  /** In Node: whether an answer is awaited, which keeps the process alive. */
  hold(isAwaited: boolean): void;
}

interface HostedBuffer extends BufferHandle {
  readonly number: number;
  isFreed: boolean;
}

interface Waiting {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** So many messages are sent without waiting for the end of the task. */
const mostGathered = 256;

export function toError({ code, message }: SentError): SixtyoneError {
  if (code === "INDEX") return new IndexError(message);
  if (code === "OUT_OF_MEMORY") return new OutOfMemoryError(message);
  if (code === "UNSUPPORTED") return new UnsupportedError(message);
  return new SixtyoneError(code, message);
}

export class HostedBackend implements Backend {
  readonly name = "wasm";
  readonly capabilities: Backend["capabilities"];
  readonly build: "simd" | "relaxed";
  readonly #port: HostPort;
  readonly #limitBytes: number;
  readonly #sentPrograms = new Set<string>();
  readonly #waiting = new Map<number, Waiting>();
  #gathered: Message[] = [];
  #transfer: ArrayBuffer[] = [];
  #usedBytes = 0;
  #next = 1;
  #end: SixtyoneError | undefined;

  constructor(port: HostPort, started: Extract<Reply, { type: "started" }>, limitBytes: number) {
    this.#port = port;
    this.capabilities = {
      ...started.capabilities,
      description: `${started.capabilities.description}, in a worker`,
    };
    this.build = started.build;
    this.#limitBytes = limitBytes;
  }

  receive(reply: Reply): void {
    if (reply.type !== "answer") return;
    const waiting = this.#waiting.get(reply.question);
    this.#waiting.delete(reply.question);
    if (this.#waiting.size === 0) this.#port.hold(false);
    if (reply.error) waiting?.reject(toError(reply.error));
    else waiting?.resolve(reply.bytes ?? new Uint8Array());
  }

  /** The worker is gone: who waits hears it now, who calls later is told. */
  fail(reason: string): void {
    this.#stop(
      new SixtyoneError(
        "WORKER",
        `wasm: the worker that computes ended (${reason}). What it held is lost: create a new backend.`,
      ),
    );
  }

  #stop(error: SixtyoneError): void {
    this.#end ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#gathered = [];
  }

  #send(message: Message, transfer?: ArrayBuffer): void {
    if (this.#end) throw this.#end;
    if (this.#gathered.length === 0) queueMicrotask(() => this.flush());
    this.#gathered.push(message);
    if (transfer) this.#transfer.push(transfer);
    if (this.#gathered.length >= mostGathered) this.flush();
  }

  #ask(message: (question: number) => Message): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const question = this.#next++;
      this.#send(message(question));
      this.#waiting.set(question, { resolve, reject });
      this.#port.hold(true);
      this.flush();
    });
  }

  #launch(launch: Launch): SentLaunch {
    const { kernel, op, inputs, outputs } = launch;
    const bind = ({ buffer, dtype, shape, strides, offset }: Binding): SentBinding => ({
      buffer: (buffer as HostedBuffer).number,
      dtype,
      shape,
      strides,
      offset,
    });
    const sent = { kernel, op, inputs: inputs.map(bind), outputs: outputs.map(bind) };
    const params = launch.params as ParamsOf;
    const key = params.program?.key;
    if (key === undefined || !this.#sentPrograms.has(key)) {
      if (key !== undefined) this.#sentPrograms.add(key);
      return { ...sent, params };
    }
    const { program: _, ...others } = params;
    return { ...sent, params: others, programKey: key };
  }

  alloc(byteLength: number): HostedBuffer {
    const bytes = roundedBytes(byteLength);
    if (this.#usedBytes + bytes > this.#limitBytes) {
      throw new OutOfMemoryError(
        `wasm: ${byteLength} bytes asked, ${this.#usedBytes} of ${this.#limitBytes} in use. Dispose tensors, make the ` +
          `batch smaller, or raise maxBytes (at most 4 GiB).`,
      );
    }
    const buffer = { byteLength, number: this.#next++, isFreed: false };
    this.#send({ type: "alloc", buffer: buffer.number, byteLength });
    this.#usedBytes += bytes;
    return buffer;
  }

  free(buffer: BufferHandle): void {
    const own = buffer as HostedBuffer;
    if (own.isFreed) {
      throw new SixtyoneError(
        "USE_AFTER_FREE",
        `wasm: a buffer of ${buffer.byteLength} bytes was freed twice. Free each buffer once.`,
      );
    }
    own.isFreed = true;
    this.#usedBytes -= roundedBytes(own.byteLength);
    if (!this.#end) this.#send({ type: "free", buffer: own.number });
  }

  write(buffer: BufferHandle, byteOffset: number, bytes: Uint8Array): void {
    const copy = bytes.slice();
    this.#send(
      { type: "write", buffer: (buffer as HostedBuffer).number, byteOffset, bytes: copy },
      copy.buffer,
    );
  }

  async read(buffer: BufferHandle, byteOffset: number, byteLength: number): Promise<Uint8Array> {
    const { number } = buffer as HostedBuffer;
    return this.#ask((question) => ({
      type: "read",
      question,
      buffer: number,
      byteOffset,
      byteLength,
    }));
  }

  run(launch: Launch): void {
    this.#send({ type: "run", launch: this.#launch(launch) });
  }

  supports(launch: Launch): boolean {
    return takesFused(launch);
  }

  record(launches: readonly Launch[]): Plan {
    const plan = this.#next++;
    this.#send({ type: "record", plan, launches: launches.map((launch) => this.#launch(launch)) });
    return {
      launchCount: launches.length,
      replay: () => this.#send({ type: "replay", plan }),
      dispose: () => {
        if (!this.#end) this.#send({ type: "forget", plan });
      },
    };
  }

  flush(): void {
    if (this.#gathered.length === 0) return;
    this.#port.post(this.#gathered, this.#transfer);
    this.#gathered = [];
    this.#transfer = [];
  }

  async sync(): Promise<void> {
    await this.#ask((question) => ({ type: "sync", question }));
  }

  dispose(): void {
    if (this.#end) return;
    this.flush();
    this.#port.post([{ type: "dispose" }], []);
    this.#port.terminate();
    this.#stop(
      new SixtyoneError("ARGUMENT", "wasm: the wasm backend was disposed. Create a new one."),
    );
  }
}
