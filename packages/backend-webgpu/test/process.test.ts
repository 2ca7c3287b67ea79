// What only a process of its own shows: that Node ends by itself, and what is said where there is no package,
// no driver, or only a software adapter.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import { hasAdapter, openBackend } from "./adapter.ts";

vi.setConfig({ testTimeout: 120_000 });

const source = new URL("../src/index.ts", import.meta.url).href;
const core = new URL("../../tensor/src/index.ts", import.meta.url).href;

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
}

/** Runs a module's text in a Node of its own; it is killed after a minute, which shows as status null. */
function run(body: string, env: NodeJS.ProcessEnv = {}): Ended {
  const text = `
    import { createDevice, tensor } from ${JSON.stringify(core)};
    import { webgpu } from ${JSON.stringify(source)};
    ${body}`;
  const args = ["--conditions=sixtyone-source", "--input-type=module", "--eval", text];
  const { status, stdout } = spawnSync(process.execPath, args, {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    encoding: "utf8",
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  return { status, stdout };
}

/** Prints the error of a call that must fail. */
const tell = (call: string): string =>
  `await ${call}.then(() => console.log("opened"), (e) => console.log(e.name + ": " + e.message));`;

const work = `
  const device = createDevice(await webgpu({ allowSoftware: true }));
  console.log(String(await tensor(device, [1, 2]).add(1).toArray()));`;

describe.skipIf(!hasAdapter)("a Node process with a device", () => {
  test("ends by itself after dispose", () => {
    expect(run(`${work} device.dispose();`)).toEqual({ status: 0, stdout: "2,3\n" });
  });

  test("ends by itself without dispose", () => {
    expect(run(work)).toEqual({ status: 0, stdout: "2,3\n" });
  });

  test("ends by itself with work and reads under way, disposed or not", () => {
    const busy = `${work}
      const x = tensor(device, new Float32Array(2 ** 20)).exp().eval();
      x.data().catch(() => {}); device.sync().catch(() => {});`;
    expect(run(busy)).toEqual({ status: 0, stdout: "2,3\n" });
    expect(run(`${busy} device.dispose();`)).toEqual({ status: 0, stdout: "2,3\n" });
  });

  test("opens, disposes and opens again", () => {
    const again = `
      for (let i = 0; i < 5; i++) {
        using device = createDevice(await webgpu({ allowSoftware: true }));
        console.log(await tensor(device, [i]).mul(2).item());
      }`;
    expect(run(again)).toEqual({ status: 0, stdout: "0\n2\n4\n6\n8\n" });
  });

  test("takes an adapter by a part of its name, and says which there are", async () => {
    const backend = await openBackend();
    const [word] = backend.capabilities.description.split(/[ :]/);
    backend.dispose();
    const named = run(`
      const backend = await webgpu({ adapter: ${JSON.stringify(word)} });
      console.log(backend.capabilities.description.split(/[ :]/)[0]);
      backend.dispose();`);
    expect(named).toEqual({ status: 0, stdout: `${word}\n` });
    const { stdout } = run(tell(`webgpu({ adapter: "no such chip" })`));
    expect(stdout).toMatch(
      /^UnsupportedError: webgpu: no adapter that matches "no such chip": .*Available adapters/s,
    );
    expect(stdout.toLowerCase()).toContain(word!.toLowerCase());
  });
});

describe("Node without", () => {
  test("the package: says how to install it", () => {
    const hook = `
      import { registerHooks } from "node:module";
      registerHooks({
        resolve(name, context, next) {
          if (name === "webgpu") throw Object.assign(new Error("Cannot find package 'webgpu'"), { code: "ERR_MODULE_NOT_FOUND" });
          return next(name, context);
        },
      });`;
    const { status, stdout } = run(`${hook}${tell("webgpu()")}`);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /package "webgpu" could not be loaded. Install it with `npm install webgpu@\d/,
    );
  });

  test.skipIf(process.platform !== "linux")(
    "a driver: says what to install, or to use WebAssembly",
    () => {
      const { status, stdout } = run(tell("webgpu()"), {
        VK_ICD_FILENAMES: "/nowhere.json",
        VK_DRIVER_FILES: "/nowhere.json",
      });
      expect(status).toBe(0);
      expect(stdout).toMatch(
        /webgpu: no adapter was found. Install a driver .* or use @sixtyone\/backend-wasm/,
      );
    },
  );

  test.skipIf(!hasAdapter)("a GPU: a software adapter is taken only on request", async () => {
    // Names a software adapter, so that a machine with a GPU sees the same.
    const { stdout } = run(`
      const open = (options) => webgpu(options).then((b) => (b.dispose(), "opened"), (e) => e.message);
      console.log(await open({ adapter: "llvmpipe" }));
      console.log(await open({}));`);
    const [named, unnamed] = stdout.split("\n");
    if (named !== "opened") return; // no llvmpipe on this machine
    const allowed =
      /^opened$|software adapter, slower than @sixtyone\/backend-wasm.*allowSoftware: true/;
    expect(unnamed).toMatch(allowed);
  });
});
