import { redactUrl } from "../../base/redact-url.ts";
import type { NewSource } from "../deps.ts";
import type { Findings, ImportInput, Remark } from "./import.ts";

type Drawn = { readonly findings: Findings; readonly sources: readonly NewSource[] };

/** What is left to the person with the new sources themselves. */
export function furtherSteps(input: ImportInput, { findings, sources }: Drawn): readonly Remark[] {
  const texts = sources.flatMap(({ name, entry }) => {
    const set = `lull config set sources.${name}`;
    const isKeptHere = entry["remote"] === undefined;
    if (entry["settings"] === undefined) {
      return isKeptHere
        ? [`"${name}" is committed on this machine only; to send it, too: ${set}.remote URL`]
        : [];
    }
    const notTheirs = findings.foreignRemotes.length === 0 ? "" : ` (not that of ${input.tool})`;
    return [
      ...(isKeptHere
        ? [
            `until it has a remote, "${name}" is kept on this machine only: make a new, empty repository${notTheirs}, then ${set}.remote URL`,
          ]
        : []),
      ...loginStep(input.remote, name),
      ...(encryptedFiles(entry).length > 0
        ? ["encrypted files need a key of this device: lull secret init"]
        : []),
      `"${name}" goes from this machine to the repository; to take in what other devices change, too: ${set}.mode two-way`,
    ];
  });
  const secrets = encryptedByName(findings, sources);
  return [
    ...(secrets.length === 0 ? [] : [{ text: BY_NAME, names: secrets }]),
    ...texts.map((text) => ({ text, names: [] })),
  ];
}

const BY_NAME =
  "kept encrypted, as their names say that they hold keys or logins; take `encrypt` out of the config where that is not so";

/** The files that the other tool kept in clear. */
function encryptedByName({ settings }: Findings, sources: readonly NewSource[]): readonly string[] {
  const plain = new Set(settings?.files.flatMap(({ path, encrypt }) => (encrypt ? [] : [path])));
  return sources.flatMap(({ entry }) => encryptedFiles(entry)).filter((path) => plain.has(path));
}

/** A password in an address is not written down. */
function loginStep(remote: string | undefined, name: string): readonly string[] {
  if (remote === undefined || redactUrl(remote) === remote) return [];
  return [
    `the login in the remote's address is not written into the config; keep it with lull auth login ${name}`,
  ];
}

function encryptedFiles(entry: NewSource["entry"]): readonly string[] {
  const files: unknown = entry["files"];
  if (!Array.isArray(files)) return [];
  return files.flatMap((file: string | { readonly path: string }) =>
    typeof file === "string" ? [] : [file.path],
  );
}
