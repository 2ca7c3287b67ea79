// Grades what is pasted into a page. Everything runs in the page and its workers.

import { mathPool } from "@sixtyone/rewards/pool";
import { mountPage } from "./page.ts";

mountPage(document.querySelector<HTMLElement>("#page")!, (options) => mathPool(options));
