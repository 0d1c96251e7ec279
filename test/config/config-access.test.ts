import { expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { LullError } from "../../src/base/errors.ts";
import { ConfigAccess, type ConfigAccessInput } from "../../src/config/config-access.ts";
import { loadConfig } from "../../src/config/load.ts";
import { seededRandom } from "../helpers/random.ts";
import { asOrdinaryUser } from "../helpers/ordinary-user.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const TEXT = `version: 1
sources:
  notes:
    repo: ~/notes
    remote: https://h.example/notes.git
    watch: { quiet: 2s }
    conflicts: { "*.md": newest, "**": ours }
    hooks: true
  apps:
    settings:
    apps: [git]
    files: [~/.profile, { path: ~/.netrc, encrypt: true }]
notify: { heartbeat: https://h.example/beat, email: { host: m.example, to: me@h.example } }
daemon: { bandwidth: { upload: 1MB/s } }
`;

type Placed = {
  readonly access: (other?: Partial<ConfigAccessInput>) => ConfigAccess;
  readonly file: string;
  readonly cache: string;
  /** Makes the cache say what no config says: a load that shows it has believed the cache. */
  readonly plant: () => Promise<void>;
};

const PLANTED = "planted";

function placed(text = TEXT): Placed {
  const place = temporaryDirectory();
  const file = join(place, "config", "config.yaml");
  const cache = join(place, "state", "checked-config");
  mkdirSync(dirname(file));
  writeFileSync(file, text, { mode: 0o600 });
  const input: ConfigAccessInput = {
    file,
    home: "/home/me",
    device: "laptop",
    assertPrivate: () => {},
    cache: { file: cache, build: "one" },
  };
  const access = (other: Partial<ConfigAccessInput> = {}) => new ConfigAccess({ ...input, ...other });
  const plant = async (): Promise<void> => {
    await access().load();
    const [key = "", , json = ""] = readFileSync(cache, "utf8").split("\n");
    const planted = json.replace('"device":"laptop"', `"device":"${PLANTED}"`);
    const hash = new Bun.CryptoHasher("sha256").update(planted).digest("hex");
    writeFileSync(cache, `${key}\n${hash}\n${planted}`);
    expect((await access().load()).config.device).toBe(PLANTED);
  };
  return { access, file, cache, plant };
}

test("what is kept says the same as the file, to the last value and warning", async () => {
  const { access, file, cache } = placed();
  const direct = loadConfig(file, { home: "/home/me", device: "laptop" });
  expect(direct.warnings).not.toBeEmpty();
  expect(await access().load()).toEqual(direct);
  expect(await access().load()).toEqual(direct);
  expect([statSync(cache).mode & 0o777, statSync(dirname(cache)).mode & 0o777]).toEqual([0o600, 0o700]);
});

test("a config is parsed once: the second load believes what was kept", async () => {
  await placed().plant();
});

test("an edit is seen at once, also one that keeps size and times", async () => {
  const { access, file, plant } = placed();
  await plant();
  const { atime, mtime } = statSync(file);
  writeFileSync(file, TEXT.replace("2s", "3s"));
  utimesSync(file, atime, mtime);
  const [notes] = (await access().load()).config.sources;
  expect(notes?.watch?.quietMs).toBe(3000);
  writeFileSync(file, "sources: [");
  await expect(access().load()).rejects.toThrow("config.yaml");
});

test("another build, home or device makes nothing of it", async () => {
  const others: readonly Partial<ConfigAccessInput>[] = [
    { home: "/home/you" },
    { device: "desk" },
    { cache: undefined },
  ];
  for (const other of others) {
    const { access, plant } = placed();
    await plant();
    expect((await access(other).load()).config.device).not.toBe(PLANTED);
  }
  const { access, cache, plant } = placed();
  await plant();
  const second = access({ cache: { file: cache, build: "two" } });
  expect((await second.load()).config.device).toBe("laptop");
  expect((await access().load()).config.device).toBe("laptop");
});

test("a damaged cache is passed over and written anew", async () => {
  const { access, file, cache } = placed();
  const direct = loadConfig(file, { home: "/home/me", device: "laptop" });
  await access().load();
  const good = readFileSync(cache);
  const random = seededRandom(7);
  const damages = [Buffer.alloc(0), good.subarray(0, 64), good.subarray(0, -1), Buffer.concat([good, good])];
  for (let round = 0; round < 100; round++) {
    const bytes = Buffer.from(good);
    const place = random.below(bytes.length);
    bytes[place] = (bytes[place] ?? 0) ^ (1 << random.below(8));
    damages.push(bytes);
  }
  for (const damaged of damages) {
    writeFileSync(cache, damaged);
    expect(await access().load()).toEqual(direct);
    expect(readFileSync(cache).equals(good)).toBe(true);
  }
});

test("a cache that others could have written is not believed", async () => {
  const { access, cache, plant } = placed();
  await plant();
  const assertPrivate = (path: string): void => {
    if (path === cache)
      throw new LullError({ kind: "config", code: "UNSAFE_PERMISSIONS", message: "open to others" });
  };
  expect((await access({ assertPrivate }).load()).config.device).toBe("laptop");
});

test("where nothing can be kept, the config loads all the same", async () => {
  const { access, cache } = placed();
  writeFileSync(dirname(cache), "no folder");
  expect((await access().load()).config.device).toBe("laptop");
  const { access: second, cache: folder } = placed();
  mkdirSync(folder, { recursive: true });
  expect((await second().load()).config.device).toBe("laptop");
});

test("a read-only state folder does not matter", async () => {
  const { access, file, cache } = placed();
  mkdirSync(dirname(cache), { mode: 0o500 });
  // What is loaded on first use is loaded as the one who may read it.
  await access({ cache: undefined }).load();
  await asOrdinaryUser([dirname(dirname(file)), dirname(file), file, dirname(cache)], async () => {
    expect((await access().load()).config.device).toBe("laptop");
  });
  expect(existsSync(cache)).toBe(false);
  chmodSync(dirname(cache), 0o700);
});

test.each([
  ["the URL of a remote", (text: string) => text.replace("https://", "https://me:canary@")],
  ["the proxy of all", (text: string) => `${text}\ntransport: { proxy: "http://me:canary@proxy" }\n`],
  [
    "the proxy of a source",
    (text: string) =>
      text.replace(
        "sources:",
        'sources:\n  p: { repo: ~/p, transport: { proxy: "http://me:canary@proxy" } }',
      ),
  ],
])(
  "a config with a password in %s is not copied, and takes the copy of before with it",
  async (_, change) => {
    const { access, file, cache } = placed();
    await access().load();
    expect(existsSync(cache)).toBe(true);
    writeFileSync(file, change(TEXT));
    for (let round = 0; round < 2; round++) {
      expect((await access().load()).warnings[0]).toContain("password");
      expect(existsSync(cache)).toBe(false);
    }
  },
);

test("a config that is refused leaves nothing behind", async () => {
  const { access, cache } = placed("sources: 5\n");
  await expect(access().load()).rejects.toThrow("sources");
  expect(existsSync(cache)).toBe(false);
});

test("the schema for editors comes without a config", async () => {
  const access = placed().access({ file: "/nowhere/config.yaml" });
  expect(await access.jsonSchema()).toHaveProperty("title", "lull configuration");
  expect(access.exists()).toBe(false);
});
