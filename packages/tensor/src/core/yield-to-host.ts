/**
 * Lets the host do its own work: signals, input, painting, timers. Backends that compute at once (WASM,
 * reference) resolve every promise without ever leaving the microtask queue, so a long loop over them must
 * give way by itself now and then.
 */
export function yieldToHost(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
