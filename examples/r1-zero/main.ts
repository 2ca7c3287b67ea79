// R1-Zero in miniature: `npm start`. See README.md beside this file.

import { SixtyoneError } from "@sixtyone/tensor";
import { help, parseSettings, UserError } from "./cli.ts";
import { run } from "./run.ts";

const interrupt = new AbortController();
// What stops a service or a closing terminal is heard like Ctrl-C.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(name, () => {
    if (interrupt.signal.aborted) process.exit(130); // a second Ctrl-C does not wait
    console.log("\nstopping … (Ctrl-C again to quit without saving)");
    interrupt.abort();
  });

const args = process.argv.slice(2);
try {
  const settings = parseSettings(args);
  if (settings === "help") console.log(help);
  else await run(settings, interrupt.signal);
  if (interrupt.signal.aborted) process.exitCode = 130;
} catch (error) {
  const known = error instanceof UserError || error instanceof SixtyoneError;
  if (interrupt.signal.aborted) process.exitCode = 130;
  else if (known && !args.includes("--stack")) {
    console.error(`r1-zero: ${error.message}`);
    process.exitCode = 1;
  } else throw error;
}
