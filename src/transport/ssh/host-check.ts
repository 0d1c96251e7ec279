import { hostChanged, hostRevoked, hostUnknown } from "./host-errors.ts";
import {
  certAuthorityOf,
  fingerprintOf,
  hostKeyType,
  judgeHostKey,
  knownHostLine,
  knownKeyTypes,
} from "./known-hosts.ts";
import { addKnownHost, readKnownHosts } from "./known-hosts-file.ts";
import { isPublished } from "./published-hosts.ts";
import type { SshSettings } from "./ssh-settings.ts";
import { type SshTarget, targetText } from "./ssh-target.ts";

/** A server that nobody here has seen yet. */
export type NewHost = {
  /** E.g. `git@host`, with a port where it is not the usual one. */
  readonly name: string;
  /** E.g. `ssh-ed25519`. */
  readonly keyType: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
  /** `file:line` of known_hosts by which its certificate would be checked, had lull's own SSH the means for it. */
  readonly authority: string | undefined;
};

/** Asks a person; false also when nobody is there to ask. */
export type ConfirmHost = (host: NewHost) => Promise<boolean>;

/** In the order of OpenSSH. */
const HOST_KEY_ALGORITHMS = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
] as const;

export type HostKeyAlgorithm = (typeof HOST_KEY_ALGORITHMS)[number];

export type HostCheck = {
  /** Those of which the key is known first: asked for another type, a known server would look like a changed one. */
  readonly algorithms: HostKeyAlgorithm[];
  /** @throws LullError `HOST_UNKNOWN`, `HOST_CHANGED`; those of the files */
  check(key: Uint8Array): Promise<void>;
};

export type HostCheckInput = {
  readonly settings: SshSettings;
  readonly doing: string;
  readonly confirm: ConfirmHost;
};

export function hostCheck({ settings, doing, confirm }: HostCheckInput): HostCheck {
  const place = { host: settings.hostName, port: settings.port };
  const shown: SshTarget = { ...place, user: settings.user };
  const known = readKnownHosts([...settings.userKnownHosts, ...settings.globalKnownHosts]);
  const types = knownKeyTypes(known, place);
  const isKnown = (algorithm: string): boolean =>
    types.has(algorithm) || (algorithm.startsWith("rsa-sha2-") && types.has("ssh-rsa"));
  return {
    algorithms: [
      ...HOST_KEY_ALGORITHMS.filter(isKnown),
      ...HOST_KEY_ALGORITHMS.filter((algorithm) => !isKnown(algorithm)),
    ],
    async check(key) {
      const verdict = judgeHostKey(known, place, key);
      const fingerprint = fingerprintOf(key);
      if (verdict.kind === "known") return;
      if (verdict.kind === "revoked") throw hostRevoked({ doing, target: shown, fingerprint });
      if (verdict.kind === "changed") {
        throw hostChanged({ doing, target: shown, fingerprint, known: verdict.place });
      }
      if (isPublished(place.host, fingerprint) && settings.strict !== "yes") return;
      const name = targetText(shown);
      const authority = certAuthorityOf(known, place)?.place;
      const shownHost = { name, keyType: hostKeyType(key), fingerprint, authority };
      const isAccepted =
        settings.strict === "accept-new" || (settings.strict === "ask" && (await confirm(shownHost)));
      if (!isAccepted) {
        const accept = "the same command (or `lull sync`)";
        throw hostUnknown({ doing, target: shown, fingerprint, accept, authority });
      }
      const [file] = settings.userKnownHosts;
      if (file !== undefined) addKnownHost(file, knownHostLine(place.host, place.port, key));
    },
  };
}
