// Bind groups by the buffers they name. The pool hands the same buffers to every step, so after the
// first step all of them are found here. A group goes when one of its buffers is destroyed.

import type { Counters } from "../counters.ts";
import type { Failure } from "../device/failure.ts";
import type { Block } from "../memory/pool.ts";
import type { Layout } from "./pipelines.ts";

export class BindGroups {
  private readonly device: GPUDevice;
  private readonly counters: Counters;
  private readonly groups = new Map<string, { group: GPUBindGroup; blocks: readonly Block[] }>();

  private readonly failure: Failure;

  constructor(device: GPUDevice, counters: Counters, failure: Failure) {
    this.device = device;
    this.counters = counters;
    this.failure = failure;
  }

  get(layout: Layout, blocks: readonly Block[], op: string): GPUBindGroup {
    let { key } = layout;
    for (const { id } of blocks) key += `,${id}`;
    const known = this.groups.get(key);
    if (known) return known.group;
    this.device.pushErrorScope("validation");
    const group = this.device.createBindGroup({
      label: key,
      layout: layout.buffers,
      entries: blocks.map(({ gpu }, binding) => ({ binding, resource: { buffer: gpu } })),
    });
    this.failure.watch(this.device.popErrorScope(), () => op);
    this.counters.bindGroupsCreated++;
    this.groups.set(key, { group, blocks });
    for (const { groupKeys } of blocks) groupKeys.add(key);
    return group;
  }

  forget(block: Block): void {
    for (const key of block.groupKeys) {
      const entry = this.groups.get(key);
      this.groups.delete(key);
      for (const other of entry?.blocks ?? []) if (other !== block) other.groupKeys.delete(key);
    }
    block.groupKeys.clear();
  }
}
