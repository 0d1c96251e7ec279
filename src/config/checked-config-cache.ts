/**
 * The config as it was checked and resolved last time. Parser and schema take 10 ms to load and to run, in every new
 * process; that the same bytes give the same result needs 0.3 ms to find out. A cache that is missing, damaged, of
 * another build or open to others is no cache: nobody hears of it, and the next good load writes it anew.
 */
import { rmSync } from "node:fs";
import { dirname } from "node:path";

import { makePrivateDirectory, writeFileAtomic } from "../base/atomic-file.ts";
import { readSmallFile } from "../base/small-file.ts";
import type { LoadedConfig } from "./load.ts";
import { secretInUrl } from "./remote-text.ts";
import type { ResolveInput } from "./resolve.ts";

export type ConfigCachePlace = {
  /** Absolute path. */
  readonly file: string;
  /** Of the program that reads and writes: another one may read the same config in another way. */
  readonly build: string;
};

export type ConfigCacheInput = ConfigCachePlace &
  ResolveInput & {
    /** Throws when others could have written the file: whoever writes the cache decides what is synced where. */
    readonly assertPrivate: (path: string) => void;
  };

/** The file is two hashes in hex, each with its line end, and JSON: what it was made from, what it must be. */
const HASH_LINE = 65;
/** A largest config with every default filled in stays below; anything longer is none of lull's. */
const LARGEST = 4 * 1024 * 1024;

/** Returns what these bytes of the config were found to say, or undefined when that is not known. */
export function readCheckedConfig(input: ConfigCacheInput, config: Uint8Array): LoadedConfig | undefined {
  try {
    input.assertPrivate(input.file);
    const bytes = readSmallFile(input.file, LARGEST);
    const text = bytes?.toString("utf8", 2 * HASH_LINE);
    if (bytes === undefined || text === undefined) return undefined;
    const head = bytes.toString("latin1", 0, 2 * HASH_LINE);
    return head === headOf(input, config, text) ? (JSON.parse(text) as LoadedConfig) : undefined;
  } catch {
    // Whatever is wrong with it, the config itself is there to be read.
    return undefined;
  }
}

/** Keeps what these bytes say, unless they hold a secret; where nothing can be written, nothing is kept. */
export function keepCheckedConfig(input: ConfigCacheInput, config: Uint8Array, loaded: LoadedConfig): void {
  const text = JSON.stringify(loaded);
  try {
    if (holdsSecret(loaded) || text.length > LARGEST / 2 || !survives(loaded, text)) {
      rmSync(input.file, { force: true });
      return;
    }
    makePrivateDirectory(dirname(input.file));
    writeFileAtomic(input.file, headOf(input, config, text) + text, { mode: 0o600 });
  } catch {
    // A full disk or a read-only folder: the next start reads the config itself again.
  }
}

/** Everything that the result depends on, and the result. */
function headOf(input: ConfigCacheInput, config: Uint8Array, text: string): string {
  const { build, home, device } = input;
  const key = new Bun.CryptoHasher("sha256").update(JSON.stringify([build, home, device])).update(config);
  return `${key.digest("hex")}\n${new Bun.CryptoHasher("sha256").update(text).digest("hex")}\n`;
}

/** A password that a person takes out of the config must not live on in a copy. */
function holdsSecret({ config }: LoadedConfig): boolean {
  const proxies = [config, ...config.sources].map(({ transport }) => transport.proxy);
  const urls = [
    ...config.sources.flatMap(({ remotes }) => remotes.map(({ url }) => url)),
    ...proxies.flatMap((proxy) => (proxy.kind === "url" ? [proxy.url] : [])),
  ];
  return urls.some((url) => secretInUrl(url) !== undefined);
}

/** JSON has no Infinity and no NaN. */
function survives(loaded: LoadedConfig, text: string): boolean {
  return Bun.deepEquals(JSON.parse(text), loaded);
}
