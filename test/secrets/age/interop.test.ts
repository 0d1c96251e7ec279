/** Another implementation of age, Debian's: what one encrypts the other opens, in both directions. */
import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createFileCipher } from "../../../src/secrets/age/file-cipher.ts";
import { generateKeyPair, readKeyPair } from "../../../src/secrets/age/keys.ts";
import { cannotRun } from "../../helpers/skip.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";

const noAge = cannotRun(Bun.which("age") === null, "the age program: it is not installed");
const { signal } = new AbortController();
const directory = temporaryDirectory();

const [own, other] = [await generateKeyPair(), await generateKeyPair()];
const cipher = createFileCipher(async () => ({ secrets: [own.secret], failure: undefined }));

let files = 0;
function fileOf(content: string | Uint8Array): string {
  const path = join(directory, `${files++}`);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

function run(program: string, ...args: readonly string[]): Buffer {
  const { success, stdout, stderr } = Bun.spawnSync([program, ...args]);
  if (!success) throw new Error(`${program}: ${stderr.toString()}`);
  return stdout;
}

const SIZES = [0, 1, 65_535, 65_536, 65_537, 131_072, 1_000_001];

test.skipIf(noAge).each(SIZES)(
  "age opens %d bytes that lull has encrypted, with any of the keys",
  async (size) => {
    const plain = crypto.getRandomValues(new Uint8Array(Math.min(size, 65_536)));
    const whole = Buffer.alloc(size, plain);
    const file = fileOf(await cipher.encrypt(whole, [own.key, other.key], signal));
    for (const { secret } of [own, other])
      expect(Buffer.compare(run("age", "-d", "-i", fileOf(`${secret}\n`), file), whole)).toBe(0);
  },
);

test.skipIf(noAge).each(SIZES)(
  "lull opens %d bytes that age has encrypted, binary and armoured",
  async (size) => {
    const whole = Buffer.alloc(size, crypto.getRandomValues(new Uint8Array(1000)));
    const path = fileOf(whole);
    for (const flags of [[], ["-a"]]) {
      const file = run("age", ...flags, "-r", other.key, "-r", own.key, path);
      expect(Buffer.compare(await cipher.decrypt(file, signal), whole)).toBe(0);
    }
  },
);

test.skipIf(noAge)("a key of age-keygen is a recovery key for lull, and lull's is one for age", async () => {
  const path = join(directory, "keygen.txt");
  run("age-keygen", "-o", path);
  const pair = await readKeyPair(readFileSync(path, "utf8"));
  expect(run("age-keygen", "-y", path).toString().trim()).toBe(pair.key);
  expect(
    run("age-keygen", "-y", fileOf(`${own.secret}\n`))
      .toString()
      .trim(),
  ).toBe(own.key);
});
