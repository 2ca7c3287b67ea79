// Step replay: a training or decoding step runs eagerly once, is recorded the second time and replayed from
// then on. A replay is the flat list of launches: no tensor objects, no shape checks, no gradient rules.
//
// What may change from step to step is data in buffers: the inputs, and what `device.feed` produces (learning
// rate, bias corrections, random counters). Numbers written into expressions and host code inside the
// function are of the recorded step; `verify` runs both ways and compares.

import type { Launch, Plan } from "../backend/contract.ts";
import { bytesPerElement, type TypedArray } from "../dtype.ts";
import { AutogradError, ScopeError } from "../errors.ts";
import { leafExpr } from "../ir/expr.ts";
import { formatShape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Device, Recorder } from "./device.ts";
import { contiguousView, Storage, type View } from "./storage.ts";

/** A host value that a replay produces anew. */
export interface Feed {
  readonly view: View;
  readonly produce: () => TypedArray;
}

/** What a device writes down while a step is recorded. */
class Recording implements Recorder {
  readonly launches: Launch[] = [];
  readonly feeds: Feed[] = [];
  /** Storages from outside that the step writes: parameters, optimizer state. */
  readonly written: Set<Storage> = new Set();
  /** Unreferenced memory that launches of the plan name: nobody else may use it. */
  readonly held: Storage[] = [];
  readonly #device: Device;
  readonly #own: Set<Storage> = new Set();
  readonly #free = new Map<number, Storage[]>();

  constructor(device: Device) {
    this.#device = device;
  }

  /** Memory the step itself is done with, or new. */
  allocate(byteLength: number, fresh: () => Storage): Storage {
    const free = this.#free.get(byteLength)?.pop();
    const storage = free ? new Storage(this.#device, free.buffer, byteLength) : fresh();
    if (free) this.#own.delete(free);
    this.#own.add(storage);
    return storage;
  }

  /** Takes a storage that lost its last reference. Memory from outside is kept: launches may name it. */
  recycle(storage: Storage): void {
    if (!this.#own.has(storage)) {
      this.held.push(storage);
      return;
    }
    const list = this.#free.get(storage.byteLength) ?? [];
    list.push(storage);
    this.#free.set(storage.byteLength, list);
  }

  wrote(storage: Storage): void {
    if (!this.#own.has(storage)) this.written.add(storage);
  }

  refuse(what: string): never {
    throw new ScopeError(
      `step: ${what} inside a step, which a replay could not repeat. Pass values in as a tensor, and ` +
        `read results after the step.`,
    );
  }

  /** Memory of its own, which no launch of the plan may use for anything else. */
  feed(produce: () => TypedArray, upload: () => View): View {
    const view = this.#device.whileRecording(undefined, upload);
    view.storage.retain(); // the plan's reference
    this.feeds.push({ view, produce });
    return view;
  }

  /** What only the plan still needs, once the step is recorded. */
  keep(): void {
    for (const list of this.#free.values()) this.held.push(...list);
    this.#free.clear();
  }
}

interface Compiled {
  readonly recording: Recording;
  readonly inputs: readonly Tensor[];
  readonly results: readonly Tensor[];
  readonly plan: Plan | undefined;
}

export type StepFunction<Inputs extends Tensor[]> = (...inputs: Inputs) => readonly Tensor[];

export interface Step<Inputs extends Tensor[]> {
  /** Runs the step. The results of a replay are overwritten by the next one: read or clone them before. */
  (...inputs: Inputs): readonly Tensor[];
  /**
   * Runs the step both ways from the same state and compares results and everything written, bit for bit.
   * Throws AutogradError naming the first difference. The state afterwards is that of one step.
   */
  verify(...inputs: Inputs): Promise<void>;
  /** How often a recorded plan ran. */
  readonly replayCount: number;
  dispose(): void;
}

/** Plans hold memory: of a step whose shapes keep changing the oldest make way. */
const maxPlans = 16;

/**
 * Makes a step that is recorded once per signature (the inputs' dtypes and shapes) and then replayed. It keeps
 * the plans of the 16 signatures recorded last. Shapes that change with every call are better run without.
 */
export function step<Inputs extends Tensor[]>(
  device: Device,
  fn: StepFunction<Inputs>,
): Step<Inputs> {
  const seen = new Map<string, Compiled | "warm">();
  let replayCount = 0;

  const run = (...inputs: Inputs): readonly Tensor[] => {
    const signature = inputs.map((x) => `${x.dtype}${formatShape(x.shape)}`).join();
    const state = seen.get(signature);
    if (state === undefined) {
      // The first run allocates optimizer state and compiles kernels: not what a plan should hold.
      seen.set(signature, "warm");
      return fn(...inputs);
    }
    if (state === "warm") {
      const compiled = record(device, fn, inputs);
      seen.delete(signature); // the map's order is that of recording
      seen.set(signature, compiled);
      const plans = [...seen].filter(([, other]) => other !== "warm");
      if (plans.length > maxPlans) drop(...plans[0]!);
      return compiled.results.map((x) => x.alias());
    }
    replay(device, state, inputs);
    replayCount++;
    return state.results.map((x) => x.alias());
  };

  const verify = async (...inputs: Inputs): Promise<void> => {
    using _scope = device.scope();
    while (!isCompiled(seen, inputs)) run(...inputs);
    const compiled = seen.get(inputs.map((x) => `${x.dtype}${formatShape(x.shape)}`).join()) as Compiled;
    const written = [...compiled.recording.written].map(wholeView);
    const before = written.map((view) => copy(device, view));
    const fed: TypedArray[] = [];
    replay(device, compiled, inputs, fed);
    const replayed = [...compiled.results.map((x) => x.lazy.view()), ...written].map((v) => copy(device, v));
    written.forEach((view, i) => overwrite(device, view, before[i]!));
    const eager = device.whileRecording(new GivenFeeds(device, fed), () => fn(...inputs));
    const results = [...eager.map((x) => x.contiguous().lazy.view()), ...written];
    for (const [i, view] of results.entries()) {
      const [a, b] = [await device.read(view), await device.read(replayed[i]!)];
      const at = a.findIndex((x, k) => !Object.is(x, b[k]));
      if (at < 0) continue;
      const what = i < eager.length ? `result ${i}` : `written tensor ${i - eager.length}`;
      throw new AutogradError(
        `step: the replay differs from the eager run in ${what}, element ${at}: ${b[at]} instead of ${a[at]}. ` +
          `Something that changes between steps is not an input: pass it in as a tensor.`,
      );
    }
    for (const view of [...before, ...replayed]) view.storage.release();
  };

  const drop = (signature: string, compiled: Compiled | "warm"): void => {
    seen.delete(signature);
    if (compiled === "warm") return;
    compiled.plan?.dispose();
    for (const x of [...compiled.inputs, ...compiled.results]) x.dispose();
    for (const { view } of compiled.recording.feeds) view.storage.release();
    for (const storage of compiled.recording.held) device.release(storage);
  };
  const dispose = (): void => [...seen].forEach((entry) => drop(...entry));

  const made = Object.assign(run, { verify, dispose });
  return Object.defineProperty(made, "replayCount", { get: () => replayCount }) as Step<Inputs>;
}

/** Stands in for a recording while a step is verified: feeds take the values the replay had. */
class GivenFeeds implements Recorder {
  readonly #device: Device;
  readonly #values: TypedArray[];

  constructor(device: Device, values: readonly TypedArray[]) {
    this.#device = device;
    this.#values = [...values];
  }

  allocate(_: number, fresh: () => Storage): Storage {
    return fresh();
  }

  recycle(storage: Storage): void {
    this.#device.release(storage);
  }

  feed(_: () => TypedArray, upload: (values: TypedArray) => View): View {
    return this.#device.whileRecording(undefined, () => upload(this.#values.shift()!));
  }

  readonly launches: Launch[] = [];
  wrote(): void {}
  refuse(): void {}
}

function isCompiled(seen: ReadonlyMap<string, Compiled | "warm">, inputs: readonly Tensor[]): boolean {
  const state = seen.get(inputs.map((x) => `${x.dtype}${formatShape(x.shape)}`).join());
  return state !== undefined && state !== "warm";
}

function record<Inputs extends Tensor[]>(
  device: Device,
  fn: StepFunction<Inputs>,
  given: Inputs,
): Compiled {
  // Copies of the plan's own, which every replay fills first.
  const inputs = device.unscoped(() =>
    given.map((x) => {
      const own = device.tidy(() => x.detach().clone());
      return x.requiresGrad ? own.requiresGrad_() : own;
    }),
  );
  const recording = new Recording(device);
  const scope = device.scope();
  const results = device.whileRecording(recording, () => {
    try {
      const returned = fn(...(inputs as Inputs));
      return device.unscoped(() => returned.map((x) => device.tidy(() => x.contiguous().detach())));
    } finally {
      scope.end();
      recording.keep();
    }
  });
  const plan = device.backend.record?.(recording.launches);
  return { recording, inputs, results, plan };
}

function replay(
  device: Device,
  { recording, inputs, plan }: Compiled,
  given: readonly Tensor[],
  fed?: TypedArray[],
): void {
  inputs.forEach((own, i) => overwrite(device, own.lazy.view(), given[i]!.lazy.view()));
  for (const storage of recording.written) device.beforeWrite(storage);
  for (const { view, produce } of recording.feeds) {
    const values = produce();
    fed?.push(values);
    device.write(view, values);
  }
  device.rerun(recording.launches, plan);
}

function wholeView(storage: Storage): View {
  return contiguousView(storage, "u32", [storage.byteLength / bytesPerElement("u32")]);
}

function copy(device: Device, view: View): View {
  const target = device.allocate("step", view.dtype, view.shape);
  overwrite(device, target, view);
  return target;
}

function overwrite(device: Device, target: View, source: View): void {
  if (sizeOf(target.shape) === 0) return;
  device.store("step", [leafExpr(source, source.dtype)], target.shape, [target]);
}
