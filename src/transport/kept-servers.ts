/**
 * What servers could do the last time, kept from one process to the next: that spares a fetch its first round trip, and
 * a private repository the request that is refused for want of a credential. There is no secret in it: addresses are
 * hashed, and of credentials it says only who asked for one. Whatever is wrong with the file, the servers can be asked.
 */
import { dirname } from "node:path";

import { makePrivateDirectory, writeFileAtomic } from "../base/atomic-file.ts";
import { readSmallFile } from "../base/small-file.ts";
import type { ChallengeMemory } from "./http-credentials.ts";
import type { RemoteMemory } from "./transport.ts";

export type KeptServers = {
  /** @param url without a credential */
  memoryOf(url: string): RemoteMemory;
  readonly challenged: ChallengeMemory;
};

type Capabilities = NonNullable<RemoteMemory["capabilities"]>;
/** By hash: of an address what it can do, of an origin nothing but that it asked for a credential. */
type Kept = Map<string, readonly (readonly [string, string])[]>;

/** The one that was kept first goes first. */
const MOST_KEPT = 500;
/** Servers list about ten; a file beyond this is none of lull's. */
const MOST_CAPABILITIES = 100;
const LARGEST = 1024 * 1024;
/** Neither blanks nor anything that could end a line of the protocol, but for the blanks between a capability's values. */
const NAME = /^[!-~]{1,100}$/;
const VALUE = /^[ -~]{0,1000}$/;

export type MemoryPlace = {
  /** Absolute. */
  readonly file: string;
  /** Throws when others could have written the file. */
  readonly assertPrivate: (path: string) => void;
};

/** @param memory undefined: what is known is forgotten with the process */
export function keptServers(memory: MemoryPlace | undefined): KeptServers {
  const place = new KeptFile(memory);
  const memories = new Map<string, RemoteMemory>();
  return {
    memoryOf(url) {
      const memory = memories.get(url) ?? place.memory(keyOf(`server ${url}`), keyOf(`receiver ${url}`));
      memories.set(url, memory);
      return memory;
    },
    challenged: {
      has: (origin) => place.get(keyOf(`challenge ${origin}`)) !== undefined,
      add: (origin) => place.set(keyOf(`challenge ${origin}`), []),
    },
  };
}

class KeptFile {
  readonly #place: MemoryPlace | undefined;
  #kept: Kept | undefined;

  constructor(place: MemoryPlace | undefined) {
    this.#place = place;
  }

  memory(fetching: string, pushing: string): RemoteMemory {
    const recall = (key: string): Capabilities | undefined => {
      const pairs = this.get(key);
      return pairs && new Map(pairs);
    };
    const keep = (key: string, value: Capabilities | undefined): void => this.set(key, value && [...value]);
    return {
      get capabilities() {
        return recall(fetching);
      },
      set capabilities(value) {
        keep(fetching, value);
      },
      get receiving() {
        return recall(pushing);
      },
      set receiving(value) {
        keep(pushing, value);
      },
    };
  }

  get(key: string): readonly (readonly [string, string])[] | undefined {
    this.#kept ??= this.#read();
    return this.#kept.get(key);
  }

  set(key: string, value: readonly (readonly [string, string])[] | undefined): void {
    if (JSON.stringify(this.get(key)) === JSON.stringify(value)) return;
    // Other processes keep theirs in the same file; what is lost between two of them is asked for once more.
    const kept = this.#place === undefined ? (this.#kept ?? new Map()) : this.#read();
    kept.delete(key);
    if (value !== undefined) kept.set(key, value);
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_KEPT) break;
      kept.delete(oldest);
    }
    this.#kept = kept;
    this.#write(kept);
  }

  #read(): Kept {
    if (this.#place === undefined) return new Map();
    const { file, assertPrivate } = this.#place;
    try {
      assertPrivate(file);
      return parse(readSmallFile(file, LARGEST)?.toString() ?? "");
    } catch {
      return new Map();
    }
  }

  #write(kept: Kept): void {
    if (this.#place === undefined) return;
    const { file } = this.#place;
    try {
      makePrivateDirectory(dirname(file));
      writeFileAtomic(file, `${JSON.stringify({ version: 1, servers: [...kept] })}\n`, { mode: 0o600 });
    } catch {
      // A full disk or a read-only folder: the next process asks anew.
    }
  }
}

function keyOf(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex").slice(0, 32);
}

function parse(text: string): Kept {
  const value: unknown = JSON.parse(text);
  const servers = isRecord(value) && value["version"] === 1 ? value["servers"] : undefined;
  if (!Array.isArray(servers)) return new Map();
  return new Map(servers.filter(isEntry));
}

function isEntry(value: unknown): value is [string, [string, string][]] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [key, pairs]: unknown[] = value;
  return (
    typeof key === "string" &&
    Array.isArray(pairs) &&
    pairs.length <= MOST_CAPABILITIES &&
    pairs.every(isPair)
  );
}

function isPair(value: unknown): value is [string, string] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [name, content]: unknown[] = value;
  return typeof name === "string" && typeof content === "string" && NAME.test(name) && VALUE.test(content);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
