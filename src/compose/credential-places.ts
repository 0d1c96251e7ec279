/** The places of credentials behind the environment, loaded when a remote asks and the environment has no answer. */
import { join } from "node:path";

import type { Clock } from "../base/clock.ts";
import { LullError } from "../base/errors.ts";
import { sleep } from "../base/sleep.ts";
import { loadConfig } from "../git/repository-config/load-config.ts";
import { acquireLock } from "../platform/lock.ts";
import { runProgram } from "../platform/run-program.ts";
import type { FindCredential } from "../secrets/credentials.ts";
import { createDeviceLogins, type DeviceLogins } from "../secrets/device-login.ts";
import { helperCredentials, type HelperSetting } from "../secrets/helper-credentials.ts";
import { netrcCredentials } from "../secrets/netrc-credentials.ts";
import { type AskOAuth, createAskOAuth } from "../secrets/oauth-request.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import { storedCredentials } from "../secrets/stored-credentials.ts";
import { acquireSqliteLock } from "../store/sqlite-lock.ts";
import { routedRequests } from "./routed-requests.ts";
import type { SecretsInput } from "./secrets.ts";

/** @param directory where the stored secrets lie */
export function credentialPlaces(
  input: SecretsInput,
  { secrets, directory }: { readonly secrets: SecretStore; readonly directory: string },
): readonly FindCredential[] {
  const { env, home, clock, log, system } = input;
  const warn = (message: string): void => log.warn(message);
  const lock = async (signal: AbortSignal): Promise<Disposable> =>
    renewalLock(join(directory, "renewal.lock"), clock, signal);
  return [
    storedCredentials({ ask: askOAuth(input, secrets), clock, sleep, store: secrets, lock, warn }),
    helperCredentials({ settings: () => helperSettings(env), runProgram, env }),
    netrcCredentials({
      files: [".netrc", "_netrc"].map((name) => join(home, name)),
      warn,
      checkMode: system !== "windows",
    }),
  ];
}

export function deviceLogins(input: SecretsInput, secrets: SecretStore): DeviceLogins {
  return createDeviceLogins({ ask: askOAuth(input, secrets), clock: input.clock, sleep });
}

function askOAuth({ env, config }: SecretsInput, secrets: SecretStore): AskOAuth {
  return createAskOAuth(routedRequests({ env, config, secrets }));
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
