/** Where secrets are kept and which credential goes to a remote, wired for this process. */
import { join } from "node:path";

import type { Clock } from "../base/clock.ts";
import { LullError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { sessionBus } from "../base/session-bus.ts";
import { sleep } from "../base/sleep.ts";
import { loadConfig } from "../git/repository-config/load-config.ts";
import { acquireLock } from "../platform/lock.ts";
import type { Places } from "../platform/paths.ts";
import { assertPrivate } from "../platform/private-files.ts";
import { runProgram } from "../platform/run-program.ts";
import { readSecretFile } from "../platform/secret-file.ts";
import { selfCommand } from "../platform/self-command.ts";
import type { System } from "../platform/system.ts";
import { createCredentials, type Credentials } from "../secrets/credentials.ts";
import type { OAuthParts } from "../secrets/device-flow.ts";
import { createDeviceLogins, type DeviceLogins } from "../secrets/device-login.ts";
import { helperCredentials, type HelperSetting } from "../secrets/helper-credentials.ts";
import { systemKeychain } from "../secrets/keychain.ts";
import { netrcCredentials } from "../secrets/netrc-credentials.ts";
import { askOAuth } from "../secrets/oauth-request.ts";
import { createSecretStore, type SecretStore } from "../secrets/secret-store.ts";
import { storedCredentials } from "../secrets/stored-credentials.ts";
import { storedFiles } from "../secrets/stored-files.ts";
import { acquireSqliteLock } from "../store/sqlite-lock.ts";

export type SecretsInput = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly places: Places;
  readonly clock: Clock;
  readonly log: Log;
  readonly system: System;
  readonly userId: number | undefined;
};

export type ComposedSecrets = {
  readonly secrets: SecretStore;
  readonly credentials: Credentials;
  readonly deviceLogins: DeviceLogins;
};

export function composeSecrets(input: SecretsInput): ComposedSecrets {
  const { env, home, clock, log, system, userId } = input;
  const directory = join(input.places.stateDirectory, "secrets");
  const check = { system, userId };
  const secrets = createSecretStore({
    keychain: systemKeychain({ runProgram, command: keychainCommand(), env: withBus(input) }),
    files: storedFiles(directory, (path) => assertPrivate(path, "the stored secret", check)),
    clock,
  });
  const oauth: OAuthParts = { ask: askOAuth, clock, sleep };
  const warn = (message: string): void => log.warn(message);
  const lock = async (signal: AbortSignal): Promise<Disposable> =>
    renewalLock(join(directory, "renewal.lock"), clock, signal);
  const credentials = createCredentials({
    env,
    store: secrets,
    access: { runProgram, readSecretFile: (path, what) => readSecretFile(path, what, check) },
    places: [
      storedCredentials({ ...oauth, store: secrets, lock, warn }),
      helperCredentials({ settings: () => helperSettings(env), runProgram, env }),
      netrcCredentials({
        files: [".netrc", "_netrc"].map((name) => join(home, name)),
        warn,
        checkMode: system !== "windows",
      }),
    ],
  });
  return {
    secrets,
    credentials,
    deviceLogins: createDeviceLogins(oauth),
  };
}

function keychainCommand(): readonly [string, ...string[]] {
  const [program = "", ...args] = selfCommand();
  return [program, ...args, "secret", "keychain"];
}

function withBus({ env, userId, system }: SecretsInput): SecretsInput["env"] {
  const bus = system === "linux" ? sessionBus(env, userId) : undefined;
  return bus === undefined ? env : { ...env, DBUS_SESSION_BUS_ADDRESS: bus };
}

function helperSettings(environment: SecretsInput["env"]): readonly HelperSetting[] {
  return loadConfig({ gitDirectory: undefined, environment })
    .entries.filter(({ section, name }) => section === "credential" && name === "helper")
    .map(({ value, subsection }) => ({ value: value ?? "", url: subsection }));
}

const LOOK_MS = 100;
/** Two questions to a server and one to a keychain fit into it. */
const PATIENCE_MS = 90_000;

async function renewalLock(path: string, clock: Clock, signal: AbortSignal): Promise<Disposable> {
  for (let waited = 0; ; waited += LOOK_MS) {
    const owner = { pid: process.pid, since: clock.now() };
    const result = acquireLock({ path, owner, fallback: acquireSqliteLock });
    if (result.kind === "held") return result.lock;
    if (waited >= PATIENCE_MS) {
      throw new LullError({
        kind: "unreachable",
        code: "RENEWAL_BUSY",
        message: "another lull has been renewing a token for too long",
        hint: "run the command again later",
      });
    }
    await sleep(LOOK_MS, signal);
  }
}
