// The page as a user drives it, in Chromium.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { mathPool } from "@sixtyone/rewards/pool";
import { mountPage } from "./page.ts";

const root = document.createElement("main");
let unmount: () => void;
beforeEach(() => {
  document.body.append(root);
  unmount = mountPage(root, (options) => mathPool(options));
});
afterEach(() => {
  unmount();
  root.remove();
});

const get = <E extends HTMLElement>(id: string): E => root.querySelector<E>(`#${id}`)!;
const textOf = (id: string): string => get(id).textContent;

function type(id: string, value: string): void {
  const field = get<HTMLTextAreaElement>(id);
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const shows = (verdict: string): Promise<void> =>
  vi.waitFor(() => expect(textOf("verdict")).toBe(verdict), 10_000);

test("it grades what stands there, says why, and shows where the answer is", async () => {
  await shows("correct");
  expect(textOf("reason")).toBe("mathematically equal");
  expect(textOf("extracted")).toBe("0.5");
  expect(textOf("found")).toMatch(/^boxed, at \d+$/);
  expect(textOf("time")).toMatch(/^\d+\.\d\d ms$/);
  expect(root.querySelector("mark")!.textContent).toBe("0.5");
  expect(textOf("where")).toBe(get<HTMLTextAreaElement>("completion").value);
  await vi.waitFor(() => expect(get("form").children).toHaveLength(5));
});

test("other texts, other verdicts", async () => {
  await shows("correct");
  type("gold", "5");
  await shows("wrong");
  type("completion", "I do not know");
  await shows("no-answer");
  expect(textOf("extracted")).toBe("–");
  expect(root.querySelector("mark")).toBe(null);
  type("completion", "\\boxed{9^9^9^9}");
  await shows("timeout");
  type("gold", "\\frac{1}{");
  await shows("gold-unparsable");
  expect(get("verdict").className).toBe("verdict gold-unparsable");
});

test("options", async () => {
  type("gold", "\\pi");
  type("completion", "\\boxed{3.1416}");
  await shows("wrong");
  type("rounding", "either");
  await shows("correct");
  type("rounding", "never");
  await shows("wrong");
  type("tolerance", "0.001");
  await shows("correct");
  type("tolerance", "no number");
  await vi.waitFor(() => expect(textOf("reason")).toBe("expected a tolerance of 0 or more"));
  type("tolerance", "0.001");
  get<HTMLInputElement>("prefilled").click();
  await shows("no-answer");
});

test("what is pasted is text", async () => {
  type("completion", "<img src=x onerror=alert(1)> \\boxed{<b>5</b>}");
  await vi.waitFor(() => expect(textOf("extracted")).toBe("<b>5</b>"), 10_000);
  expect(root.querySelector("img, b")).toBe(null);
});
