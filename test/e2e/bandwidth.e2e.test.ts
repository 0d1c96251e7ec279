/** Limits of bandwidth in the real daemon, whose workers are processes of their own. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { runDaemon } from "../helpers/daemon-process.ts";
import { makeDevice } from "../helpers/device.ts";
import { createBareRepository, type GitServer, startGitServer } from "../helpers/git-http-server.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";

const root = temporaryDirectory();
let server: GitServer;

beforeAll(async () => {
  server = await startGitServer(root);
});

afterAll(() => server.stop());

test("a limit that is lifted in the config lets the upload go that it held back", async () => {
  const device = makeDevice("laptop");
  const bare = createBareRepository(root, "notes.git");
  device.write("a.md", "one\n");
  await device.lull(["add", "notes", "--remote", server.repository("notes.git")]);
  await device.lull(["sync"]);
  await device.lull(["config", "set", "sources.notes.schedule", "manual"]);
  // 20 minutes for the file below.
  await device.lull(["config", "set", "daemon.bandwidth.upload", "2KB/s"]);
  await using daemon = await runDaemon(device);
  await daemon.next("planned");
  const noise = crypto.getRandomValues(new Uint8Array(60_000));
  device.write(
    "noise",
    Buffer.concat(Array.from({ length: 40 }, (_, index) => noise.map((byte) => byte ^ index))),
  );
  server.clear();
  const underWay = Promise.withResolvers<void>();
  server.fault = ({ method, service }) => {
    if (method === "POST" && service === "git-receive-pack") underWay.resolve();
    return undefined;
  };
  await device.lull(["sync", "--background"]);
  await daemon.next("begin");
  await underWay.promise;
  await device.lull(["config", "set", "daemon.bandwidth.upload", "500MB/s"]);
  await daemon.next("reloaded");
  await daemon.next("end", (event) => (event["run"] as { outcome?: string }).outcome === "synced");
  expect(git(bare, "rev-parse", "main")).toBe(git(device.notes, "rev-parse", "HEAD"));
  expect(readFileSync(join(device.notes, "noise")).length).toBe(2_400_000);
  fsck(bare);
});
