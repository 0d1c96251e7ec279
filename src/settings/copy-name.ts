/**
 * Under which name a file lies in the repository. `.gitignore`, `.gitattributes` and `.gitmodules` of the home would say
 * something of the repository itself (and keep files out of it), and what ends in `.age` is what lull encrypted: such
 * files of the person's get another ending there.
 */

const TAKEN = /^(?:\.git(?:ignore|attributes|modules)|.*\.age)(?:\.kept)*$/i;
const ENDING = ".kept";

/** @param path relative, `/`-separated */
export function copyNameOf(path: string): string {
  // Most are neither: a look at the end costs less than the pattern.
  if (!/(?:age|kept|ignore|attributes|modules)$/i.test(path)) return path;
  const slash = path.lastIndexOf("/");
  return TAKEN.test(path.slice(slash + 1)) ? path + ENDING : path;
}

/** The reverse of `copyNameOf`. */
export function ownNameOf(copy: string): string {
  const plain = copy.slice(0, -ENDING.length);
  return copy.endsWith(ENDING) && TAKEN.test(plain.slice(plain.lastIndexOf("/") + 1)) ? plain : copy;
}
