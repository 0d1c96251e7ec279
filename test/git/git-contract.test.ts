/** The engine keeps the contract of `Git`, with one call that syncs a whole file system and without it. */
import { describe } from "bun:test";

import "../helpers/on-disk.ts";
import { createGit } from "../../src/git/create-git.ts";
import { createResponder } from "../../src/git/serve/responder.ts";
import { openFileSystemSync } from "../../src/platform/file-system-sync.ts";
import { createTransport } from "../../src/transport/open-transport.ts";
import type { GitUnderTest } from "../contracts/git-scene.ts";
import { gitContract } from "../contracts/git.ts";
import { fakeClock } from "../helpers/fake-clock.ts";

type Options = Pick<Parameters<typeof createGit>[0], "openFileSystem">;

function engine(options: Options): () => GitUnderTest {
  return () => {
    const clock = fakeClock(1_800_000_000_000);
    const environment = { HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" };
    const transport = createTransport({ credentials: async () => undefined, createResponder, clock });
    return {
      git: createGit({ clock, environment, windows: false, ...options }),
      connect: async (url) => transport.open(url, { signal: new AbortController().signal }),
    };
  };
}

describe("the engine", () => gitContract(engine({})));
describe("the engine with syncfs", () => gitContract(engine({ openFileSystem: openFileSystemSync })));
