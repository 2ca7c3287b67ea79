// What the terminal shows while it learns: one live line on a terminal, a plain line now and then in a log.

import type { Metrics } from "@sixtyone/grpo";
import type { Evaluation } from "./evaluate.ts";

const live = process.stdout.isTTY === true;
/** Between two lines in a log. */
const stepsPerLine = 5;

export class Progress {
  readonly #total: number;
  readonly #first: number;
  readonly #started: number = performance.now();

  constructor(total: number, first: number) {
    this.#total = total;
    this.#first = first;
  }

  /** `step` steps are done. */
  update(step: number, metrics: Metrics): void {
    const seconds = (performance.now() - this.#started) / 1000;
    const left = (seconds / (step - this.#first)) * (this.#total - step);
    const value = (name: string): number => metrics[name] ?? 0;
    const tokensPerSecond =
      (value("completions/mean_length") * value("completions")) / value("step_time");
    const text = [
      `step ${String(step).padStart(3)}/${this.#total}`,
      `accuracy ${value("rewards/accuracy/mean").toFixed(2)} ${bar(value("rewards/accuracy/mean"))}`,
      `reward ${value("reward").toFixed(2)}`,
      `length ${value("completions/mean_length").toFixed(1)}`,
      `kl ${value("kl").toFixed(3)}`,
      `${tokensPerSecond.toFixed(0)} tokens/s`,
      `${formatSeconds(left)} left`,
    ].join("  ");
    if (live) process.stdout.write(`\r\x1b[2K${text.slice(0, process.stdout.columns - 1)}`);
    else if (step % stepsPerLine === 0 || step === this.#total || step === 1) console.log(text);
  }

  end(): void {
    if (live) process.stdout.write("\n");
  }
}

function bar(share: number): string {
  const width = 10;
  const full = Math.round(share * width);
  return `${"█".repeat(full)}${"░".repeat(width - full)}`;
}

export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

export function printEvaluation(title: string, evaluation: Evaluation): void {
  const { pass1, majority, format, meanLength, problems, samples } = evaluation;
  console.log(
    `${title}: pass@1 ${pass1.toFixed(3)}, majority of ${samples} ${majority.toFixed(3)}, ` +
      `right form ${format.toFixed(3)}, ${meanLength.toFixed(1)} tokens (${problems} held-out problems)`,
  );
  for (const { prompt, completion, correct } of evaluation.examples) {
    console.log(`  ${correct ? "✓" : "✗"} ${prompt} ${completion}`);
  }
}
