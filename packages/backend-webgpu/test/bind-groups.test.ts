// The cache of bind groups on a device that only counts: what is used stays, what is not goes, nothing grows.

import { describe, expect, test } from "vitest";
import { newCounters } from "../src/counters.ts";
import type { Failure } from "../src/device/failure.ts";
import { BindGroups } from "../src/launch/bind-groups.ts";
import type { Layout } from "../src/launch/pipelines.ts";
import type { Block } from "../src/memory/pool.ts";

function setUp(kept: number) {
  const counters = newCounters();
  const device = {
    createBindGroup: ({ label }: GPUBindGroupDescriptor) => ({ label }),
    pushErrorScope: () => {},
    popErrorScope: async () => null,
  } as unknown as GPUDevice;
  const failure = { watch: () => {} } as unknown as Failure;
  const groups = new BindGroups(device, counters, failure, kept);
  const layout = { key: "1r1w" } as Layout;
  const blocks = Array.from(
    { length: 500 },
    (_, id) => ({ id, groupKeys: new Set<string>() }) as Block,
  );
  const get = (a: number, b: number) => groups.get(layout, [blocks[a]!, blocks[b]!], "test");
  return { counters, groups, blocks, get };
}

describe("bind groups", () => {
  test("are made once for the same buffers", () => {
    const { counters, get } = setUp(100);
    expect(get(1, 2)).toBe(get(1, 2));
    expect(get(2, 1)).not.toBe(get(1, 2));
    expect(counters.bindGroupsCreated).toBe(2);
  });

  test("that are used stay, others go: the number is bounded", () => {
    const { counters, groups, blocks, get } = setUp(10);
    const favourite = get(0, 1);
    for (let i = 2; i < 400; i++) {
      get(i, i + 1);
      expect(get(0, 1)).toBe(favourite);
      expect(groups.size).toBeLessThanOrEqual(20);
    }
    const keys = blocks.reduce((sum, { groupKeys }) => sum + groupKeys.size, 0);
    expect(keys).toBe(2 * groups.size);
    const { bindGroupsCreated } = counters;
    get(2, 3); // long gone, made again
    expect(counters.bindGroupsCreated).toBe(bindGroupsCreated + 1);
  });

  test("go with each of their buffers", () => {
    const { counters, groups, blocks, get } = setUp(10);
    for (let i = 1; i < 14; i++) get(0, i);
    groups.forget(blocks[5]!);
    expect(groups.size).toBe(12);
    groups.forget(blocks[0]!);
    expect(groups.size).toBe(0);
    expect(blocks.every(({ groupKeys }) => groupKeys.size === 0)).toBe(true);
    const { bindGroupsCreated } = counters;
    get(0, 3);
    expect(counters.bindGroupsCreated).toBe(bindGroupsCreated + 1);
  });
});
