/**
 * What a repository's own config may say of ssh. Others can have written it (a copy, a stick, a share), so that it must
 * not be able to start a program or to weaken the check of the server: it may choose a key, and little else.
 */

const FLAGS = /^-[46aCqTvx]+$/;

const VALUED = ["-i", "-l", "-p"];

/** In lower case. */
const KEYWORDS: ReadonlySet<string> = new Set([
  "addressfamily",
  "batchmode",
  "certificatefile",
  "compression",
  "connecttimeout",
  "connectionattempts",
  "identitiesonly",
  "identityagent",
  "identityfile",
  "loglevel",
  "port",
  "preferredauthentications",
  "serveralivecountmax",
  "serveraliveinterval",
  "tcpkeepalive",
  "user",
]);

/** @returns the name of the first thing that is more than harmless, for messages; undefined: all of it is */
export function harmfulOption([program, ...args]: readonly string[]): string | undefined {
  if (program !== "ssh") return "a program other than `ssh`";
  const words = [...args];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (FLAGS.test(word)) continue;
    const option = word.slice(0, 2);
    if (!VALUED.includes(option) && option !== "-o" && option !== "-F") return shown(word);
    const value = word.length > 2 ? word.slice(2) : (words.shift() ?? "");
    // A file of settings can start programs; none at all can not.
    const isHarmless =
      option === "-o"
        ? isHarmlessSetting(value)
        : option === "-F"
          ? ["/dev/null", "none"].includes(value)
          : !isNetworkPath(value);
    if (!isHarmless) return option === "-o" ? `-o ${shown(value)}` : option;
  }
  return undefined;
}

function isHarmlessSetting(text: string): boolean {
  const [, keyword = "", value = ""] = /^\s*([A-Za-z]+)\s*[=\s]\s*(.*)$/.exec(text) ?? [];
  if (keyword.toLowerCase() === "stricthostkeychecking") return /^(?:yes|ask|true)$/i.test(value.trim());
  return KEYWORDS.has(keyword.toLowerCase()) && !isNetworkPath(value.replace(/^"/, ""));
}

/** Windows tells a server who is logged in when a file is opened there. */
function isNetworkPath(value: string): boolean {
  return /^[\\/]{2}/.test(value);
}

/** A value may be a secret. */
function shown(word: string): string {
  return /^-{0,2}[A-Za-z0-9]+/.exec(word)?.[0] ?? "a word that is no option";
}
