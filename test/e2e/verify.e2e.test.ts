/** `lull verify` as a person types it. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { makeDevice } from "../helpers/device.ts";
import { git } from "../helpers/system-git.ts";
import { objectPath, overwrite } from "../git/verify/places.ts";

async function syncedDevice() {
  const device = makeDevice("laptop");
  device.write("a.md", "a\n");
  await device.lull(["add", "notes"]);
  await device.lull(["sync"]);
  device.write("b.md", "b\n");
  await device.lull(["sync"]);
  const remotes = join(device.dataDirectory, "remotes");
  return { ...device, remote: join(remotes, readdirSync(remotes)[0] ?? "") };
}

test("a sound source takes one line", async () => {
  const device = await syncedDevice();
  const { stdout, code } = await device.lull(["verify"]);
  expect(stdout).toMatch(
    /^✓ notes {2}\d+ objects, 1 branch, 2 savepoints, 2 files: all sound; the remote has\s+everything \(checked in \d+\.\d s\)\n$/,
  );
  expect(code).toBe(0);
});

test("a lost object is told with the file that it was, and ends with 1", async () => {
  const device = await syncedDevice();
  const oid = git(device.notes, "rev-parse", "HEAD:b.md");
  renameSync(objectPath(device.notes, oid), join(device.home, "kept"));
  const { stdout } = await device.lull(["verify", "notes"], 1);
  expect(stdout).toMatch(/^✗ notes .*: 1 loss; the remote has everything/);
  expect(stdout).toMatch(/b\.md in (?:the commit|\d commits)/);
  const { json, code: again } = await device.json(["verify"]);
  expect(again).toBe(1);
  expect(json).toMatchObject({
    sources: [
      { kind: "checked", source: "notes", remotes: [{ name: "origin", standing: { kind: "same" } }] },
    ],
  });
  renameSync(join(device.home, "kept"), objectPath(device.notes, oid));
});

test("a remote that is damaged, or went back, is told", async () => {
  const device = await syncedDevice();
  const [first, second] = [git(device.notes, "rev-parse", "HEAD~1"), git(device.notes, "rev-parse", "HEAD")];
  git(device.remote, "update-ref", "refs/heads/main", first);
  const back = await device.lull(["verify"], 1);
  expect(back.stdout.replaceAll(/\s+/g, " ")).toContain(
    `no longer has ${second.slice(0, 7)}, where its branch main was when it was seen last: it is at ${first.slice(0, 7)} now`,
  );
  git(device.remote, "update-ref", "refs/heads/main", second);
  const path = join(device.remote, "refs/heads/main");
  const before = readFileSync(path);
  overwrite(path, "");
  const { json, code } = await device.json(["verify"]);
  expect(code).toBe(1);
  expect(json).toMatchObject({
    sources: [{ remotes: [{ folder: { findings: [{ code: "REF_BROKEN" }] } }] }],
  });
  overwrite(path, before);
  expect((await device.lull(["verify"])).code).toBe(0);
});

test("a remote that is not there leaves the local check whole, and ends with 3", async () => {
  const device = await syncedDevice();
  rmSync(device.remote, { recursive: true });
  const { stdout } = await device.lull(["verify"], 3);
  expect(stdout.replaceAll(/\s+/g, " ")).toContain("all sound; the remote could not be asked");
});

test("a repair shows its plan, mends from the remote, and says what it did", async () => {
  const device = await syncedDevice();
  const oid = git(device.notes, "rev-parse", "HEAD~1");
  rmSync(objectPath(device.notes, oid));
  overwrite(join(device.notes, ".git/refs/heads/main"), "");
  const head = git(device.remote, "rev-parse", "main");
  const planned = await device.lull(["verify", "notes", "--repair", "--dry-run"], 1);
  expect(planned.stdout).toContain("→ refs/heads/main: would try: it comes back from its log");
  expect(readFileSync(join(device.notes, ".git/refs/heads/main"), "utf8")).toBe("");

  const { stdout } = await device.lull(["verify", "notes", "--repair"]);
  expect(stdout).toMatch(/^✓ notes .*: all sound; the remote has\s+everything/);
  expect(stdout).toContain("✓ one object came back from origin");
  expect(stdout).toContain(`✓ refs/heads/main points to ${head.slice(0, 7)} again, as its log says`);
  expect(stdout).toContain("What was damaged lies in ");
  expect(git(device.notes, "rev-parse", "HEAD")).toBe(head);
  expect((await device.lull(["log", "--audit"])).stdout).toContain("repair");
  expect((await device.lull(["sync"])).code).toBe(0);
});

test("what can not be mended is said, and all that is left goes on", async () => {
  const device = await syncedDevice();
  device.write("only-here.md", "not sent yet\n");
  git(device.notes, "add", "only-here.md");
  git(device.notes, "commit", "-q", "-m", "mine");
  const oid = git(device.notes, "rev-parse", "HEAD:only-here.md");
  device.write("only-here.md", "changed since\n");
  renameSync(objectPath(device.notes, oid), join(device.home, "kept"));
  const { stdout } = await device.lull(["verify", "notes", "--repair"], 1);
  expect(stdout).toMatch(/✗ blob [0-9a-f]{40}: it is not there\n {6}only-here\.md in the commit/);
  expect(device.read("only-here.md")).toBe("changed since\n");
  renameSync(join(device.home, "kept"), objectPath(device.notes, oid));
});

test("a HEAD that is gone is named by every command, and a repair brings it back", async () => {
  const device = await syncedDevice();
  const head = join(device.notes, ".git/HEAD");
  const before = readFileSync(head, "utf8");
  rmSync(head);
  const refused = await device.lull(["sync"], 6);
  expect(refused.stdout + refused.stderr).toContain("lull verify --repair");
  expect((await device.lull(["verify"], 1)).stdout).toContain("HEAD: there is none");
  await device.lull(["verify", "--repair"]);
  expect(readFileSync(head, "utf8")).toBe(before);
  await device.lull(["sync"]);
});

test("a broken git config is named with its line, and the remote is asked all the same", async () => {
  const device = await syncedDevice();
  const config = join(device.notes, ".git/config");
  const before = readFileSync(config);
  overwrite(config, `${before.toString()}[core\n`);
  const told = (await device.lull(["verify"], 1)).stdout.replaceAll(/\s+/g, " ");
  expect(told).toContain("config: bad git config line");
  expect(told).toContain("mend that line");
  expect(told).not.toContain("--repair");
  expect(told).toMatch(/the remote (?:answers|has)/);
  expect((await device.lull(["verify", "--repair"], 1)).stdout).toContain("stands in the way of a repair");
  overwrite(config, before);
  await device.lull(["verify"]);
});
