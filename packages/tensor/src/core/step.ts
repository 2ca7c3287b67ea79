// Step replay: a training or decoding step runs eagerly once, is recorded the second time and replayed from
// then on. A replay is the flat list of launches: no tensor objects, no shape checks, no gradient rules.
//
// What may change from step to step is data in buffers: the inputs, and what `device.feed` produces (learning
// rate, bias corrections, random counters). Numbers written into expressions and host code inside the
// function are of the recorded step; `verify` runs both ways and compares. Gradients that a step leaves in `.grad`
// are handed over after each replay; see step-gradients.ts.

import type { Launch, Plan } from "../backend/contract.ts";
import { bytesPerElement, type TypedArray } from "../dtype.ts";
import { AutogradError, ScopeError } from "../errors.ts";
import { leafExpr } from "../ir/expr.ts";
import { formatShape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Device, Recorder } from "./device.ts";
import { StepGradients } from "./step-gradients.ts";
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
  readonly gradients: StepGradients = new StepGradients();
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

  usesGrad(leaf: Tensor, grad: Tensor | null, added = false): void {
    this.gradients.uses(leaf, grad, added);
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
   * Runs the step both ways from the same state and compares results, everything written and every `.grad`, bit for
   * bit. Throws AutogradError naming the first difference, or where the step cannot be recorded. The state afterwards
   * is that of one step; a step not recorded yet runs until it is, and drops the gradients that keep it from that.
   */
  verify(...inputs: Inputs): Promise<void>;
  /** How often a recorded plan ran. */
  readonly replayCount: number;
  dispose(): void;
}

/** Plans hold memory: of a step whose shapes keep changing the oldest make way. */
const maxPlans = 16;

/**
 * Makes a step that is recorded once per signature (the inputs' dtypes, shapes and requiresGrad) and then replayed. It keeps
 * the plans of the 16 signatures recorded last. Shapes that change with every call are better run without.
 *
 * Gradients that the step adds to `.grad` and leaves there accumulate over replays as they would eagerly. A call runs
 * eagerly where a replay could not do the same: where it would use a `.grad` from before it in any other way than
 * adding to it once, and where an input is itself computed from tensors with requiresGrad.
 */
export function step<Inputs extends Tensor[]>(
  device: Device,
  fn: StepFunction<Inputs>,
): Step<Inputs> {
  const seen = new Map<string, Compiled | "warm">();
  let replayCount = 0;
  /** Of the run that could not be recorded last. */
  let outstanding: StepGradients | undefined;

  const run = (...inputs: Inputs): readonly Tensor[] => {
    const signature = signatureOf(inputs);
    const state = seen.get(signature);
    if (inputs.some((x) => !x.isLeaf)) return fn(...inputs);
    if (state === undefined) {
      // The first run allocates optimizer state and compiles kernels: not what a plan should hold.
      seen.set(signature, "warm");
      return fn(...inputs);
    }
    if (state === "warm") {
      if (inputs.some((x) => x.requiresGrad && x.grad)) return fn(...inputs);
      const compiled = record(device, fn, inputs);
      if (compiled.recording.gradients.outstanding) {
        // This run took in a gradient from before it, which is not part of the step. The next one may not.
        const results = compiled.results.map((x) => x.alias());
        outstanding = compiled.recording.gradients;
        discard(compiled);
        return results;
      }
      seen.delete(signature); // the map's order is that of recording
      seen.set(signature, compiled);
      const plans = [...seen].filter(([, other]) => other !== "warm");
      if (plans.length > maxPlans) drop(...plans[0]!);
      return compiled.results.map((x) => x.alias());
    }
    if (!state.recording.gradients.canReplay(inputs)) return fn(...inputs);
    replay(device, state, inputs);
    replayCount++;
    return state.results.map((x) => x.alias());
  };

  const verify = async (...inputs: Inputs): Promise<void> => {
    using _scope = device.scope();
    const compiled = compiledFor(inputs);
    const { gradients } = compiled.recording;
    const gradsBefore = gradients.take(inputs);
    const written = [...compiled.recording.written].map(wholeView);
    const before = written.map((view) => copy(device, view));
    const fed: TypedArray[] = [];
    replay(device, compiled, inputs, fed);
    const replayed = [...compiled.results.map((x) => x.lazy.view()), ...written].map((v) =>
      copy(device, v),
    );
    const gradsReplayed = gradients.take(inputs);
    written.forEach((view, i) => overwrite(device, view, before[i]!));
    gradients.restore(inputs, gradsBefore);
    const given = new GivenFeeds(device, fed);
    const eager = device.whileRecording(given, () => device.tidy(() => fn(...inputs)));
    const results = [...eager.map((x) => x.contiguous().lazy.view()), ...written];
    const grads = gradients.take(inputs);
    const differs = (what: string, replay: unknown, run: unknown): never => {
      throw new AutogradError(
        `step: the replay differs from the eager run in ${what}: ${String(replay)} instead of ${String(run)}. ` +
          `Something that changes between steps is not an input: pass it in as a tensor.`,
      );
    };
    const compare = async (what: string, replay: View, run: View): Promise<void> => {
      const [a, b] = [await device.read(run), await device.read(replay)];
      const at = a.findIndex((x, k) => !Object.is(x, b[k]));
      if (at >= 0) differs(`${what}, element ${at}`, b[at], a[at]);
    };
    for (const [i, view] of results.entries()) {
      const what = i < eager.length ? `result ${i}` : `written tensor ${i - eager.length}`;
      await compare(what, replayed[i]!, view);
    }
    for (const [i, run] of grads.entries()) {
      const [what, replay] = [gradients.name(i, inputs), gradsReplayed[i]!];
      if (run && replay) await compare(what, replay.lazy.view(), run.lazy.view());
      else if (run !== replay) differs(what, replay, run);
    }
    for (const [leaf, grad] of given.grads) {
      if (!leaf.isDisposed && leaf.grad !== grad && !gradients.has(leaf, inputs)) {
        differs(`.grad of ${leaf.toString()}`, "as it was", "changed");
      }
    }
    for (const view of [...before, ...replayed]) view.storage.release();
  };

  /** Runs the step until it is recorded. */
  const compiledFor = (inputs: Inputs): Compiled => {
    for (let tries = 0; tries < 4; tries++) {
      const state = seen.get(signatureOf(inputs));
      if (state && state !== "warm") {
        const { gradients } = state.recording;
        if (inputs.some((x) => !x.isLeaf) || (tries === 0 && !gradients.canReplay(inputs))) break;
        if (!gradients.canReplay(inputs)) gradients.drop(inputs);
        return state;
      }
      run(...inputs);
      outstanding?.dropUsed();
      outstanding = undefined;
      for (const x of inputs)
        if (x.requiresGrad && seen.get(signatureOf(inputs)) === "warm") x.setGrad(null);
    }
    throw new AutogradError(
      "step: nothing to verify, since this call always runs eagerly: an input is computed from tensors with " +
        "requiresGrad, or the step uses a .grad from before it. detach() the input; setGrad(null) before the step.",
    );
  };

  const discard = ({ plan, inputs, results, recording }: Compiled): void => {
    plan?.dispose();
    for (const x of [...inputs, ...results]) x.dispose();
    recording.gradients.dispose();
    for (const { view } of recording.feeds) view.storage.release();
    for (const storage of recording.held) device.release(storage);
  };
  const drop = (signature: string, compiled: Compiled | "warm"): void => {
    seen.delete(signature);
    if (compiled !== "warm") discard(compiled);
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

  /** Of every leaf whose `.grad` was used, what it was before. */
  readonly grads: Map<Tensor, Tensor | null> = new Map();
  usesGrad(leaf: Tensor, grad: Tensor | null): void {
    if (!this.grads.has(leaf)) this.grads.set(leaf, grad);
  }

  readonly launches: Launch[] = [];
  wrote(): void {}
  refuse(): void {}
}

/** What a plan is recorded for: of each input its dtype, its shape and whether it collects a gradient. */
function signatureOf(inputs: readonly Tensor[]): string {
  return inputs.map((x) => `${x.dtype}${formatShape(x.shape)}${x.requiresGrad}`).join();
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
  const plan = recording.gradients.outstanding
    ? undefined
    : device.backend.record?.(recording.launches);
  if (!recording.gradients.outstanding) recording.gradients.keep(inputs, given);
  return { recording, inputs, results, plan };
}

function replay(
  device: Device,
  { recording, inputs, plan }: Compiled, // of which `canReplay` holds
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
  recording.gradients.handOver(given);
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
