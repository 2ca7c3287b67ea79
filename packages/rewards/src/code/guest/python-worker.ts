// Entry of the Python sandbox's worker or process.

import { openChannel, serveGuest } from "../../workers/serve.ts";
import { startPython } from "./python.ts";

serveGuest(await openChannel(), startPython);
