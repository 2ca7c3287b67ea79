// A static HTML page with the curves of a run: no script, no network, nothing to install.

import type { Metrics } from "@sixtyone/grpo";
import type { Evaluation } from "./evaluate.ts";
import type { Settings } from "./cli.ts";

interface Curve {
  readonly title: string;
  readonly metric: string;
  /** What to read from it, in a sentence. */
  readonly note: string;
}

const curves: readonly Curve[] = [
  {
    title: "Accuracy",
    metric: "rewards/accuracy/mean",
    note: "share of right answers among the step's completions",
  },
  {
    title: "Response length",
    metric: "completions/mean_length",
    note: "tokens; it grows where thinking pays",
  },
  { title: "Right form", metric: "rewards/format/mean", note: "think, then answer" },
  { title: "Reward", metric: "reward", note: "what the policy is trained on" },
  { title: "KL to the base model", metric: "kl", note: "nats per token (k3)" },
  { title: "Entropy", metric: "entropy", note: "nats per token" },
  { title: "Gradient norm", metric: "grad_norm", note: "before clipping" },
  {
    title: "Groups without a difference",
    metric: "frac_reward_zero_std",
    note: "they teach nothing",
  },
];

export function htmlReport(
  settings: Settings,
  history: readonly Metrics[],
  before: Evaluation,
  after: Evaluation,
): string {
  const row = (name: string, key: "pass1" | "majority" | "format" | "meanLength", digits: number) =>
    `<tr><th>${name}</th><td>${before[key].toFixed(digits)}</td><td>${after[key].toFixed(digits)}</td></tr>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>R1-Zero in miniature</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
  .curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: 1.5rem; }
  figure { margin: 0; } figcaption small { color: #666; }
  svg { width: 100%; background: #f7f7f9; border-radius: 6px; }
  table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: .2rem 1rem .2rem 0; text-align: left; }
  code { background: #f7f7f9; padding: .1rem .3rem; border-radius: 4px; overflow-wrap: anywhere; }
</style>
<h1>R1-Zero in miniature</h1>
<p>Sums of ${settings.taskSize} two-digit numbers, ${history.length} steps of GRPO, seed ${settings.seed},
backend ${settings.backend}${settings.control ? ", <strong>control: rewards shuffled inside each group</strong>" : ""}.</p>
<table>
<tr><th>${before.problems} held-out problems</th><th>before</th><th>after</th></tr>
${row("pass@1", "pass1", 3)}
${row(`majority of ${before.samples}`, "majority", 3)}
${row("right form", "format", 3)}
${row("tokens per answer", "meanLength", 1)}
</table>
<div class="curves">
${curves.map((curve) => figure(curve, history)).join("\n")}
</div>
<h2>Before</h2>
${exampleList(before)}
<h2>After</h2>
${exampleList(after)}
</html>
`;
}

function exampleList(evaluation: Evaluation): string {
  const items = evaluation.examples.map(
    ({ prompt, completion, correct }) =>
      `<li>${correct ? "✓" : "✗"} <code>${escape(prompt)}</code> <code>${escape(completion)}</code></li>`,
  );
  return `<ul>\n${items.join("\n")}\n</ul>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function figure({ title, metric, note }: Curve, history: readonly Metrics[]): string {
  const values = history.map((metrics) => metrics[metric] ?? 0);
  const [width, height, pad] = [320, 140, 24];
  const [low, top] = [Math.min(0, ...values), Math.max(0, ...values)];
  const high = top > low ? top : low + 1; // of a flat line
  const x = (i: number): number => pad + (i / Math.max(values.length - 1, 1)) * (width - 2 * pad);
  const y = (v: number): number => height - pad - ((v - low) / (high - low)) * (height - 2 * pad);
  const points = values.map((v, i) => `${x(i).toFixed(1)},${y(v).toFixed(1)}`).join(" ");
  return `<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<text x="${pad}" y="14" font-size="11">${high.toPrecision(3)}</text>
<text x="${pad}" y="${height - 8}" font-size="11">${low.toPrecision(3)}</text>
<text x="${width - pad}" y="${height - 8}" font-size="11" text-anchor="end">step ${values.length}</text>
<polyline points="${points}" fill="none" stroke="#3b5bdb" stroke-width="2"/>
</svg><figcaption>${title}<br><small>${note}</small></figcaption></figure>`;
}
