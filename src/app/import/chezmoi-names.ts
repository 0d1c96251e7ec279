/** chezmoi's names of files in its source folder, and what they stand for. Pure. */

export type SourceFile =
  | {
      /** `modify`: a script that changes the target; `create`: content for a target that is not there yet. */
      readonly kind: "file" | "create" | "modify" | "symlink";
      readonly name: string;
      readonly encrypted: boolean;
      readonly template: boolean;
    }
  | { readonly kind: "remove"; readonly name: string }
  | { readonly kind: "script"; readonly name: string };

export type SourceFolder = {
  readonly name: string;
  /** What is in it is another repository's, or is deleted. */
  readonly external: boolean;
  readonly remove: boolean;
  /** Whatever else is in the target is deleted. */
  readonly exact: boolean;
};

/** The attributes of a file of each kind, in the only order in which chezmoi reads them. */
const OF_KINDS = {
  create: ["encrypted_", "private_", "readonly_", "empty_", "executable_"],
  modify: ["encrypted_", "private_", "readonly_", "executable_"],
  symlink: [],
  file: ["encrypted_", "private_", "readonly_", "empty_", "executable_"],
} as const;

/** @param encryptedSuffix what the name of an encrypted file ends with; undefined: one of the usual */
export function readFileName(sourceName: string, encryptedSuffix: string | undefined): SourceFile {
  if (sourceName.startsWith("run_")) {
    const { rest } = withoutPrefixes(sourceName, ["run_", ["once_", "onchange_"], ["before_", "after_"]]);
    return { kind: "script", name: withoutSuffixes(rest).name };
  }
  if (sourceName.startsWith("remove_")) {
    return { kind: "remove", name: withoutDot(sourceName.slice("remove_".length)) };
  }
  const kind =
    (["create", "modify", "symlink"] as const).find((one) => sourceName.startsWith(`${one}_`)) ?? "file";
  const plain = kind === "file" ? sourceName : sourceName.slice(kind.length + 1);
  const { rest, found } = withoutPrefixes(plain, OF_KINDS[kind]);
  const encrypted = found.includes("encrypted_");
  const decrypted = encrypted ? withoutEncryptedSuffix(rest, encryptedSuffix) : rest;
  return { kind, encrypted, ...withoutSuffixes(withoutDot(decrypted)) };
}

export function readFolderName(sourceName: string): SourceFolder {
  const order = ["remove_", "external_", "exact_", "private_", "readonly_"];
  const { rest, found } = withoutPrefixes(sourceName, order);
  return {
    name: withoutDot(rest),
    external: found.includes("external_"),
    remove: found.includes("remove_"),
    exact: found.includes("exact_"),
  };
}

function withoutPrefixes(
  name: string,
  order: readonly (string | readonly string[])[],
): { readonly rest: string; readonly found: readonly string[] } {
  const found: string[] = [];
  let rest = name;
  for (const one of order) {
    const prefix = [one].flat().find((each) => rest.startsWith(each));
    if (prefix === undefined) continue;
    found.push(prefix);
    rest = rest.slice(prefix.length);
  }
  return { rest, found };
}

/** `literal_` ends the attributes: what comes behind it is the name. */
function withoutDot(name: string): string {
  if (name.startsWith("dot_")) return `.${name.slice("dot_".length)}`;
  return name.startsWith("literal_") ? name.slice("literal_".length) : name;
}

function withoutEncryptedSuffix(name: string, suffix: string | undefined): string {
  const known = suffix === undefined ? [".age", ".asc"] : [suffix];
  const found = known.find((one) => one !== "" && name.endsWith(one));
  return found === undefined ? name : name.slice(0, -found.length);
}

function withoutSuffixes(name: string): { readonly name: string; readonly template: boolean } {
  if (name.endsWith(".literal")) return { name: name.slice(0, -".literal".length), template: false };
  if (!name.endsWith(".tmpl")) return { name, template: false };
  const plain = name.slice(0, -".tmpl".length);
  return { name: plain.endsWith(".literal") ? plain.slice(0, -".literal".length) : plain, template: true };
}
