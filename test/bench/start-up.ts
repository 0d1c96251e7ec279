/** How long a person waits for the first line: the smallest commands of lull beside those of Node and git. */
import type { Benchmark } from "./benchmark.ts";
import { measure } from "./measure.ts";
import { renderTable } from "./table.ts";

export const startUp: Benchmark = {
  name: "start-up",
  about: "A process from start to exit; the goal for both commands of lull is a median below 25 ms.",
  run: async ({ binary }) =>
    renderTable(
      await measure(
        [
          { name: "lull --version", argv: [binary, "--version"] },
          { name: "lull --help", argv: [binary, "--help"] },
          { name: "node -e 0", argv: ["node", "-e", "0"] },
          { name: "git --version", argv: ["git", "--version"] },
        ],
        { runs: 20 },
      ),
    ),
};
