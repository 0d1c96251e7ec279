/** Words as systemd reads them back: systemd.syntax(7) "Quoting", systemd.unit(5) "Specifiers". Pure. */
import { assertFit } from "./service-text.ts";

/**
 * The value of `ExecStart=`. A `$` would be a variable; the prefix `:` switches that off, but needs systemd 244 (RHEL 8
 * has 239), so it stands there only where there is one.
 * @throws LullError `BAD_SERVICE_TEXT`
 */
export function systemdCommand(command: readonly string[]): string {
  const prefix = command.some((word) => word.includes("$")) ? ":" : "";
  return prefix + command.map(systemdWord).join(" ");
}

/** One word of a command line or of `Environment=`, quoted where it has to be; `%` is doubled. */
export function systemdWord(word: string): string {
  assertFit(word, "a path or value");
  const doubled = word.replaceAll("%", "%%");
  if (/^[\w./:=@+,%-]+$/.test(doubled)) return doubled;
  return `"${doubled.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll("\t", String.raw`\t`)}"`;
}
