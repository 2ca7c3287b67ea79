// Entry of a worker of a pool of rewards.

import { openChannel, serveGuest } from "../workers/serve.ts";
import { startReward } from "./reward-guest.ts";

serveGuest(await openChannel(), startReward);
