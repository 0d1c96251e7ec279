/** The file that `lull init` writes: short, commented, valid. */
export function starterConfig(device: string): string {
  return `# lull keeps the folders below in sync with git remotes.
# \`lull config check\` finds mistakes, \`lull config schema\` helps your editor.
version: 1

# This machine's name in commit messages and conflict copies.
device: ${JSON.stringify(device)}

# When sources are due: every 6h, daily at 02:00, weekly on mon,thu at 09:00, manual,
# or cron, which needs quotes: "*/30 9-18 * * 1-5". Here and below each source can stand as well:
#   watch: true        also when files change
#   when: { network: unmetered, power: "battery >= 30%", idle: 5m, max_defer: 12h }
# \`lull schedule\` shows the next times, \`lull daemon run\` what happens and why it waits.
defaults:
  schedule: every 6h

# Take in a folder with \`lull add <folder>\`, which makes it a repository if need be;
# a folder that is one already can be written by hand:
#   notes:
#     repo: ~/notes
#     remote: https://github.com/me/notes.git
sources: {}
`;
}
