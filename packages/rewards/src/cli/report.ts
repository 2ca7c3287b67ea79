// What the command says on standard error: bad rows, how far it is (on a terminal), and the sum of it.

import type { Verdict } from "../reward.ts";

export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const verdicts: readonly Verdict[] = [
  "correct",
  "wrong",
  "no-answer",
  "gold-unparsable",
  "timeout",
];
/** Bad rows that are named one by one; a wrong file would fill the screen. */
const namedErrors = 20;
const msBetweenUpdates = 100;

export class Report {
  readonly #screen: Screen;
  readonly #isLive: boolean;
  readonly #counts = new Map<Verdict, number>();
  readonly #started = performance.now();
  #rows = 0;
  #bad = 0;
  #shown = 0;

  /** `isLive`: whether to show progress. */
  constructor(screen: Screen, isLive: boolean) {
    this.#screen = screen;
    this.#isLive = isLive;
  }

  /** Good and bad. */
  get rows(): number {
    return this.#rows + this.#bad;
  }

  get badRows(): number {
    return this.#bad;
  }

  /** A row is graded; `share` of the file is read, if that is known. */
  graded(verdict: Verdict, share: number | undefined): void {
    this.#rows++;
    this.#counts.set(verdict, (this.#counts.get(verdict) ?? 0) + 1);
    if (!this.#isLive || performance.now() - this.#shown < msBetweenUpdates) return;
    this.#shown = performance.now();
    const part = share === undefined ? "" : `${Math.floor(100 * share)} %  `;
    const text = `${part}${number(this.#rows)} rows  ${number(this.#rate())} a second  correct ${this.#percent()}`;
    // Some terminals say 0 for a width that they do not know.
    const width = (this.#screen.columns || 80) - 1;
    this.#screen.write(`\r\u001b[2K${text.slice(0, width)}`);
  }

  bad(line: number, problem: string): void {
    this.#bad++;
    if (this.#bad > namedErrors) return;
    this.#say(`line ${line}: ${problem}`);
    if (this.#bad === namedErrors) this.#say("further bad rows are only counted");
  }

  end(): void {
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(1);
    const counts = verdicts.map((verdict) => {
      const share = verdict === "correct" && this.#rows > 0 ? ` (${this.#percent()})` : "";
      return `${verdict} ${number(this.#counts.get(verdict) ?? 0)}${share}`;
    });
    const bad =
      this.#bad > 0 ? `; ${number(this.#bad)} bad ${this.#bad === 1 ? "row" : "rows"}` : "";
    const rows = `${number(this.#rows)} ${this.#rows === 1 ? "row" : "rows"}`;
    this.#say(`graded ${rows} in ${seconds} s: ${counts.join(", ")}${bad}`);
  }

  #say(text: string): void {
    this.#screen.write(`${this.#isLive ? "\r\u001b[2K" : ""}${text}\n`);
  }

  #rate(): number {
    return Math.round(this.#rows / ((performance.now() - this.#started) / 1000));
  }

  #percent(): string {
    return `${((100 * (this.#counts.get("correct") ?? 0)) / this.#rows).toFixed(1)} %`;
  }
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
