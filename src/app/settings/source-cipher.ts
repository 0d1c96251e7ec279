import type { SettingsSource } from "../../config/config.ts";
import type { Cipher } from "../../settings/cipher.ts";
import type { Deps } from "../deps.ts";
import { shutOut, sourceRecipients, withOwn } from "./source-recipients.ts";

export type SourceCipher = Cipher & {
  /** The text that the list in the repository has to have; undefined: it has it. */
  readonly listText: string | undefined;
  /**
   * Remembers for whom is encrypted.
   * @param isUsed whether anything was: a source without encrypted files is not met by that
   */
  readonly accept: (isUsed: boolean) => void;
};

export type SourceCipherInput = {
  readonly source: Pick<SettingsSource, "name">;
  readonly device: string;
  /** Of the managed repository. */
  readonly directory: string;
  readonly signal: AbortSignal;
};

/**
 * For all whom this device has accepted. Undefined: this device has no key.
 * @throws LullError `SHUT_OUT` (kind `guard`), those of `sourceRecipients`
 */
export async function sourceCipher(
  deps: Pick<Deps, "age" | "clock">,
  { source, device, directory, signal }: SourceCipherInput,
): Promise<SourceCipher | undefined> {
  const before = await sourceRecipients(deps, { source: source.name, directory });
  const { age, own, remembered } = before;
  if (own === undefined) return undefined;
  if (before.shutOut !== undefined) throw shutOut(source.name, before.shutOut, own);
  const { list, accepted } = withOwn({ ...before, own }, { device, now: deps.clock.now() });
  const { use } = age.accepted.compare(list.recipients, accepted);
  const cipher = age.openCipher();
  const keys = use.map(({ key }) => key);
  return {
    encrypt: (plain) => cipher.encrypt(plain, keys, signal),
    decrypt: (sealed) => cipher.decrypt(sealed, signal),
    listText: list === before.list ? undefined : age.recipients.format(list),
    accept: (isUsed) => {
      const isKnown =
        accepted.length === remembered.length && accepted.every((one) => remembered.includes(one));
      if (!isKnown && (isUsed || remembered.length > 0)) age.accepted.write(source.name, accepted);
    },
  };
}
