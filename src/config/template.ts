/** The file that `lull init` writes: short, commented, valid. */
export function starterConfig(device: string): string {
  return `# lull keeps the folders below in sync with git remotes.
# \`lull config check\` finds mistakes, \`lull config schema\` helps your editor.
version: 1

# This machine's name in commit messages and conflict copies.
device: ${JSON.stringify(device)}

# Take in a folder with \`lull add <folder>\`, which makes it a repository if need be;
# a folder that is one already can be written by hand:
#   notes:
#     repo: ~/notes
#     remote: https://github.com/me/notes.git
sources: {}
`;
}
