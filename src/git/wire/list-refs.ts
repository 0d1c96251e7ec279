/** Asks a remote for its branches and tags. */
import type { Connection } from "../../transport/transport.ts";
import { readAdvertisement } from "./advertisement.ts";
import type { Capabilities } from "./capabilities.ts";
import { AGENT } from "./capabilities.ts";
import { isToBeAskedAgain } from "./known-server.ts";
import { DELIMITER, FLUSH, packet, PacketReader } from "./pkt-line.ts";
import { RefCollector } from "./ref-collector.ts";
import type { RefList } from "./ref-collector.ts";

export type Listing = {
  /** How to go on: a fetch must speak the version that the list was read in. */
  readonly version: 0 | 1 | 2;
  readonly capabilities: Capabilities;
  readonly list: RefList;
};

/** Refs under other names (pull requests, notes) can be a hundred times as many. */
const PREFIXES: readonly string[] = ["refs/heads/", "refs/tags/", "HEAD"];

/**
 * One request where the connection remembers what the server can do, else two.
 * @throws LullError as `readAdvertisement`
 */
export async function listRefs(connection: Connection, prefixes = PREFIXES): Promise<Listing> {
  const { memory, remote } = connection;
  if (memory?.capabilities !== undefined) {
    const listing = await listFromMemory(connection, memory.capabilities, prefixes);
    if (listing !== undefined) return listing;
    memory.capabilities = undefined;
  }
  const advertisement = await readAdvertisement(await connection.advertise("git-upload-pack", 2), remote);
  if (advertisement.version !== 2) return advertisement;
  const listing = await askForRefs(connection, advertisement.capabilities, prefixes);
  // A redirect may have taken the memory away.
  if (connection.memory !== undefined) connection.memory.capabilities = advertisement.capabilities;
  return listing;
}

async function listFromMemory(
  connection: Connection,
  capabilities: Capabilities,
  prefixes: readonly string[],
): Promise<Listing | undefined> {
  try {
    return await askForRefs(connection, capabilities, prefixes);
  } catch (error) {
    if (isToBeAskedAgain(error)) return undefined;
    throw error;
  }
}

async function askForRefs(
  connection: Connection,
  capabilities: Capabilities,
  prefixes: readonly string[],
): Promise<Listing> {
  const { remote } = connection;
  const answer = await connection.exchange("git-upload-pack", lsRefsRequest(capabilities, prefixes));
  return { version: 2, capabilities, list: await readLsRefs(new PacketReader(answer, remote), remote) };
}

async function* lsRefsRequest(
  capabilities: Capabilities,
  prefixes: readonly string[],
): AsyncGenerator<Uint8Array> {
  const unborn = capabilities.get("ls-refs")?.split(" ").includes("unborn") === true;
  yield Buffer.concat([
    ...commandHeader("ls-refs", capabilities),
    packet("peel\n"),
    packet("symrefs\n"),
    ...(unborn ? [packet("unborn\n")] : []),
    ...prefixes.map((prefix) => packet(`ref-prefix ${prefix}\n`)),
    FLUSH,
  ]);
}

/** The beginning of every version 2 request, up to its arguments. */
export function commandHeader(command: string, capabilities: Capabilities): Uint8Array[] {
  return [
    packet(`command=${command}\n`),
    ...(capabilities.has("agent") ? [packet(`agent=${AGENT}\n`)] : []),
    ...(capabilities.has("object-format") ? [packet("object-format=sha1\n")] : []),
    DELIMITER,
  ];
}

async function readLsRefs(reader: PacketReader, remote: string): Promise<RefList> {
  const collector = new RefCollector(remote);
  try {
    for (;;) {
      const next = await reader.need();
      if (next.kind === "flush") return collector.finish();
      if (next.kind !== "data") throw reader.malformed(`a ${next.kind} packet amid the refs`);
      const line = Buffer.from(next.bytes).toString("latin1").trimEnd();
      const [oid = "", name = "", ...attributes] = line.split(" ");
      const known = /^[0-9a-f]{40}$/.test(oid);
      if (name === "" || (!known && oid !== "unborn"))
        throw reader.malformed(`"${line.slice(0, 80)}" is no ref`);
      if (known) collector.add(name, oid);
      for (const attribute of attributes) {
        if (name === "HEAD" && attribute.startsWith("symref-target:")) collector.setHead(attribute.slice(14));
        const peeled = /^peeled:([0-9a-f]{40})$/.exec(attribute)?.[1];
        if (peeled !== undefined) collector.addPeeled(name, peeled);
      }
    }
  } finally {
    await reader.close();
  }
}
