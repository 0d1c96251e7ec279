/**
 * Takes what may be a secret out of a remote's URL, for messages, history and the repository's own config: user
 * and password of http(s), the password of ssh, query and fragment. Paths and `git@host:path` come back unchanged.
 */
export function redactUrl(url: string): string {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#]*)@)?([^?#]*)/i.exec(url);
  if (match === null) return url;
  const [, scheme = "", user, rest = ""] = match;
  if (scheme.toLowerCase() === "file") return url;
  const keptUser = /^ssh$|^git\+ssh$/i.test(scheme) && user !== undefined ? `${user.split(":")[0]}@` : "";
  return `${scheme}://${keptUser}${rest}`;
}
