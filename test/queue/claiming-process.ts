/** `FILE OWNER all|hang`: claims every job, or one and then hangs with it; prints each source on a line. */
import { createJobQueue } from "../../src/queue/sqlite-queue.ts";
import { createStore } from "../../src/store/database.ts";

const [file = "", owner = "", mode = ""] = process.argv.slice(2);
const queue = createJobQueue(createStore(file));
const claim = () => queue.claim({ now: Date.now(), owner, leaseMs: 3_600_000, maxPerHost: 1_000_000 });
if (mode === "hang") {
  console.log(claim()?.source);
  setInterval(() => {}, 1000);
} else {
  // Both are up before either begins, else the first has emptied the queue.
  console.log("ready");
  for await (const _ of console) break;
  for (let job = claim(); job !== undefined; job = claim()) console.log(job.source);
}
