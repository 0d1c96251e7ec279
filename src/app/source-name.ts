import { LullError } from "../base/errors.ts";

export type NameTaken = { readonly name: string };

/**
 * The name of a new source: the one that was given, or one made of a folder's name that nobody has yet.
 * @throws LullError `NAME_TAKEN` (kind `usage`) for a given one
 */
export function chooseName(wanted: string, given: boolean, existing: readonly NameTaken[]): string {
  const plain = given ? wanted : plainName(wanted);
  const taken = (name: string): boolean => existing.some((source) => source.name === name);
  if (!taken(plain)) return plain;
  if (given) {
    throw new LullError({
      kind: "usage",
      code: "NAME_TAKEN",
      message: `there is already a source named "${plain}"`,
      hint: "choose another name with --name; `lull list` shows all of them",
    });
  }
  for (let number = 2; ; number++) if (!taken(`${plain}-${number}`)) return `${plain}-${number}`;
}

/** The folder's name in the letters that a source's name may have: `Notizen für Ute` → `Notizen-fur-Ute`. */
function plainName(text: string): string {
  const plain = text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .slice(0, LONGEST_NAME)
    .replace(/^[^A-Za-z0-9]+/, "")
    .replace(/[^A-Za-z0-9]+$/, "");
  return plain === "" ? "source" : plain;
}

/** The config takes 64; the rest is for `-2`. */
const LONGEST_NAME = 60;
