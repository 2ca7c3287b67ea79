// Optional peers: found when a sandbox is made, with an error that names the command to install them.

export class MissingPeerError extends Error {
  readonly code = "SIXTYONE_MISSING_PEER";
  override readonly name = "MissingPeerError";
}

/** The address of a file of an installed package. */
export async function resolvePeer(name: string, file: string): Promise<string> {
  try {
    const { createRequire } = await import(
      /* @vite-ignore */ /* webpackIgnore: true */ "node:module"
    );
    const { pathToFileURL } = await import(/* @vite-ignore */ /* webpackIgnore: true */ "node:url");
    return pathToFileURL(createRequire(import.meta.url).resolve(file)).href;
  } catch (cause) {
    throw new MissingPeerError(
      `the sandbox needs the package ${name}, which is not installed. Run: npm install ${name}`,
      { cause },
    );
  }
}
