// The program as a user meets it: its flags, its files, its errors, stopping and resuming.

import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 300_000 });

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "r1-zero-"));
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]) {
  return spawnSync(process.execPath, ["--conditions=sixtyone-source", main, ...args], {
    encoding: "utf8",
  });
}

/** A safetensors file with nothing inside but a configuration. */
function headerOnly(config: object): Buffer {
  const header = Buffer.from(
    JSON.stringify({ __metadata__: { "config.json": JSON.stringify(config) } }),
  );
  const length = Buffer.alloc(8);
  length.writeUInt32LE(header.byteLength);
  return Buffer.concat([length, header]);
}

const quick = ["--eval-problems", "8", "--eval-samples", "1"];

interface Result {
  readonly before: { pass1: number; majority: number; meanLength: number };
  readonly after: { pass1: number; majority: number; meanLength: number };
  readonly train: { seconds: number; steps: number };
  readonly backend: string;
  readonly seed: number;
  readonly history: readonly Record<string, number>[];
}

function read(file: string): Result {
  return JSON.parse(readFileSync(file, "utf8")) as Result;
}

test("a short run writes numbers, report, metrics and checkpoint", () => {
  const out = join(folder, "short");
  const json = join(folder, "short.json");
  const { status, stdout, stderr } = run(
    "--steps",
    "2",
    "--seed",
    "3",
    "--out",
    out,
    "--json",
    json,
    ...quick,
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout).toContain("before: pass@1");
  expect(stdout).toContain("after: pass@1");
  const result = read(json);
  expect(result).toMatchObject({ backend: "wasm", seed: 3, train: { steps: 2 } });
  for (const part of [result.before, result.after]) {
    for (const key of ["pass1", "majority", "meanLength"] as const)
      expect(part[key]).toBeTypeOf("number");
  }
  expect(result.train.seconds).toBeGreaterThan(0);
  expect(result.history.length).toBe(2);
  for (const file of [
    "report.html",
    "metrics.jsonl",
    "checkpoint.safetensors",
    "trainer.safetensors",
  ]) {
    expect(existsSync(join(out, file)), file).toBe(true);
  }
  expect(readFileSync(join(out, "report.html"), "utf8")).toContain("<polyline");
});

const timeless = ({ history }: Result) => history.map(({ step_time: _, ...rest }) => rest);
const whole = join(folder, "whole");
const four = ["--steps", "4", ...quick];

test("a resumed run goes on as if it had never stopped", () => {
  const halves = join(folder, "halves");
  run(...four, "--out", whole, "--json", join(whole, "r.json"));
  run("--steps", "2", "--out", halves, ...quick);
  const resumed = run(...four, "--resume", "--out", halves, "--json", join(halves, "r.json"));
  expect(resumed.stderr).toBe("");
  const [a, b] = [read(join(whole, "r.json")), read(join(halves, "r.json"))];
  expect(timeless(b)).toEqual(timeless(a));
  expect(b.after).toEqual(a.after);
  const other = run("--steps", "5", "--resume", "--seed", "1", "--out", halves, ...quick);
  expect(other.status).toBe(1);
  expect(other.stderr).toMatch(/made with seed 0, this run has seed 1/);
});

test("Ctrl-C in the middle of a step keeps a checkpoint, from which the run goes on bit for bit", async () => {
  const out = join(folder, "stopped");
  const args = ["--conditions=sixtyone-source", main, "--steps", "500", "--out", out, ...quick];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  let stopping = false; // a second Ctrl-C would quit without saving
  child.stdout.on("data", (data: Buffer) => {
    text += data.toString();
    if (!stopping && /step +1\//.test(text)) stopping = child.kill("SIGINT");
  });
  const code = await new Promise((resolve) => child.on("exit", resolve));
  expect(text).toMatch(/stopped after step [123]; the checkpoint is in/);
  expect(code).toBe(130);
  const resumed = run(...four, "--resume", "--out", out, "--json", join(out, "r.json"));
  expect(resumed.stderr).toBe("");
  expect(timeless(read(join(out, "r.json")))).toEqual(timeless(read(join(whole, "r.json"))));
});

test("the control shuffles alike in a resumed run", () => {
  const [straight, halves] = [join(folder, "control"), join(folder, "control-halves")];
  const control = ["--control", ...quick];
  run("--steps", "2", ...control, "--out", straight, "--json", join(straight, "r.json"));
  run("--steps", "1", ...control, "--out", halves);
  run("--steps", "2", ...control, "--resume", "--out", halves, "--json", join(halves, "r.json"));
  const [a, b] = [read(join(straight, "r.json")), read(join(halves, "r.json"))];
  expect(timeless(b)).toEqual(timeless(a));
  expect(timeless(a)).not.toEqual(timeless(read(join(whole, "r.json"))).slice(0, 2));
});

test("a damaged or foreign checkpoint is not resumed from", () => {
  const lines = (["short", "foreign", "older"] as const).map((kind) => {
    const out = join(folder, `resume-${kind}`);
    cpSync(whole, out, { recursive: true });
    const file = join(out, kind === "older" ? "checkpoint.safetensors" : "trainer.safetensors");
    if (kind === "short") writeFileSync(file, readFileSync(file).subarray(0, 3000));
    else if (kind === "foreign") copyFileSync(join(out, "checkpoint.safetensors"), file);
    else copyFileSync(join(folder, "short", "checkpoint.safetensors"), file);
    const { status, stderr } = run(...four, "--resume", "--out", out);
    expect(status, kind).toBe(1);
    // How long the header is depends on the digits of the times in it.
    return stderr
      .trim()
      .replaceAll(folder, "DIR")
      .replaceAll(/\d{4} bytes/g, "N bytes")
      .replace(/has \d{4} after/, "has N after");
  });
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "r1-zero: DIR/resume-short/trainer.safetensors: not a valid safetensors file: the header claims N bytes, the file has N after its length. Name another --out, or run without --resume.
    r1-zero: DIR/resume-foreign/trainer.safetensors: not a checkpoint of this program ("run" is missing). Name another --out, or run without --resume.
    r1-zero: --resume: in DIR/resume-older the model is of step 2, the trainer of step 4. Name another --out, or run without --resume."
  `);
});

test.skipIf(!existsSync("/proc/self"))(
  "a folder that cannot be made ends at once, in one line",
  () => {
    const { status, stderr } = run("--out", "/proc/nowhere/at/all", ...quick);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^r1-zero: cannot write \/proc\/nowhere\/at\/all\/report.html: [^.]*\. Name another place with --out\.\n$/,
    );
  },
);

test.skipIf(!existsSync("/dev/full"))(
  "outputs that are devices are written to and never replaced; full is said",
  () => {
    const none = ["--steps", "0", "--out", join(folder, "devices"), ...quick];
    const full = run(...none, "--json", "/dev/full");
    expect([full.status, full.stderr]).toEqual([
      1,
      "r1-zero: cannot write /dev/full: the disk is full. Name another place with --json.\n",
    ]);
    expect(statSync("/dev/full").isCharacterDevice()).toBe(true);
    expect(run(...none, "--json", "/dev/null").status).toBe(0);
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  },
);

test.skipIf(process.platform === "win32")(
  "what is wrong is said in one line, with a way out",
  () => {
    const damaged = join(folder, "damaged.safetensors");
    const foreign = join(folder, "foreign.safetensors");
    writeFileSync(
      damaged,
      readFileSync(new URL("base.safetensors", import.meta.url)).subarray(0, 5000),
    );
    writeFileSync(
      foreign,
      Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("{}")]),
    );
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    const otherArchitecture = join(folder, "llama.safetensors");
    writeFileSync(otherArchitecture, headerOnly({ model_type: "llama" }));
    const cases = [
      ["--bogus"],
      ["extra"],
      ["--backend", "cuda"],
      ["--adapter", "llvmpipe"],
      ["--steps", "many"],
      ["--task-size", "9"],
      ["--base", join(folder, "nowhere.safetensors")],
      ["--base", damaged],
      ["--base", foreign],
      ["--base", otherArchitecture],
      ["--base", folder],
      ["--out", join(file, "below")],
      ["--json", folder],
      ["--resume", "--out", join(folder, "never")],
    ];
    const lines = cases.map((args) => {
      const { status, stderr } = run(...args, ...quick);
      expect(status, args.join(" ")).toBe(1);
      expect(stderr.trim().split("\n").length, stderr).toBe(1);
      return stderr.trim().replaceAll(folder, "DIR");
    });
    expect(lines.join("\n")).toMatchInlineSnapshot(`
    "r1-zero: Unknown option '--bogus'. Run with --help for the options.
    r1-zero: Unexpected argument 'extra'. Run with --help for the options.
    r1-zero: --backend cuda: unknown backend. Use one of wasm, webgpu, reference.
    r1-zero: --adapter llvmpipe: goes with --backend webgpu, not with wasm.
    r1-zero: --steps many: expected a whole number from 0 to 100000.
    r1-zero: --task-size 9: expected a whole number from 2 to 5.
    r1-zero: cannot read DIR/nowhere.safetensors: there is no such file. Name one that \`pnpm pretrain\` made with --base.
    r1-zero: DIR/damaged.safetensors: not a valid safetensors file: the header claims 9944 bytes, the file has 4992 after its length. Name one that \`pnpm pretrain\` made with --base.
    r1-zero: DIR/foreign.safetensors: no configuration inside, so this is not a sixtyone checkpoint. Name one that \`pnpm pretrain\` made with --base.
    r1-zero: DIR/llama.safetensors: config: expected model_type "deepseek_v3", got "llama". Name one that \`pnpm pretrain\` made with --base.
    r1-zero: cannot read DIR: it is a folder. Name one that \`pnpm pretrain\` made with --base.
    r1-zero: cannot write DIR/a-file/below/report.html: a part of the path is a file. Name another place with --out.
    r1-zero: cannot write DIR: it is a folder. Name another place with --json.
    r1-zero: --resume: there is no checkpoint in DIR/never. Run once without --resume."
  `);
  },
);

test("--help names every option", () => {
  const { status, stdout } = run("--help");
  expect(status).toBe(0);
  for (const flag of [
    "backend",
    "adapter",
    "steps",
    "seed",
    "task-size",
    "resume",
    "control",
    "out",
    "json",
    "base",
  ]) {
    expect(stdout).toContain(`--${flag}`);
  }
});

test("the base model can be made again: pretrain.ts", () => {
  const script = fileURLToPath(new URL("pretrain.ts", import.meta.url));
  const out = join(folder, "base.safetensors");
  const args = [
    "--conditions=sixtyone-source",
    script,
    "--steps",
    "2",
    "--batch",
    "4",
    "--out",
    out,
  ];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  expect(
    run("--base", out, "--steps", "0", "--out", join(folder, "own-base"), ...quick).status,
  ).toBe(0);
});
