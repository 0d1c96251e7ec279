import { afterAll, beforeAll, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { createBareRepository, type GitServer, startGitServer } from "../../helpers/git-http-server.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";
import { wireClient } from "../../helpers/wire-client.ts";

const root = temporaryDirectory();
let server: GitServer;

beforeAll(async () => {
  server = await startGitServer(root);
});

afterAll(() => server.stop());

/** Words that deflate to about a third, no two lines alike. */
function longText(lines: number): string {
  let state = 7;
  const word = (): string => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state.toString(36);
  };
  return Array.from({ length: lines }, (_, index) => `${index} ${word()} ${word()} ${word()}\n`).join("");
}

type Place = { readonly directory: string; readonly bare: string; readonly url: string };

function makePlace(name: string): Place {
  const bare = createBareRepository(root, `${name}.git`);
  const directory = temporaryDirectory();
  git(directory, "init", "-q", "-b", "main");
  return { directory, bare, url: server.repository(`${name}.git`) };
}

function commit(directory: string, message: string): string {
  git(directory, "add", "-A");
  git(directory, "commit", "-q", "-m", message);
  return git(directory, "rev-parse", "HEAD");
}

async function push({ directory, url, bare }: Place): Promise<number> {
  const tip = git(directory, "rev-parse", "HEAD");
  const result = await wireClient(directory, url).push("refs/heads/main", tip);
  if (result.kind !== "pushed") throw new Error(result.kind);
  expect(git(bare, "rev-parse", "main")).toBe(tip);
  fsck(bare);
  return result.bytes;
}

const LINES = 200_000;

test("a changed line in a text of 5 MB is pushed and fetched in a few kilobytes", async () => {
  const place = makePlace("line");
  const { directory, url } = place;
  const file = `${directory}/long.txt`;
  const text = longText(LINES);
  expect(text.length).toBeGreaterThan(5_000_000);
  writeFileSync(file, text);
  commit(directory, "long");
  expect(await push(place)).toBeGreaterThan(1_000_000);
  const other = temporaryDirectory();
  git(other, "clone", "-q", place.bare, ".");

  writeFileSync(file, text.replace("\n80000 ", "\nchanged in the middle "));
  commit(directory, "line");
  expect(await push(place)).toBeLessThan(5_000);

  const fetched = await wireClient(other, url).fetch();
  expect(fetched.objects).toBeGreaterThanOrEqual(3);
  expect(fetched.bytes).toBeLessThan(5_000);
  git(other, "merge", "-q", "--ff-only", "origin/main");
  expect(readFileSync(`${other}/long.txt`, "utf8")).toBe(readFileSync(file, "utf8"));
  fsck(other);
});

test("each of several versions that were not sent yet is a delta, also of a file that is new", async () => {
  const place = makePlace("versions");
  const { directory } = place;
  writeFileSync(`${directory}/old.txt`, longText(20_000));
  commit(directory, "start");
  const whole = await push(place);
  writeFileSync(`${directory}/new.txt`, longText(20_000).replaceAll("1", "x"));
  commit(directory, "new");
  for (let index = 0; index < 5; index++) {
    appendFileSync(`${directory}/old.txt`, `once more ${index}\n`);
    appendFileSync(`${directory}/new.txt`, `once more ${index}\n`);
    commit(directory, `edit ${index}`);
  }
  // The new file once, and next to nothing for the rest.
  expect(await push(place)).toBeLessThan(whole * 1.3);
});

test("one file in a folder of thousands does not send the whole list of names", async () => {
  const place = makePlace("folder");
  const { directory } = place;
  mkdirSync(`${directory}/many`);
  for (let index = 0; index < 3000; index++) writeFileSync(`${directory}/many/${index}`, `${index}\n`);
  commit(directory, "many");
  expect(await push(place)).toBeGreaterThan(60_000);
  writeFileSync(`${directory}/many/1500`, "changed\n");
  commit(directory, "one");
  expect(await push(place)).toBeLessThan(2_000);
});

test("a server that wants no thin packs gets every object whole", async () => {
  const place = makePlace("whole");
  const { directory, bare } = place;
  writeFileSync(`${directory}/long.txt`, longText(20_000));
  commit(directory, "long");
  const whole = await push(place);
  appendFileSync(`${directory}/long.txt`, "one more\n");
  const tip = commit(directory, "line");
  // A folder of this machine says so.
  const result = await wireClient(directory, bare).push("refs/heads/main", tip);
  expect(result).toMatchObject({ kind: "pushed" });
  expect(result.kind === "pushed" && result.bytes).toBeGreaterThan(whole * 0.9);
  fsck(bare);
});

test("content that shares nothing with what it replaces goes out as it is", async () => {
  const place = makePlace("random");
  const { directory } = place;
  const noise = (): Uint8Array => crypto.getRandomValues(new Uint8Array(60_000));
  writeFileSync(`${directory}/picture`, noise());
  commit(directory, "one");
  await push(place);
  writeFileSync(`${directory}/picture`, noise());
  commit(directory, "two");
  expect(await push(place)).toBeGreaterThan(60_000);
});
