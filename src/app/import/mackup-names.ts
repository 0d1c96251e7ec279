/** What mackup calls an app, and what lull's catalogue does. Pure. */

/** Only where no rule leads from the one to the other; without the version at the end. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  awscli: "aws",
  "github-cli": "gh",
  "google-cloud-sdk": "gcloud",
  gpg: "gnupg",
  intellijidea: "intellij-idea",
  jj: "jujutsu",
  karabiner: "karabiner-elements",
  lein: "leiningen",
  nvim: "neovim",
  obs: "obs-studio",
  terminal: "macos-terminal",
  textedit: "macos-text-edit",
  "visual-studio-code": "vscode",
};

/** The ids to look for in the catalogue, the likeliest first: `sublime-text-3` is `sublime-text` there. */
export function catalogueNames(name: string): readonly string[] {
  const plain = plainId(name);
  const withoutVersion = plain.replace(/-?\d+(?:-\d+)*$/, "");
  const candidates = [plain, OTHER_NAMES[plain], withoutVersion, OTHER_NAMES[withoutVersion]];
  return [...new Set(candidates)].filter((id): id is string => id !== undefined && id !== "");
}

/** The name in the letters that an app's id may have. */
export function plainId(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
}
