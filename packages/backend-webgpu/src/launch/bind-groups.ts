// Bind groups by the buffers they name. The pool hands the same buffers to every step, so after the first
// steps all of them are found here. A group goes when one of its buffers is destroyed, or when it was not
// asked for in a long time: shapes that keep changing make ever new combinations.

import type { Counters } from "../counters.ts";
import type { Failure } from "../device/failure.ts";
import type { Block } from "../memory/pool.ts";
import type { Layout } from "./pipelines.ts";

interface Entry {
  readonly group: GPUBindGroup;
  readonly blocks: readonly Block[];
}

/** So many are kept at least, twice as many at most. */
const keptGroups = 8192;

export class BindGroups {
  private readonly device: GPUDevice;
  private readonly counters: Counters;
  private readonly failure: Failure;
  private readonly kept: number;
  /** What was asked for lately; when it is full it takes the place of `old`, whose groups go. */
  private young = new Map<string, Entry>();
  private old = new Map<string, Entry>();

  constructor(device: GPUDevice, counters: Counters, failure: Failure, kept: number = keptGroups) {
    this.device = device;
    this.counters = counters;
    this.failure = failure;
    this.kept = kept;
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  get(layout: Layout, blocks: readonly Block[], op: string): GPUBindGroup {
    let { key } = layout;
    for (const { id } of blocks) key += `,${id}`;
    const known = this.young.get(key);
    if (known) return known.group;
    const entry = this.old.get(key) ?? this.make(key, layout, blocks, op);
    this.old.delete(key);
    this.young.set(key, entry);
    if (this.young.size >= this.kept) this.age();
    return entry.group;
  }

  private make(key: string, layout: Layout, blocks: readonly Block[], op: string): Entry {
    this.device.pushErrorScope("validation");
    const group = this.device.createBindGroup({
      label: key,
      layout: layout.buffers,
      entries: blocks.map(({ gpu }, binding) => ({ binding, resource: { buffer: gpu } })),
    });
    this.failure.watch(this.device.popErrorScope(), () => op);
    this.counters.bindGroupsCreated++;
    for (const { groupKeys } of blocks) groupKeys.add(key);
    return { group, blocks };
  }

  private age(): void {
    for (const [key, { blocks }] of this.old)
      for (const { groupKeys } of blocks) groupKeys.delete(key);
    this.old = this.young;
    this.young = new Map();
  }

  forget(block: Block): void {
    for (const key of block.groupKeys) {
      const entry = this.young.get(key) ?? this.old.get(key);
      this.young.delete(key);
      this.old.delete(key);
      for (const other of entry?.blocks ?? []) if (other !== block) other.groupKeys.delete(key);
    }
    block.groupKeys.clear();
  }
}
