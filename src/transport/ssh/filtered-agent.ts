import type * as Ssh2 from "ssh2";

import { readSmallFile } from "../../base/small-file.ts";

const LARGEST_KEY = 64 * 1024;

/**
 * The agent behind a socket; with `only`, those of its keys whose public halves lie beside these private ones. A server
 * ends the conversation after some six keys, so that a full agent would never come to the right one.
 */
export function filteredAgent(
  ssh2: typeof Ssh2,
  socket: string,
  only: readonly string[] | undefined,
): AgentOfKeys {
  const agent = ssh2.createAgent(socket) as AgentOfKeys;
  if (only === undefined) return agent;
  const wanted = only.flatMap(publicKeyOf);
  const all = agent.getIdentities.bind(agent);
  agent.getIdentities = (give) =>
    all((error, keys) => {
      const mine = (keys as Ssh2.ParsedKey[] | undefined)?.filter((key) =>
        wanted.includes(key.getPublicSSH().toString("base64")),
      );
      give(error, mine);
    });
  return agent;
}

/** Agents behind sockets give their keys taken apart. */
type AgentOfKeys = Ssh2.BaseAgent<Ssh2.ParsedKey>;

function publicKeyOf(privateFile: string): readonly string[] {
  try {
    const [, key] = (readSmallFile(`${privateFile}.pub`, LARGEST_KEY)?.toString("latin1") ?? "").split(" ");
    return key === undefined ? [] : [key.trim()];
  } catch {
    // Without the public half nobody can tell which of the agent's keys it is; the private one is tried by itself.
    return [];
  }
}
