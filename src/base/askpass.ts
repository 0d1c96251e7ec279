/** How a program that lull has started asks lull for a passphrase: the words that both ends of it know. */

/**
 * Set only for such a program: JSON of the key files about which it may ask, or, for one that signs and asks without
 * naming the file, of `{ "signing": file }`.
 */
export const ASKPASS_VARIABLE = "LULL_ASKPASS";

/** The command line as it is meant: a program that asks starts lull with its question as the only argument. */
export function askpassArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return (env[ASKPASS_VARIABLE] ?? "") === "" ? args : ["secret", "askpass", "--", args.join(" ")];
}
