// Files of a run: the checkpoint (model, optimizer, generator, curve) and plain outputs. Every file is
// written beside its name and renamed, so that neither Ctrl-C nor a full disk leaves half a file.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Metrics, TrainerState } from "@sixtyone/grpo";
import { loadCheckpoint, saveCheckpoint, type DeepseekV3 } from "@sixtyone/moe";
import { loadSafetensors, saveSafetensors, tensor, type Device } from "@sixtyone/tensor";
import { UserError } from "./cli.ts";

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

/** Creates the folder of `path` and proves that it can be written to. */
export function prepareFile(path: string, flag: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      throw Object.assign(new Error(), { code: "EISDIR" }); // now, and not after the training
    }
    writeFileSync(`${path}.probe`, "");
    rmSync(`${path}.probe`);
  } catch (error) {
    throw writeError(path, flag, error);
  }
}

export function writeOutput(path: string, data: string | Uint8Array, flag: string): void {
  try {
    writeFileSync(`${path}.part`, data);
    renameSync(`${path}.part`, path);
  } catch (error) {
    rmSync(`${path}.part`, { force: true });
    throw writeError(path, flag, error);
  }
}

function writeError(path: string, flag: string, cause: unknown): UserError {
  const reasons: Record<string, string> = {
    EACCES: "no permission",
    EPERM: "no permission",
    EROFS: "the file system is read-only",
    ENOSPC: "the disk is full",
    ENOTDIR: "a part of the path is a file",
    EISDIR: "it is a folder",
    ENOENT: "the disk or folder is missing",
  };
  const { code = "" } = cause as NodeJS.ErrnoException;
  const reason = reasons[code] ?? (cause as Error).message;
  return new UserError(`cannot write ${path}: ${reason}. Name another place with ${flag}.`, { cause });
}

/** A model from a file. The message of whatever is wrong with it names the file. */
export function readModel(device: Device, path: string): DeepseekV3 {
  return loadCheckpoint(device, readBytes(path, "--base"), { file: path }).model;
}

function readBytes(path: string, flag: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such file" : (cause as Error).message;
    throw new UserError(`cannot read ${path}: ${reason}. Name a checkpoint with ${flag}.`, { cause });
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
  const metadata = {
    run: JSON.stringify(key),
    trainer: JSON.stringify({ step, tokens, generator, optimizerStep: state.optimizer.step }),
    history: JSON.stringify(history),
  };
  writeOutput(join(folder, modelFile), await saveCheckpoint(model), "--out");
  writeOutput(join(folder, trainerFile), await saveSafetensors(moments, metadata), "--out");
}

/** The run saved in `folder`. Throws UserError if there is none, or another one. */
export async function loadRun(device: Device, folder: string, key: RunKey): Promise<SavedRun> {
  const path = join(folder, trainerFile);
  if (!existsSync(path)) {
    throw new UserError(`--resume: there is no checkpoint in ${folder}. Run once without --resume.`);
  }
  const model = loadCheckpoint(device, readBytes(join(folder, modelFile), "--out"), {
    file: join(folder, modelFile),
  }).model;
  using scope = device.scope();
  const { tensors, metadata } = loadSafetensors(device, readBytes(path, "--out"), { file: path });
  const saved = JSON.parse(metadata["run"] ?? "{}") as Partial<RunKey>;
  for (const [name, value] of Object.entries(key)) {
    if (saved[name as keyof RunKey] !== value) {
      throw new UserError(
        `--resume: the checkpoint in ${folder} was made with ${name} ${saved[name as keyof RunKey]}, ` +
          `this run has ${name} ${value}. Use the same settings, or another --out.`,
      );
    }
  }
  const trainer = JSON.parse(metadata["trainer"]!) as Omit<TrainerState, "optimizer"> & {
    optimizerStep: number;
  };
  const groups = [];
  for (let i = 0; tensors.has(`${i}.m`); i++) {
    const m = (await tensors.get(`${i}.m`)!.data()) as Float32Array;
    const v = (await tensors.get(`${i}.v`)!.data()) as Float32Array;
    groups.push({ m, v });
  }
  scope.end();
  const { step, tokens, generator, optimizerStep } = trainer;
  const history = JSON.parse(metadata["history"] ?? "[]") as Metrics[];
  return {
    model,
    history,
    state: { step, tokens, generator, optimizer: { step: optimizerStep, groups } },
  };
}
