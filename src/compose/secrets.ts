/** Where secrets are kept and which credential goes to a remote, wired for this process. */
import { join } from "node:path";

import type { ConfigAccess } from "../app/deps.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { sessionBus } from "../base/session-bus.ts";
import type { Places } from "../platform/paths.ts";
import { assertPrivate } from "../platform/private-files.ts";
import { runProgram } from "../platform/run-program.ts";
import { type SecretFiles, secretFiles } from "../platform/secret-file.ts";
import { selfCommand } from "../platform/self-command.ts";
import type { System } from "../platform/system.ts";
import type { Age } from "../secrets/age/age.ts";
import { createCredentials, type Credentials } from "../secrets/credentials.ts";
import type { DeviceLogins } from "../secrets/device-login.ts";
import { systemKeychain } from "../secrets/keychain.ts";
import { createSecretStore, type SecretStore } from "../secrets/secret-store.ts";
import { storedFiles } from "../secrets/stored-files.ts";

export type SecretsInput = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly places: Places;
  readonly clock: Clock;
  readonly log: Log;
  readonly system: System;
  readonly userId: number | undefined;
  readonly config: Pick<ConfigAccess, "exists" | "load">;
};

export type ComposedSecrets = {
  readonly secrets: SecretStore;
  readonly credentials: Credentials;
  readonly deviceLogins: () => Promise<DeviceLogins>;
  readonly age: () => Promise<Age>;
  readonly secretFiles: SecretFiles;
};

export function composeSecrets(input: SecretsInput): ComposedSecrets {
  const { env, clock, system, userId } = input;
  const directory = join(input.places.stateDirectory, "secrets");
  const check = { system, userId };
  const files = secretFiles(check);
  const secrets = createSecretStore({
    keychain: systemKeychain({ runProgram, command: keychainCommand(), env: withBus(input) }),
    files: storedFiles(directory, (path) => assertPrivate(path, "the stored secret", check)),
    clock,
  });
  const credentials = createCredentials({
    env,
    store: secrets,
    access: { runProgram, readSecretFile: (path, what) => files.read(path, what) },
    places: async () => {
      const { credentialPlaces } = await import("./credential-places.ts");
      return credentialPlaces(input, { secrets, directory });
    },
  });
  return {
    secrets,
    credentials,
    deviceLogins: async () => {
      const { deviceLogins } = await import("./credential-places.ts");
      return deviceLogins(input, secrets);
    },
    age: async () => {
      const { createAge } = await import("../secrets/age/create-age.ts");
      return createAge({
        store: secrets,
        clock,
        directory: join(input.places.stateDirectory, "age"),
        assertPrivate: (path, what) => assertPrivate(path, what, check),
      });
    },
    secretFiles: files,
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
