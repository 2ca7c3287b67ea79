// Modules of Node, asked for at run time. An `import("node:…")` would be enough for Node and most bundlers, but
// webpack tries to resolve it for the web and fails.

interface NodeModules {
  readonly "node:fs/promises": typeof import("node:fs/promises");
  readonly "node:v8": typeof import("node:v8");
  readonly "node:worker_threads": typeof import("node:worker_threads");
}

interface NodeProcess {
  readonly versions?: { readonly node?: string };
  getBuiltinModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name];
}

const { process } = globalThis as { process?: NodeProcess };

export function isNode(): boolean {
  return process?.versions?.node !== undefined;
}

/** Only where `isNode()`. */
export function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] {
  return process!.getBuiltinModule(name);
}
