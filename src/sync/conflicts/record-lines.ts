/** How the lines that travel at the end of a commit message are written and read. Pure. */
import type { RepoPath } from "../../git/model.ts";

/** What follows a head such as `Lull-Conflict: `, of each line that has it. */
export function linesOf(lines: readonly string[], head: string): readonly string[] {
  return lines.filter((line) => line.startsWith(head)).map((line) => line.slice(head.length));
}

export function fieldsOf(line: string): ReadonlyMap<string, string> {
  return new Map(
    line.split(" ").map((part) => {
      const equals = part.indexOf("=");
      return [part.slice(0, equals), part.slice(equals + 1)];
    }),
  );
}

/** Everything but plain characters as `%XX`, one for each byte, so that spaces and line breaks can not forge a field. */
export function encodePath(path: RepoPath): string {
  return path.replaceAll(/[^A-Za-z0-9._/~+@,-]/g, (byte) => {
    return `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}

/** Undefined for what can be no path of a repository. */
export function decodePath(text: string | undefined): RepoPath | undefined {
  if (text === undefined || text === "") return undefined;
  const path = text.replaceAll(/%([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const names = path.split("/");
  const isPath = !path.includes("\0") && !names.some((name) => name === "" || name === "." || name === "..");
  return isPath ? path : undefined;
}

export function encode(text: string): string {
  return encodePath(Buffer.from(text, "utf8").toString("latin1"));
}

export function decode(text: string): string | undefined {
  const path = decodePath(text.replaceAll("/", "%2f"));
  return path === undefined ? undefined : Buffer.from(path, "latin1").toString("utf8");
}
