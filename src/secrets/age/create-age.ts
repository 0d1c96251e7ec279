import { join } from "node:path";

import type { Clock } from "../../base/clock.ts";
import type { SecretStore } from "../secret-store.ts";
import { acceptedRecipients } from "./accepted-recipients.ts";
import type { Age } from "./age.ts";
import { looksEncrypted } from "./envelope.ts";
import { createFileCipher } from "./file-cipher.ts";
import { createIdentities } from "./identities.ts";
import { identityRecord } from "./identity-record.ts";
import { recipientFunctions } from "./recipients.ts";

export type AgeParts = {
  readonly store: SecretStore;
  readonly clock: Clock;
  /** Absolute; private to the user, made on first use. */
  readonly directory: string;
  /** Throws when others could have written the file. */
  readonly assertPrivate: (path: string, what: string) => void;
};

export function createAge({ store, clock, directory, assertPrivate }: AgeParts): Age {
  const record = identityRecord(join(directory, "identity.json"), (path) =>
    assertPrivate(path, "the record of the age identity"),
  );
  const identities = createIdentities({ store, record, clock });
  return {
    identities,
    openCipher: () => createFileCipher((signal) => identities.open(signal)),
    looksEncrypted,
    recipients: recipientFunctions,
    accepted: acceptedRecipients(join(directory, "accepted"), (path) =>
      assertPrivate(path, "the accepted recipients"),
    ),
  };
}
