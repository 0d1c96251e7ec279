/** A home with files in it, and a managed repository's folder beside it, for tests. */
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Gather } from "../../src/settings/gather.ts";
import { gatherSource, type GatherSourceInput } from "../../src/settings/gather-source.ts";
import { ownFiles } from "../../src/settings/own-files.ts";
import { machineVariants } from "../../src/settings/variants.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

export type GatherHome = {
  readonly home: string;
  readonly managed: string;
  write(path: string, content: string, mode?: number): void;
  link(path: string, target: string): void;
  remove(path: string): void;
  copy(path: string): string;
  gather(files: readonly (string | { path: string; encrypt: boolean })[], more?: More): Promise<Gather>;
};

type More = Partial<GatherSourceInput> & { readonly exclude?: readonly string[] };

export function gatherHome(): GatherHome {
  const root = temporaryDirectory();
  const home = join(root, "home");
  const managed = join(root, "managed");
  mkdirSync(home);
  mkdirSync(join(managed, ".git"), { recursive: true });
  let written = 0;
  const inside = (path: string): string => join(home, path);
  return {
    home,
    managed,
    write(path, content, mode = 0o644) {
      mkdirSync(dirname(inside(path)), { recursive: true });
      rmSync(inside(path), { force: true });
      writeFileSync(inside(path), content);
      chmodSync(inside(path), mode);
      const seconds = 1_600_000_000 + ++written;
      utimesSync(inside(path), seconds, seconds);
    },
    link(path, target) {
      mkdirSync(dirname(inside(path)), { recursive: true });
      symlinkSync(target, inside(path));
    },
    remove: (path) => rmSync(inside(path), { recursive: true }),
    copy: (path) => readFileSync(join(managed, path), "utf8"),
    gather: (files, { exclude = [], ...more } = {}) =>
      gatherSource({
        selections: ownFiles({
          files: files.map((file) => (typeof file === "string" ? { path: file, encrypt: false } : file)),
          exclude,
          home,
        }),
        place: { directory: managed, gitDirectory: join(managed, ".git"), openSync: () => undefined },
        never: [],
        home,
        cipher: undefined,
        variants: machineVariants({
          directory: managed,
          system: "linux",
          device: "laptop",
          rules: { os: [], device: [] },
          home,
        }),
        syncDeletions: true,
        both: () => "home",
        besideName: (name) => `${name}.conflict`,
        homeFollows: false,
        isCommitted: () => true,
        largest: 95_000_000,
        hasModes: true,
        dryRun: false,
        clock: fakeClock(4_000_000_000_000),
        signal: new AbortController().signal,
        ...more,
      }),
  };
}
