// Checkpoints: safetensors bytes with Hugging Face's names, one tensor per expert as DeepSeek publishes
// them. The configuration travels in the file's metadata, so that one file is a whole model.

import {
  ArgumentError,
  FormatError,
  concat,
  loadSafetensors,
  saveSafetensors,
  stack,
  type Device,
  type DType,
  type Tensor,
} from "@sixtyone/tensor";
import { parseConfig, type DeepseekV3Config } from "./config.ts";
import { DeepseekV3 } from "./model.ts";
import { parameterSpecs } from "./parameters.ts";

const configKey = "config.json";

/** The bytes of a checkpoint. `dtype` "bf16" halves it and rounds the matrices. */
export async function saveCheckpoint(
  model: DeepseekV3,
  {
    dtype = "f32",
    metadata = {},
  }: { readonly dtype?: DType; readonly metadata?: Record<string, string> } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { device, config } = model;
  using _scope = device.scope();
  const tensors = new Map<string, Tensor>();
  for (const { name, kind } of parameterSpecs(config)) {
    const parameter = model.parameters.get(name)!.detach();
    const stored = kind === "matrix" ? parameter.cast(dtype) : parameter;
    for (const [part, value] of splitExperts(config, name, stored)) tensors.set(part, value);
  }
  return await saveSafetensors(tensors, { ...metadata, [configKey]: JSON.stringify(config) });
}

/** Reads a checkpoint, with its own configuration or with `config` for files that carry none. */
export function loadCheckpoint(
  device: Device,
  bytes: Uint8Array,
  {
    file = "checkpoint",
    config,
  }: { readonly file?: string; readonly config?: DeepseekV3Config } = {},
): { model: DeepseekV3; metadata: Readonly<Record<string, string>> } {
  const scope = device.scope();
  try {
    const { tensors, metadata } = loadSafetensors(device, bytes, { file });
    const resolved = config ?? embeddedConfig(metadata, file);
    const parameters = new Map<string, Tensor>();
    for (const { name, shape } of parameterSpecs(resolved)) {
      const value = joinExperts(resolved, name, tensors, file).cast("f32");
      if (value.shape.join() !== shape.join()) {
        throw new FormatError(
          `${file}: ${name} is [${value.shape.join(", ")}], the configuration says [${shape.join(", ")}]. ` +
            `Use the config.json that belongs to this checkpoint.`,
        );
      }
      parameters.set(name, scope.keep(value.clone()));
    }
    return { model: new DeepseekV3(device, resolved, parameters), metadata };
  } finally {
    scope.end();
  }
}

function embeddedConfig(
  metadata: Readonly<Record<string, string>>,
  file: string,
): DeepseekV3Config {
  const text = metadata[configKey];
  if (text === undefined) {
    throw new FormatError(
      `${file}: no configuration inside, so this is not a sixtyone checkpoint. ` +
        `Pass { config: parseConfig(json) } for a file of Hugging Face's.`,
    );
  }
  try {
    return parseConfig(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof ArgumentError)
      throw new FormatError(`${file}: ${cause.message}`, { cause });
    throw new FormatError(`${file}: the configuration inside is not JSON. Is the file damaged?`, {
      cause,
    });
  }
}

const stackedSuffix = /^(.*\.experts)\.(gate_up_proj|down_proj)$/;

/** A parameter as the checkpoint names it: itself, or its experts one by one. */
function splitExperts(config: DeepseekV3Config, name: string, value: Tensor): [string, Tensor][] {
  const match = stackedSuffix.exec(name);
  if (!match) return [[name, value]];
  const [, prefix, kind] = match;
  const I = config.moe_intermediate_size;
  const parts: [string, Tensor][] = [];
  for (let e = 0; e < config.n_routed_experts; e++) {
    const expert = value.select(0, e);
    if (kind === "down_proj") {
      parts.push([`${prefix}.${e}.down_proj.weight`, expert]);
    } else {
      parts.push([`${prefix}.${e}.gate_proj.weight`, expert.narrow(0, 0, I)]);
      parts.push([`${prefix}.${e}.up_proj.weight`, expert.narrow(0, I, I)]);
    }
  }
  return parts;
}

function joinExperts(
  config: DeepseekV3Config,
  name: string,
  tensors: ReadonlyMap<string, Tensor>,
  file: string,
): Tensor {
  const get = (key: string): Tensor => {
    const value = tensors.get(key);
    if (!value) {
      throw new FormatError(
        `${file}: the tensor ${key} is missing. Is this a DeepSeek-V3 checkpoint of this configuration?`,
      );
    }
    return value;
  };
  const match = stackedSuffix.exec(name);
  if (!match || tensors.has(name)) return get(name);
  const [, prefix, kind] = match;
  const experts = Array.from({ length: config.n_routed_experts }, (_, e) =>
    kind === "down_proj"
      ? get(`${prefix}.${e}.down_proj.weight`)
      : concat([get(`${prefix}.${e}.gate_proj.weight`), get(`${prefix}.${e}.up_proj.weight`)], 0),
  );
  return stack(experts, 0);
}
