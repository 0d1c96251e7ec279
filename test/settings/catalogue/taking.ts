import type { AppPlace } from "../../../src/config/app-definition.ts";
import { copyNameOf } from "../../../src/settings/copy-name.ts";
import { covering } from "../../../src/settings/covers.ts";
import { namedWithin } from "../../../src/settings/named-by.ts";

/** What becomes of a file when its app is gathered. */
export type Taking = "plain" | "encrypted" | undefined;

/** In the words that gathering itself goes by; paths are relative to the place and `/`-separated. */
export function takingOf({ files, exclude, encrypt }: AppPlace): (path: string) => Taking {
  const all = [...files, ...encrypt];
  const isCovered = covering([{ app: "app", root: "", folder: "app", files: all, exclude, encrypt }]);
  const isEncrypted = namedWithin(encrypt);
  return (path) => {
    if (!isCovered(`app/${copyNameOf(path)}`)) return undefined;
    return isEncrypted(path) ? "encrypted" : "plain";
  };
}
