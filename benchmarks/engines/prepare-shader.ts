// A case that is one compute shader of its own, which writes to the one buffer it has, `out`: for rates that no
// tensor is needed for.

import type { Prepared } from "../engine.ts";

export interface LoneShader {
  readonly label: string;
  readonly code: string;
  readonly outBytes: number;
  readonly workgroups: number;
}

export function prepareShader(
  device: GPUDevice,
  { label, code, outBytes, workgroups }: LoneShader,
): Prepared {
  const module = device.createShaderModule({ label, code });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module } });
  const out = device.createBuffer({ size: outBytes, usage: GPUBufferUsage.STORAGE });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer: out } }],
  });
  const run = async (): Promise<void> => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(workgroups);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
  };
  return {
    run,
    result: async () => {
      await run();
      return new Float32Array(0);
    },
    dispose: () => out.destroy(),
  };
}
