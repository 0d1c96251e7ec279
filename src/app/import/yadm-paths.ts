/** What the paths are that yadm keeps in its repository. Pure. */

export type YadmPath =
  | { readonly kind: "file" }
  /** One of several versions of a file, e.g. `.bashrc##os.Linux`. */
  | { readonly kind: "alternate"; readonly target: string }
  | { readonly kind: "template"; readonly target: string }
  /** Settings of yadm, its archive. */
  | { readonly kind: "own" }
  /** What yadm runs: bootstrap, hooks. */
  | { readonly kind: "script" };

const ALTERNATES = /^\.config\/yadm\/alt\//;
const FOLDERS = /^(?:\.config\/yadm|\.yadm|\.local\/share\/yadm)\//;
const SCRIPTS = /^(?:bootstrap(?:\.d)?|hooks)(?:$|[/#])/;

export function readYadmPath(path: string): YadmPath {
  const plain = path.replace(ALTERNATES, "");
  const own = FOLDERS.exec(plain)?.[0];
  if (own !== undefined) return { kind: SCRIPTS.test(plain.slice(own.length)) ? "script" : "own" };
  const names = plain.split("/");
  const versioned = names.findIndex((name) => name.includes("##"));
  if (versioned < 0) return { kind: plain === path ? "file" : "own" };
  const [name, conditions] = splitAt(names[versioned] ?? "");
  const target = [...names.slice(0, versioned), name].join("/");
  return { kind: isTemplate(conditions) ? "template" : "alternate", target };
}

function splitAt(name: string): readonly [string, string] {
  const at = name.indexOf("##");
  return [name.slice(0, at), name.slice(at + 2)];
}

/** `template`, `t` and, in version 1, `yadm.j2`. */
function isTemplate(conditions: string): boolean {
  return conditions.split(",").some((one) => /^(?:template|t|yadm)(?:\.|$)/.test(one));
}

/** The patterns of `~/.config/yadm/encrypt`. */
export function readEncryptPatterns(text: string): {
  readonly patterns: readonly string[];
  readonly exceptions: readonly string[];
} {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  return {
    patterns: lines.filter((line) => !line.startsWith("!")).map((line) => line.replace(/\/+$/, "")),
    exceptions: lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1)),
  };
}

/**
 * The patterns of `.gitattributes` whose files git encrypts on their way into the repository: in the home they lie in
 * clear.
 */
export function encryptedByFilter(attributes: string): readonly string[] {
  return attributes.split(/\r?\n/).flatMap((line) => {
    const [pattern = "", ...settings] = line.trim().split(/\s+/);
    const isEncrypted = settings.some((one) => /^filter=(?:git-crypt|crypt|transcrypt)/.test(one));
    if (!isEncrypted || pattern.startsWith("#")) return [];
    // Without a slash it is about names in any folder.
    const plain = pattern.replace(/^\//, "");
    return [plain.includes("/") || pattern.startsWith("/") ? plain : `**/${plain}`];
  });
}
