/**
 * The composition root: it and the files in `compose/` are the only ones that pick concrete parts and wire them.
 * Everything is made on first use, so that a command pays for what it needs only.
 */
import { mkdirSync, readdirSync } from "node:fs";
import { isAbsolute, join } from "node:path";

import type { LoginQuestions } from "./app/ask-for-login.ts";
import type { Deps } from "./app/deps.ts";
import { fromSystem, LullError, systemCode } from "./base/errors.ts";
import { systemTimers } from "./base/timers.ts";
import { composeKept, type KeptInput } from "./compose/kept.ts";
import { routeMeans } from "./compose/route-means.ts";
import { composeSecrets } from "./compose/secrets.ts";
import { remoteCredentials } from "./compose/remote-credentials.ts";
import { composeSigner } from "./compose/signing.ts";
import { composeSettings } from "./compose/settings.ts";
import { composeSsh, type SshQuestions } from "./compose/ssh.ts";
import { createGit } from "./git/create-git.ts";
import { keepRepositories } from "./git/keep-repositories.ts";
import { openFileSystemSync } from "./platform/file-system-sync.ts";
import { guardedRename } from "./platform/guarded-rename.ts";
import { openFolderStats } from "./platform/folder-stats.ts";
import { hasNetwork } from "./platform/has-network.ts";
import { assertPrivate } from "./platform/private-files.ts";
import { currentSystem } from "./platform/system.ts";
import { startDeflateThread, startPullThread, startScanThread } from "./platform/threads.ts";
import { Bandwidth } from "./transport/bandwidth.ts";
import { createTransport } from "./transport/open-transport.ts";

export type Questions = SshQuestions & LoginQuestions;

export type ComposeInput = KeptInput & {
  /** The process syncs again and again: repositories stay open between the runs. */
  readonly staysOpen?: boolean | undefined;
  /** What remotes may ask a person; left out: nobody is there. */
  readonly questions?: Questions | undefined;
};

/** @throws LullError `NO_HOME`, `BAD_LULL_HOME`, `UNSAFE_PERMISSIONS` (kind `config`) */
export function compose(input: ComposeInput): Deps {
  const { env } = input;
  const kept = composeKept(input);
  const { clock, home, places } = kept;
  const system = currentSystem();
  const userId = process.getuid?.();
  const secrets = composeSecrets({ ...kept, env, system, userId });
  const outside = {
    ...kept,
    env,
    credentials: secrets.credentials,
    assertPrivate: (path: string, what: string) => assertPrivate(path, what, { system, userId }),
  };
  const git = createGit({
    clock,
    environment: env,
    windows: system === "windows",
    openFileSystem: openFileSystemSync,
    startDeflater: startDeflateThread,
    startPullThread,
    startScanThread,
    openFolderStats,
    signer: composeSigner({ ...outside, isAttended: input.questions !== undefined }),
    guardedRename,
  });
  const bandwidth = new Bandwidth({ clock, timers: systemTimers });
  const deps: Deps = {
    ...kept,
    ...secrets,
    bandwidth,
    git: input.staysOpen === true ? keepRepositories(git) : git,
    transport: createTransport({
      credentials: remoteCredentials(() => deps, input.questions),
      createResponder: async (directory) => {
        const { createResponder } = await import("./git/serve/responder.ts");
        return createResponder(directory, { clock });
      },
      clock,
      bandwidth,
      settings: async () => (kept.config.exists() ? (await kept.config.load()).config.transport : undefined),
      surroundings: { hasNetwork, ...routeMeans({ env, secrets: secrets.secrets }) },
      homeDirectory: home,
      ssh: composeSsh({ ...outside, questions: input.questions }),
      memory: {
        file: join(places.stateDirectory, "servers.json"),
        assertPrivate: (path) => assertPrivate(path, "the memory of servers", { system, userId }),
      },
    }),
    authoritiesProblem: async (path) => (await import("./transport/authorities.ts")).authoritiesProblem(path),
    isEmptyDirectory,
    makeDirectory,
    settings: composeSettings({ env, home, places, system }),
  };
  return deps;
}

function isEmptyDirectory(path: string): boolean | undefined {
  try {
    return readdirSync(path).length === 0;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw fromSystem(error, `look into ${path}`);
  }
}

function makeDirectory(path: string): void {
  if (!isAbsolute(path))
    throw new LullError({ kind: "failed", code: "INTERNAL", message: `${path} is relative` });
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw fromSystem(error, `create ${path}`);
  }
}
