/** `FILE OWNER by-turns|hang`: claims a job for each line it reads, or one and then hangs with it; prints each source. */
import { createJobQueue } from "../../src/queue/sqlite-queue.ts";
import { createStore } from "../../src/store/database.ts";

const [file = "", owner = "", mode = ""] = process.argv.slice(2);
const queue = createJobQueue(createStore(file));
const claim = () =>
  queue.claim({ now: Date.now(), owner, leaseMs: 3_600_000, maxPerHost: 1_000_000 })?.source;
if (mode === "hang") {
  console.log(claim());
  setInterval(() => {}, 1000);
} else {
  // Told when both are up: else the first is done before the second begins.
  console.log("ready");
  for await (const line of console) if (line !== "") console.log(claim());
}
