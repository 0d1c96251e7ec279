/** Draws the entries of the config from what was found, as far as the config does not have them yet. */
import { basename } from "node:path";

import { LullError } from "../../base/errors.ts";
import { redactUrl } from "../../base/redact-url.ts";
import type { Source } from "../../config/config.ts";
import { hasSecretName } from "../../settings/private-key.ts";
import type { Deps, NewSource } from "../deps.ts";
import { refuseInvalidSources } from "../refuse-invalid-sources.ts";
import { chooseName } from "../source-name.ts";
import { localPathOrUrl, shortPath } from "../user-path.ts";
import { folderOwners, isSameRemote, notYetGathered, ownerOf } from "./already-there.ts";
import type { Findings, ImportInput, Remark, Tool, WantedSettings } from "./import.ts";

export type Draft = {
  readonly input: ImportInput;
  readonly findings: Findings;
  readonly existing: readonly Source[];
};

export type Drawn = {
  readonly sources: readonly NewSource[];
  readonly alreadyThere: readonly string[];
  readonly leftOut: readonly Remark[];
};

/** @throws LullError `FOREIGN_REMOTE`, `NAME_TAKEN`, `BAD_SOURCE` (kind `usage`) */
export async function drawSources(deps: Deps, draft: Draft): Promise<Drawn> {
  const { findings, existing, input } = draft;
  const wanted = findings.settings;
  const missing = wanted === undefined ? undefined : notYetGathered(wanted, existing, deps.home);
  const settings = settingsSource(deps, draft, missing);
  const repositories = await repositorySources(deps, draft, settings === undefined ? [] : [settings]);
  const all = [...(settings === undefined ? [] : [settings]), ...repositories.sources];
  const scheduled = all.map(({ name, entry }) => ({
    name,
    entry: input.schedule === undefined ? entry : { ...entry, schedule: input.schedule },
  }));
  await refuseInvalidSources(deps, scheduled);
  const gathered = sizeOf(wanted) - sizeOf(missing);
  return {
    sources: scheduled,
    alreadyThere: [
      ...(gathered === 0 ? [] : [`apps and files that a source gathers already: ${gathered}`]),
      ...repositories.alreadyThere,
    ],
    leftOut: repositories.leftOut,
  };
}

function sizeOf(settings: WantedSettings | undefined): number {
  return (settings?.apps.length ?? 0) + (settings?.files.length ?? 0);
}

function settingsSource(
  deps: Deps,
  { input, findings, existing }: Draft,
  missing: WantedSettings | undefined,
): NewSource | undefined {
  if (missing === undefined || sizeOf(missing) === 0) return undefined;
  // A password in the address is not written down; `further-steps.ts` says where it belongs.
  const remote = input.remote === undefined ? undefined : redactUrl(localPathOrUrl(input.remote, deps));
  if (remote !== undefined) refuseForeign(input.tool, remote, findings.foreignRemotes);
  const files = missing.files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    // The other tool kept it as it is, perhaps in a private place; what lull keeps may be pushed anywhere.
    .map(({ path, encrypt }) => (encrypt || hasSecretName(path) ? { path, encrypt: true } : path));
  return {
    name: chooseName(input.name ?? "settings", input.name !== undefined, existing),
    entry: {
      settings: {},
      ...(remote === undefined ? {} : { remote: shortPath(remote, deps.home) }),
      ...(missing.apps.length === 0 ? {} : { apps: missing.apps }),
      ...(files.length === 0 ? {} : { files }),
    },
  };
}

/** What is laid out for another tool must stay so: the person may go back to it. */
function refuseForeign(tool: Tool, remote: string, foreign: readonly string[]): void {
  if (!foreign.some((one) => isSameRemote(one, remote))) return;
  throw new LullError({
    kind: "usage",
    code: "FOREIGN_REMOTE",
    message: `${remote} is the repository of ${tool}, where files lie in another way than lull keeps them`,
    hint: "make a new, empty repository at your host and name it with --remote; or leave --remote out and name one later",
  });
}

async function repositorySources(
  deps: Deps,
  { findings, existing }: Draft,
  before: readonly NewSource[],
): Promise<Pick<Drawn, "sources" | "alreadyThere" | "leftOut">> {
  const sources: NewSource[] = [];
  const alreadyThere: string[] = [];
  const leftOut: Remark[] = [];
  const owners = [...folderOwners(existing)];
  for (const { directory, entry } of findings.repositories) {
    const folder = shortPath(directory, deps.home);
    const owner = ownerOf(directory, owners);
    if (owner?.directory === directory) alreadyThere.push(`${folder} is the source "${owner.name}"`);
    else if (owner !== undefined) {
      const text = `${folder}: it shares files with the source "${owner.name}" (${shortPath(owner.directory, deps.home)}), and each file belongs to one source`;
      leftOut.push({ text, names: [] });
    } else {
      const name = chooseName(basename(directory), false, [...existing, ...before, ...sources]);
      const source = { name, entry: { repo: folder, ...entry } };
      const problem = await problemOf(deps, source);
      if (problem === undefined) {
        sources.push(source);
        owners.push({ name, directory });
      } else leftOut.push({ text: `${folder}: ${problem}`, names: [] });
    }
  }
  return { sources, alreadyThere, leftOut };
}

/** One that the config refuses must not keep the others back. */
async function problemOf(deps: Deps, source: NewSource): Promise<string | undefined> {
  try {
    await refuseInvalidSources(deps, [source]);
    return undefined;
  } catch (error) {
    if (error instanceof LullError && error.code === "BAD_SOURCE") return error.message;
    throw error;
  }
}
