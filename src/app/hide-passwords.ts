/** Puts `***` in place of user and password of every http(s) address in a text. Pure. */
export function hidePasswords(text: string): string {
  return text.replaceAll(/(https?:\/\/)[^\s"'/]+@/gi, "$1***@");
}

/** The same for every text inside a value of the config. */
export function hidePasswordsIn<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(hidePasswords(JSON.stringify(value))) as T);
}
