/** The remotes in a repository's config. */
import { LullError } from "../../base/errors.ts";
import { isRefName } from "../refs/ref-name.ts";
import { editConfig } from "./edit-config.ts";
import type { GitConfig } from "./git-config.ts";

export type ConfiguredRemote = { readonly name: string; readonly url: string };

/** Every remote that has a URL, by its first one, which is where git fetches from. No `insteadOf` is applied. */
export function readRemotes(config: GitConfig): readonly ConfiguredRemote[] {
  return config.subsections("remote").flatMap((name) => {
    const [url] = config.getAll(`remote.${name}.url`);
    return url === undefined || url === "" ? [] : [{ name, url }];
  });
}

/**
 * Sets a remote's URL, and its fetch refspec if it has none.
 * @throws LullError `REMOTE_NAME_INVALID` (kind `usage`), and what `editConfig` throws
 */
export function setRemote(gitDirectory: string, config: GitConfig, { name, url }: ConfiguredRemote): void {
  if (!isRefName(`refs/remotes/${name}/main`) || /[\n\r\0]/.test(url)) {
    throw new LullError({
      kind: "usage",
      code: "REMOTE_NAME_INVALID",
      message: `${JSON.stringify(name)} = ${JSON.stringify(url)} cannot be a remote`,
      hint: "a remote's name follows the rules of branch names; its URL is one line",
    });
  }
  const changes = [{ key: `remote.${name}.url`, value: url }];
  if (config.getAll(`remote.${name}.fetch`).length === 0) {
    changes.push({ key: `remote.${name}.fetch`, value: `+refs/heads/*:refs/remotes/${name}/*` });
  }
  editConfig(gitDirectory, changes);
}
