/** Words as systemd reads them back: systemd.syntax(7) "Quoting", systemd.unit(5) "Specifiers". Pure. */
import { assertFit } from "./service-text.ts";

/**
 * The value of `ExecStart=`. A `$` would be a variable; the prefix `:` switches that off, but needs systemd 244 (RHEL 8
 * has 239), so it stands there only where there is one.
 * @throws LullError `BAD_SERVICE_TEXT`
 */
export function systemdCommand(command: readonly string[]): string {
  const words = UNSAFE_PROGRAM.test(command[0] ?? "") ? [...BY_SHELL, ...command] : command;
  const prefix = words.some((word) => word.includes("$")) ? ":" : "";
  return prefix + words.map(systemdWord).join(" ");
}

/** However it is quoted, systemd takes no program with one of these in its path: `string_is_safe` in its sources. */
const UNSAFE_PROGRAM = /["'\\\t]/;
/** The shell becomes the program, with the same process id. */
const BY_SHELL = ["/bin/sh", "-c", 'exec "$0" "$@"'];

/** One word of a command line or of `Environment=`, quoted where it has to be; `%` is doubled. */
export function systemdWord(word: string): string {
  assertFit(word, "a path or value");
  const doubled = word.replaceAll("%", "%%");
  if (/^[\w./:=@+,%-]+$/.test(doubled)) return doubled;
  return `"${doubled.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll("\t", String.raw`\t`)}"`;
}
