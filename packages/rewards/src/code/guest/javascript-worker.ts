// Entry of the JavaScript sandbox's worker.

import { startJavascript } from "./javascript.ts";
import { openChannel, serveGuest } from "../../workers/serve.ts";

serveGuest(await openChannel(), startJavascript);
