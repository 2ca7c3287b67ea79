// Reading tensor by tensor: the header first, then the bytes of what is asked for. A checkpoint of many
// files reads the same way through its index (model.safetensors.index.json).

import { ArgumentError, FormatError } from "../errors.ts";
import type { Device } from "../core/device.ts";
import type { Tensor } from "../tensor.ts";
import { headerLength, parseHeader, type SafetensorsEntry } from "./format.ts";
import { decodeEntry } from "./safetensors.ts";
import type { ByteSource } from "./source.ts";

export interface TensorReader {
  /** Names, dtypes and shapes of everything inside. */
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Loads one tensor. Throws ArgumentError if there is none of this name. */
  load(device: Device, name: string): Promise<Tensor>;
  /** One tensor's stored bytes, as the file has them. */
  bytes(name: string): Promise<Uint8Array>;
}

/** Opens one file. Reads the header only. */
export async function openSafetensors(source: ByteSource): Promise<TensorReader> {
  const size = await source.size();
  const length = headerLength(await source.read(0, Math.min(8, size)), size, source.name);
  const { entries, metadata } = parseHeader(await source.read(8, 8 + length), size, source.name);
  const entryOf = (name: string): SafetensorsEntry => {
    const entry = entries.get(name);
    if (!entry) throw missing(source.name, name);
    return entry;
  };
  const bytes = async (name: string): Promise<Uint8Array> => {
    const { start, end } = entryOf(name);
    return await source.read(start, end);
  };
  return {
    entries,
    metadata,
    bytes,
    load: async (device, name) => decodeEntry(device, entryOf(name), await bytes(name), entries),
  };
}

/**
 * Opens a checkpoint of many files by its index, `{ weight_map: { tensor: file } }`. `open` gives a file's
 * source by the name the index uses; each file is opened once, all headers are read now.
 */
export async function openSharded(
  index: unknown,
  open: (file: string) => ByteSource | Promise<ByteSource>,
): Promise<TensorReader> {
  const map = weightMap(index);
  const files = new Map<string, TensorReader>();
  for (const file of new Set(map.values()))
    files.set(file, await openSafetensors(await open(file)));
  const entries = new Map<string, SafetensorsEntry>();
  for (const [name, file] of map) {
    const entry = files.get(file)!.entries.get(name);
    if (!entry) {
      throw new FormatError(
        `${file}: the index says that ${name} is in this file, it is not. Download the checkpoint again.`,
      );
    }
    entries.set(name, entry);
  }
  const holder = (name: string): TensorReader => {
    const file = map.get(name);
    if (file === undefined) throw missing("the index", name);
    return files.get(file)!;
  };
  return {
    entries,
    metadata: Object.assign({}, ...[...files.values()].map((file) => file.metadata)) as Record<
      string,
      string
    >,
    bytes: async (name) => await holder(name).bytes(name),
    load: async (device, name) => await holder(name).load(device, name),
  };
}

function weightMap(index: unknown): Map<string, string> {
  const map = (index as { weight_map?: unknown } | null)?.weight_map;
  const valid =
    typeof map === "object" &&
    map !== null &&
    Object.values(map).every((file) => typeof file === "string");
  if (!valid) {
    throw new FormatError(
      'index: expected { "weight_map": { tensor name: file name } }, as in model.safetensors.index.json.',
    );
  }
  return new Map(Object.entries(map as Record<string, string>));
}

function missing(place: string, name: string): ArgumentError {
  return new ArgumentError(
    `${place}: there is no tensor ${JSON.stringify(name)}. See \`entries\` for the names.`,
  );
}
