/** The copies of the checked-out branch as they lie in the managed folder, and which file of the home each is of. */
import { fromSystem } from "../base/errors.ts";
import type { Cipher } from "./cipher.ts";
import { SEALED } from "./cipher.ts";
import { digestOf, lookAt, readContent } from "./content.ts";
import type { Gathered } from "./gather-record.ts";

export type BranchCopy = Pick<Gathered, "digest" | "copyDigest" | "isSealed">;

/**
 * What the branch has for a file; undefined: nothing, or nothing that can be read.
 * @param name of the copy in the repository, without the mark of encryption
 */
export async function branchCopy(
  directory: string,
  name: string,
  cipher: Cipher | undefined,
): Promise<BranchCopy | undefined> {
  const plain = readContent(`${directory}/${name}`);
  if (plain !== undefined) return { digest: digestOf(plain), copyDigest: digestOf(plain), isSealed: false };
  const sealed = readContent(`${directory}/${name}${SEALED}`);
  if (sealed === undefined || cipher === undefined) return undefined;
  const bytes = await cipher.decrypt(sealed.bytes).catch((error: unknown) => {
    if (fromSystem(error, `decrypt ${name}`).kind === "interrupted") throw error;
    return undefined;
  });
  if (bytes === undefined) return undefined;
  return { digest: digestOf({ bytes, isLink: false }), copyDigest: digestOf(sealed), isSealed: true };
}

/** Whether it has anything for a file, also what can not be read: that is no deletion. @param name as above */
export function hasBranchCopy(directory: string, name: string): boolean {
  return [name, name + SEALED].some((one) => lookAt(`${directory}/${one}`)?.isDirectory() === false);
}
