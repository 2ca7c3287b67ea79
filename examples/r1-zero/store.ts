// Files of a run: the checkpoint (model, optimizer, generator, curve) and plain outputs. Every file is
// written beside its name and renamed, so that neither Ctrl-C nor a full disk leaves half a file.

import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Metrics, TrainerState } from "@sixtyone/grpo";
import { loadCheckpoint, saveCheckpoint, type DeepseekV3 } from "@sixtyone/moe";
import {
  loadSafetensors,
  saveSafetensors,
  SixtyoneError,
  tensor,
  type Device,
  type SafetensorsFile,
} from "@sixtyone/tensor";
import { UserError } from "./cli.ts";
import { eosTokenId, vocabularySize } from "./tokenizer.ts";

const modelFile = "checkpoint.safetensors";
const trainerFile = "trainer.safetensors";

/** What has to be equal for a checkpoint to be this run's. */
export interface RunKey {
  readonly seed: number;
  readonly taskSize: number;
  readonly control: boolean;
}

export interface SavedRun {
  readonly model: DeepseekV3;
  readonly state: TrainerState;
  readonly history: readonly Metrics[];
}

/** What a run writes at most, roughly: a disk without room for it is found full now, not after the training. */
const probeBytes = 8 * 2 ** 20;

/**
 * Creates a folder and those above it, one by one: Node's own `recursive` calls a read-only disk a missing one, and
 * never returns in /proc.
 */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

/** Creates the folder of `path` and proves that it can be written to, with room for what a run writes. */
export function prepareFile(path: string, flag: string): void {
  const probe = `${path}.probe`;
  let probed = false;
  try {
    makeFolder(dirname(path));
    const target = statSync(path, { throwIfNoEntry: false });
    if (target?.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
    if (target && !target.isFile()) return; // a device or a pipe: nothing is made beside it
    probed = true;
    writeFileSync(probe, new Uint8Array(probeBytes));
    rmSync(probe);
  } catch (error) {
    if (probed) rmSync(probe, { force: true });
    throw writeError(path, flag, error);
  }
}

export function writeOutput(path: string, data: string | Uint8Array, flag: string): void {
  writeTogether([[path, data]], flag);
}

/** All of the files or, where one cannot be written, none: every one is complete before the first is renamed. */
function writeTogether(
  files: readonly (readonly [path: string, data: string | Uint8Array])[],
  flag: string,
): void {
  const moves: (readonly [from: string, to: string])[] = [];
  let current = "";
  try {
    for (const [path, data] of files) {
      current = path;
      const target = statSync(path, { throwIfNoEntry: false });
      // A device or a pipe (/dev/stdout) is written to, never replaced; a link's own target is what changes.
      if (target && !target.isFile()) writeFileSync(path, data);
      else {
        const to = target ? realpathSync(path) : path;
        moves.push([`${to}.part`, to]);
        writeFileSync(`${to}.part`, data);
      }
    }
    for (const [from, to] of moves) renameSync(from, to);
  } catch (error) {
    for (const [from] of moves) rmSync(from, { force: true });
    throw writeError(current, flag, error);
  }
}

function writeError(path: string, flag: string, cause: unknown): UserError {
  const reasons: Record<string, string> = {
    EACCES: "no permission",
    EPERM: "no permission",
    EROFS: "the file system is read-only",
    ENOSPC: "the disk is full",
    EDQUOT: "the disk quota is used up",
    ENOTDIR: "a part of the path is a file",
    EISDIR: "it is a folder",
    ENOENT: "the disk or folder is missing",
  };
  const { code = "" } = cause as NodeJS.ErrnoException;
  const reason = reasons[code] ?? (cause as Error).message;
  return new UserError(`cannot write ${path}: ${reason}. Name another place with ${flag}.`, {
    cause,
  });
}

/** A base model from a file. The message of whatever is wrong with it names the file. */
export function readModel(device: Device, path: string): DeepseekV3 {
  return modelFrom(device, path, "Name one that `pnpm pretrain` made with --base.").model;
}

function modelFrom(
  device: Device,
  path: string,
  wayOut: string,
): ReturnType<typeof loadCheckpoint> {
  const bytes = readBytes(path, wayOut);
  const loaded = readable(wayOut, () => loadCheckpoint(device, bytes, { file: path }));
  const { model } = loaded;
  const { vocab_size, eos_token_id } = model.config;
  if (vocab_size !== vocabularySize || eos_token_id !== eosTokenId) {
    model.dispose();
    throw new UserError(
      `${path}: a model for another vocabulary (${vocab_size} tokens, ${eos_token_id} ends; ` +
        `here ${vocabularySize}, ${eosTokenId}). ${wayOut}`,
    );
  }
  return loaded;
}

/** What `load` gives. What is wrong with a file is said with this program's way out and not the library's. */
function readable<T>(wayOut: string, load: () => T): T {
  try {
    return load();
  } catch (cause) {
    if (!(cause instanceof SixtyoneError)) throw cause;
    const [problem] = cause.message.split(/\.(?= [A-Z]|$)/);
    throw new UserError(`${problem}. ${wayOut}`, { cause });
  }
}

function readBytes(path: string, wayOut: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: "there is no such file",
      EISDIR: "it is a folder",
    };
    const reason = reasons[code ?? ""] ?? (cause as Error).message;
    throw new UserError(`cannot read ${path}: ${reason}. ${wayOut}`, { cause });
  }
}

export async function saveRun(
  folder: string,
  key: RunKey,
  model: DeepseekV3,
  state: TrainerState,
  history: readonly Metrics[],
): Promise<void> {
  const { device } = model;
  using _scope = device.scope();
  const moments = Object.fromEntries(
    state.optimizer.groups.flatMap(({ m, v }, i) => [
      [`${i}.m`, tensor(device, m)],
      [`${i}.v`, tensor(device, v)],
    ]),
  );
  const { step, tokens, generator } = state;
  const ofStep = { step: String(step) };
  const metadata = {
    ...ofStep,
    run: JSON.stringify(key),
    trainer: JSON.stringify({ step, tokens, generator, optimizerStep: state.optimizer.step }),
    history: JSON.stringify(history),
  };
  const files = [
    [join(folder, modelFile), await saveCheckpoint(model, { metadata: ofStep })],
    [join(folder, trainerFile), await saveSafetensors(moments, metadata)],
  ] as const;
  writeTogether(files, "--out");
}

const startAgain = "Name another --out, or run without --resume.";

/** The run saved in `folder`. Throws UserError if there is none, another one, or a damaged one. */
export async function loadRun(device: Device, folder: string, key: RunKey): Promise<SavedRun> {
  const path = join(folder, trainerFile);
  if (!existsSync(path)) {
    throw new UserError(
      `--resume: there is no checkpoint in ${folder}. Run once without --resume.`,
    );
  }
  const bytes = readBytes(path, startAgain);
  using scope = device.scope();
  const file = readable(startAgain, () => loadSafetensors(device, bytes, { file: path }));
  const saved = parsed<Partial<RunKey>>(file, "run", path);
  for (const [name, value] of Object.entries(key)) {
    if (saved[name as keyof RunKey] !== value) {
      throw new UserError(
        `--resume: the checkpoint in ${folder} was made with ${name} ${saved[name as keyof RunKey]}, ` +
          `this run has ${name} ${value}. Use the same settings, or another --out.`,
      );
    }
  }
  type Trainer = Omit<TrainerState, "optimizer"> & { readonly optimizerStep: number };
  const { step, tokens, generator, optimizerStep } = parsed<Trainer>(file, "trainer", path);
  const history = parsed<Metrics[]>(file, "history", path);
  const groups = [];
  for (let i = 0; file.tensors.has(`${i}.m`) && file.tensors.has(`${i}.v`); i++) {
    const m = (await file.tensors.get(`${i}.m`)!.data()) as Float32Array;
    const v = (await file.tensors.get(`${i}.v`)!.data()) as Float32Array;
    groups.push({ m, v });
  }
  scope.end();
  const { model, metadata } = modelFrom(device, join(folder, modelFile), startAgain);
  if (metadata["step"] !== String(step)) {
    throw new UserError(
      `--resume: in ${folder} the model is of step ${metadata["step"]}, the trainer of step ${step}. ${startAgain}`,
    );
  }
  return {
    model,
    history,
    state: { step, tokens, generator, optimizer: { step: optimizerStep, groups } },
  };
}

/** A value from a file's metadata. */
function parsed<T>({ metadata }: SafetensorsFile, name: string, path: string): T {
  try {
    return JSON.parse(metadata[name]!) as T;
  } catch (cause) {
    throw new UserError(
      `${path}: not a checkpoint of this program ("${name}" is missing). ${startAgain}`,
      { cause },
    );
  }
}
