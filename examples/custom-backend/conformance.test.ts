import { runConformance } from "@sixtyone/backend-testkit";
import { customBackend } from "./backend.ts";

runConformance({ name: "custom", create: async () => customBackend() });
