/** What a server says first: its capabilities and, before version 2, all its refs. */
import { transportError } from "../../transport/transport-error.ts";
import type { ByteStream } from "../../transport/transport.ts";
import type { Oid } from "../model.ts";
import { ZERO_OID } from "../model.ts";
import type { Capabilities } from "./capabilities.ts";
import { parseCapabilities, requireSha1 } from "./capabilities.ts";
import { PacketReader } from "./pkt-line.ts";
import { RefCollector } from "./ref-collector.ts";
import type { RefList } from "./ref-collector.ts";

export type Advertisement =
  | { readonly version: 0 | 1; readonly capabilities: Capabilities; readonly list: RefList }
  | { readonly version: 2; readonly capabilities: Capabilities };

/**
 * Reads to the final flush.
 * @throws LullError `TRUNCATED` without that flush (a list that breaks off must never pass for a smaller remote);
 *   `UNSUPPORTED` for another protocol version, SHA-256 or too many refs; `REMOTE_ERROR`
 */
export async function readAdvertisement(stream: ByteStream, remote: string): Promise<Advertisement> {
  const reader = new PacketReader(stream, remote);
  try {
    let line = await reader.line();
    const version = /^version (\d+)$/.exec(line ?? "")?.[1];
    if (version === "2") return await readCapabilities(reader, remote);
    if (version !== undefined && version !== "1") {
      throw transportError({
        code: "UNSUPPORTED",
        message: `${remote} speaks version ${version} of git's protocol`,
      });
    }
    if (version === "1") line = await reader.line();
    return await readRefs(reader, { first: line, version: version === "1" ? 1 : 0, remote });
  } finally {
    await reader.close();
  }
}

async function readCapabilities(reader: PacketReader, remote: string): Promise<Advertisement> {
  const lines: string[] = [];
  for (let line = await reader.line(); line !== undefined; line = await reader.line()) {
    lines.push(line);
    if (lines.length > 1000) throw reader.malformed("it lists more than 1,000 capabilities");
  }
  const capabilities = parseCapabilities(lines);
  requireSha1(capabilities, remote);
  return { version: 2, capabilities };
}

type FirstLine = {
  readonly first: string | undefined;
  readonly version: 0 | 1;
  readonly remote: string;
};

async function readRefs(reader: PacketReader, { first, version, remote }: FirstLine): Promise<Advertisement> {
  const collector = new RefCollector(remote);
  const nul = first?.indexOf("\0") ?? -1;
  const capabilities = parseCapabilities(nul < 0 ? [] : (first ?? "").slice(nul + 1).split(" "));
  requireSha1(capabilities, remote);
  let line = nul < 0 ? first : first?.slice(0, nul);
  for (; line !== undefined; line = await reader.line()) {
    const [, oid, name] = /^([0-9a-f]{40}) ([^ ]+)$/.exec(line) ?? [];
    if (oid === undefined || name === undefined) {
      if (/^shallow [0-9a-f]{40}$/.test(line)) continue;
      throw reader.malformed(`"${line.slice(0, 80)}" is no line of a list of refs`);
    }
    if (name === "capabilities^{}" && oid === ZERO_OID) continue;
    addRef(collector, name, oid);
  }
  for (const pair of capabilities.get("symref")?.split(" ") ?? []) {
    if (pair.startsWith("HEAD:")) collector.setHead(pair.slice(5));
  }
  return { version, capabilities, list: collector.finish() };
}

function addRef(collector: RefCollector, name: string, oid: Oid): void {
  if (name.endsWith("^{}")) collector.addPeeled(name.slice(0, -3), oid);
  else collector.add(name, oid);
}
