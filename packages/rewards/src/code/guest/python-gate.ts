// The gate between Python and JavaScript. What a WebAssembly module can do to JavaScript it does by its imports:
// Pyodide's make proxies, read properties, call functions, schedule callbacks. Once an interpreter is ready to
// run completions it needs almost none of them, and a completion that got at one (by garbage collection, by
// importing built-in modules again) could leave something behind for the next, or forge its own result.

/** Files, clocks, signals and the like: what CPython needs of an operating system, or is refused by it. */
const systemImports =
  /^(__syscall_\w+|(fd|clock|environ)_\w+|random_get|proc_exit|exit|_abort_js|__assert_fail|__call_sighandler|emscripten_(get_now|date_now|resize_heap|get_heap_max|runtime_keepalive_\w+)|_(tzset|timegm|mktime|localtime|gmtime|mmap|munmap|msync)_js|_Py\w+|_(try|maybe)_\w+|getaddrinfo|getnameinfo|_emscripten_(system|lookup_name))$/;

/**
 * The imports of one interpreter that are no system's: open while it starts, watched while the border is
 * tried out, and then shut but for those the border has used. A shut one throws, which ends the interpreter.
 */
export class Gate {
  readonly #used = new Set<string>();
  #state: "open" | "learning" | "shut" = "open";

  learn(): void {
    this.#state = "learning";
  }

  shut(): void {
    this.#state = "shut";
  }

  /** The imports as the interpreter gets them. Its loader keeps its own, which it links by identity. */
  guard(imports: WebAssembly.Imports): WebAssembly.Imports {
    const { env } = imports;
    if (env === undefined) return imports;
    const guarded = Object.create(env) as Record<string, unknown>;
    for (const [name, value] of Object.entries(env)) {
      if (typeof value !== "function" || systemImports.test(name)) continue;
      guarded[name] = (...args: unknown[]): unknown => {
        if (this.#state === "learning") this.#used.add(name);
        if (this.#state === "shut" && !this.#used.has(name)) {
          throw new Error(`${name} is not permitted in the sandbox`);
        }
        return (value as (...args: unknown[]) => unknown)(...args);
      };
    }
    return { ...imports, env: guarded as WebAssembly.ModuleImports };
  }
}
