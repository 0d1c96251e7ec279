/**
 * Files of which each system or each device has a version of its own. In the repository they lie below `os/<system>/` and
 * `devices/<device>/`, else under the same names; of several a machine takes the most special one.
 */
import { lstatSync } from "node:fs";

import { systemCode } from "../base/errors.ts";
import { SEALED } from "./cipher.ts";
import { namedWithin } from "./named-by.ts";

export type Variants = {
  /**
   * The name of a file's copy for this machine, without the mark of encryption.
   * @param copy as it would be called without variants
   */
  readonly nameOf: (copy: string, file?: NamedFile) => string;
  /** The reverse, for a name without the mark of encryption; undefined: it is another machine's. */
  readonly copyOf: (name: string) => { readonly copy: string; readonly rank: number } | undefined;
};

type NamedFile = { readonly path: string; readonly app: string | undefined };

export type VariantsInput = {
  /** Of the managed repository. */
  readonly directory: string;
  readonly system: string;
  readonly device: string;
  /** Apps by their ids, and paths or patterns in the home. */
  readonly rules: { readonly os: readonly string[]; readonly device: readonly string[] };
  readonly home: string;
};

export function machineVariants({ directory, system, device, rules, home }: VariantsInput): Variants {
  const ofSystem = `os/${system}/`;
  const ofDevice = `devices/${device.replaceAll(/[^\w.-]+/g, "-")}/`;
  const isOfSystem = namedIn(rules.os, home);
  const isOfDevice = namedIn(rules.device, home);
  const exists = (name: string): boolean =>
    isThere(`${directory}/${name}`) || isThere(`${directory}/${name}${SEALED}`);
  return {
    // One that is there counts, whatever the config says: it is what this machine would restore.
    nameOf(copy, file) {
      if ((file !== undefined && isOfDevice(file)) || exists(ofDevice + copy)) return ofDevice + copy;
      if ((file !== undefined && isOfSystem(file)) || exists(ofSystem + copy)) return ofSystem + copy;
      return copy;
    },
    copyOf(name) {
      if (name.startsWith(ofDevice)) return { copy: name.slice(ofDevice.length), rank: 2 };
      if (name.startsWith(ofSystem)) return { copy: name.slice(ofSystem.length), rank: 1 };
      return /^(?:os|devices)\//.test(name) ? undefined : { copy: name, rank: 0 };
    },
  };
}

/** A word without a slash is an app. */
function namedIn(rules: readonly string[], home: string): (file: NamedFile) => boolean {
  if (rules.length === 0) return () => false;
  const apps = new Set(rules.filter((rule) => /^[a-z0-9-]+$/.test(rule)));
  const paths = rules
    .filter((rule) => !apps.has(rule))
    .map(
      (rule) => `/${rule.startsWith(`${home}/`) ? rule.slice(home.length + 1) : rule.replace(/^~?\//, "")}`,
    );
  // From the home's top, also without a slash in it.
  const isNamed = namedWithin(paths.map((path) => `x${path}`));
  return ({ path, app }) =>
    (app !== undefined && apps.has(app)) ||
    (path.startsWith(`${home}/`) && isNamed(`x/${path.slice(home.length + 1)}`));
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (["ENOTDIR", "ENAMETOOLONG"].includes(systemCode(error) ?? "")) return false;
    throw error;
  }
}
