// TensorFlow.js in Node by its ES modules: its builds for Node leave the gradients out, and its modules are
// written for bundlers (no file extensions, no "type" in package.json). To be called before it is imported.

import { existsSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

const ours = /\/node_modules\/@tensorflow\/tfjs-(core|backend-cpu|backend-webgpu)\/dist\//;

export function useModulesOfTfjs(): void {
  // Its platform for Node asks for `util` this way.
  Object.assign(globalThis, { require: createRequire(import.meta.url) });
  registerHooks({
    resolve(specifier, context, next) {
      const isInside = ours.test(context.parentURL ?? "");
      if (isInside && specifier.startsWith(".")) {
        const url = new URL(specifier, context.parentURL);
        for (const suffix of ["", ".js", "/index.js"]) {
          const file = new URL(url.href + suffix);
          if (file.pathname.endsWith(".js") && existsSync(fileURLToPath(file)))
            return next(file.href, context);
        }
      }
      if (/^@tensorflow\/tfjs-(core|backend-cpu|backend-webgpu)$/.test(specifier)) {
        return next(`${specifier}/dist/index.js`, context);
      }
      if (/^@tensorflow\/tfjs-[a-z-]+\/dist\//.test(specifier) && !specifier.endsWith(".js")) {
        return next(`${specifier}.js`, context);
      }
      return next(specifier, context);
    },
    load: (url, context, next) =>
      next(url, ours.test(url) ? { ...context, format: "module" } : context),
  });
}
