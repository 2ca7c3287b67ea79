// Compiled shaders by key, and the layouts they share. Layouts depend only on how many buffers are read
// and written, so bind groups fit every kernel of the same counts.

import type { Counters } from "../counters.ts";
import type { Failure } from "../device/failure.ts";
import { shaderStage } from "../device/usage.ts";
import { moduleText, paramBytes, paramTypes, type Shader, type WordType } from "./shader.ts";

export interface Pipeline {
  readonly gpu: GPUComputePipeline;
  readonly layout: Layout;
  readonly types: readonly WordType[];
  readonly paramBytes: number;
  readonly shader: Shader;
}

export interface Layout {
  readonly key: string;
  readonly buffers: GPUBindGroupLayout;
  readonly pipeline: GPUPipelineLayout;
}

export class Pipelines {
  private readonly device: GPUDevice;
  private readonly counters: Counters;
  private readonly failure: Failure;
  private readonly pipelines = new Map<string, Pipeline>();
  private readonly layouts = new Map<string, Layout>();
  /** Of the parameter block, at a dynamic offset. */
  readonly paramsLayout: GPUBindGroupLayout;

  constructor(device: GPUDevice, counters: Counters, failure: Failure) {
    this.device = device;
    this.counters = counters;
    this.failure = failure;
    this.paramsLayout = device.createBindGroupLayout({
      label: "sixtyone params",
      entries: [
        {
          binding: 0,
          visibility: shaderStage.compute,
          buffer: { type: "uniform", hasDynamicOffset: true },
        },
      ],
    });
  }

  /** The pipeline of `key`; `write` gives its shader the first time. */
  get(key: string, op: string, write: () => Omit<Shader, "key">): Pipeline {
    const known = this.pipelines.get(key);
    if (known) return known;
    const shader = { key, ...write() };
    const label = `${op} (${key.length > 60 ? `${key.slice(0, 60)}…` : key})`;
    this.device.pushErrorScope("validation");
    const layout = this.layout(shader.reads.length, shader.writes.length);
    const module = this.device.createShaderModule({ label, code: moduleText(shader) });
    const gpu = this.device.createComputePipeline({
      label,
      layout: layout.pipeline,
      compute: { module, entryPoint: "main" },
    });
    this.failure.watch(this.device.popErrorScope(), () => op);
    this.counters.pipelinesCreated++;
    const made = {
      gpu,
      layout,
      shader,
      types: paramTypes(shader),
      paramBytes: paramBytes(shader),
    };
    this.pipelines.set(key, made);
    return made;
  }

  private layout(reads: number, writes: number): Layout {
    const key = `${reads}r${writes}w`;
    const known = this.layouts.get(key);
    if (known) return known;
    const buffers = this.device.createBindGroupLayout({
      label: `sixtyone ${key}`,
      entries: Array.from({ length: reads + writes }, (_, binding) => ({
        binding,
        visibility: shaderStage.compute,
        buffer: { type: binding < reads ? "read-only-storage" : "storage" },
      })),
    });
    const pipeline = this.device.createPipelineLayout({
      label: `sixtyone ${key}`,
      bindGroupLayouts: [this.paramsLayout, buffers],
    });
    const made = { key, buffers, pipeline };
    this.layouts.set(key, made);
    return made;
  }
}
