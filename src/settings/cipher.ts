/** Encryption of files as gather and restore need it; `secrets/` has it. */
export type Cipher = {
  /** For everybody who may read the source's encrypted files. */
  encrypt(plain: Uint8Array): Promise<Uint8Array>;
  /**
   * @returns the whole plaintext, never a part of it
   * @throws LullError when the file is damaged, or not for this device
   */
  decrypt(sealed: Uint8Array): Promise<Uint8Array>;
};

/** What an encrypted copy's name ends with. */
export const SEALED = ".age";

/** A copy's name without that mark, if it has it. */
export function withoutSeal(name: string): string {
  return name.endsWith(SEALED) ? name.slice(0, -SEALED.length) : name;
}
