// The page: two texts and three options in, a verdict with its reasons out, as one types. What is pasted is
// shown as text, never as markup.

import {
  boxedFormat,
  reasoningSteps,
  repetitionPenalty,
  tagCount,
  thinkAnswerFormat,
  type Reward,
} from "@sixtyone/rewards";
import type { MathPool, MathPoolOptions } from "@sixtyone/rewards/pool";

const markup = `
<h1>Grade an answer</h1>
<label for="gold">Gold answer</label>
<textarea id="gold" rows="2" spellcheck="false">\\frac{1}{2}</textarea>
<label for="completion">Completion</label>
<textarea id="completion" rows="8" spellcheck="false">&lt;think&gt;Two of four, that is one half.&lt;/think&gt;The answer is \\boxed{0.5}.</textarea>
<fieldset>
  <legend>Options</legend>
  <label><input type="checkbox" id="prefilled" /> the prompt ends with &lt;think&gt;</label>
  <label>rounded decimals count
    <select id="rounding">
      <option value="gold">where the gold answer is rounded</option>
      <option value="either">on either side</option>
      <option value="never">never</option>
    </select></label>
  <label>relative tolerance <input id="tolerance" size="6" value="0" inputmode="decimal" /></label>
</fieldset>
<section aria-live="polite">
  <p class="verdict" id="verdict"></p>
  <dl>
    <dt>Reason</dt><dd id="reason"></dd>
    <dt>Extracted</dt><dd id="extracted"></dd>
    <dt>Found</dt><dd id="found"></dd>
    <dt>Time</dt><dd id="time"></dd>
  </dl>
  <pre id="where"></pre>
</section>
<h2>Form</h2>
<table><tbody id="form"></tbody></table>
`;

const forms: readonly Reward[] = [
  thinkAnswerFormat({ partial: true }),
  tagCount(),
  boxedFormat(),
  reasoningSteps(),
  repetitionPenalty(),
];

/** How long a completion may take before its worker is ended. */
const timeoutMs = 2000;

/** Shows the page in `root` and grades once; `createPool` makes the workers. Gives what takes it away again. */
export function mountPage(
  root: HTMLElement,
  createPool: (options: MathPoolOptions) => MathPool,
): () => void {
  root.innerHTML = markup;
  const get = <E extends HTMLElement>(id: string): E => root.querySelector<E>(`#${id}`)!;
  const say = (id: string, text: string): void => void (get(id).textContent = text);
  const [gold, completion] = [
    get<HTMLTextAreaElement>("gold"),
    get<HTMLTextAreaElement>("completion"),
  ];
  let pool: MathPool | undefined;
  let poolOptions = "";
  let asked = 0;

  /** The options are the pool's: other options, another pool. */
  const poolFor = (options: MathPoolOptions): MathPool => {
    const text = JSON.stringify(options);
    if (pool && text === poolOptions) return pool;
    pool?.close();
    poolOptions = text;
    return (pool = createPool(options));
  };

  const grade = async (): Promise<void> => {
    const turn = ++asked;
    const tolerance = Number(get<HTMLInputElement>("tolerance").value);
    if (!(tolerance >= 0)) {
      say("verdict", "");
      return say("reason", "expected a tolerance of 0 or more");
    }
    const text = completion.value;
    const { verdict, reason, extracted, extraction, ms } = await poolFor({
      timeoutMs,
      workers: 1,
      relativeTolerance: tolerance,
      rounding: get<HTMLSelectElement>("rounding").value as "gold" | "either" | "never",
      prefilledThink: get<HTMLInputElement>("prefilled").checked,
    }).grade(gold.value, text);
    // A newer question has been asked meanwhile; its answer will come.
    if (turn !== asked) return;
    get("verdict").className = `verdict ${verdict}`;
    say("verdict", verdict);
    say("reason", reason);
    say("extracted", extracted ?? "–");
    say("found", extraction ? `${extraction.finder}, at ${extraction.start}` : "–");
    say("time", `${ms.toFixed(2)} ms`);
    const { start, end } = extraction ?? { start: 0, end: 0 };
    const mark = document.createElement("mark");
    mark.textContent = text.slice(start, end);
    get("where").replaceChildren(
      ...(extraction ? [text.slice(0, start), mark, text.slice(end)] : []),
    );
    await showForms(text);
  };

  const showForms = async (text: string): Promise<void> => {
    const rows = await Promise.all(
      forms.map(async (reward) => {
        const { reward: value, reason } = await reward.detail(text, {});
        const row = document.createElement("tr");
        for (const cell of [reward.rewardName, value?.toFixed(2) ?? "–", reason ?? ""]) {
          row.insertCell().textContent = cell;
        }
        return row;
      }),
    );
    get("form").replaceChildren(...rows);
  };

  // A pool that was closed for newer options has nothing to say any more.
  const gradeSafely = (): void =>
    void grade().catch((error: unknown) => {
      if (root.isConnected && pool)
        say("reason", error instanceof Error ? error.message : String(error));
    });
  root.addEventListener("input", gradeSafely);
  gradeSafely();
  return () => {
    root.removeEventListener("input", gradeSafely);
    pool?.close();
    pool = undefined;
    root.replaceChildren();
  };
}
