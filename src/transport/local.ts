/** A remote on this machine: a folder, a network share or a USB drive, served in this process by a responder. */
import { statSync } from "node:fs";

import { throwIfAborted } from "../base/abort.ts";
import { fromSystem, systemCode } from "../base/errors.ts";
import { safeText } from "../base/safe-text.ts";
import type { ByteStream, Connection, GitService, OpenOptions, ServiceResponder } from "./transport.ts";
import { transportError } from "./transport-error.ts";

export type LocalOptions = OpenOptions & {
  readonly directory: string;
  /** @throws LullError `REPO_NOT_FOUND` when the folder is no repository, `UNSUPPORTED` when it can not be served */
  readonly createResponder: (directory: string) => ServiceResponder | Promise<ServiceResponder>;
};

export class LocalConnection implements Connection {
  readonly remote: string;
  readonly #options: LocalOptions;
  #responder: ServiceResponder | undefined;

  constructor(options: LocalOptions) {
    this.#options = options;
    this.remote = safeText(options.directory);
  }

  async advertise(service: GitService, protocol: 0 | 2): Promise<ByteStream> {
    throwIfAborted(this.#options.signal);
    requireDirectory(this.#options.directory);
    this.#responder ??= await this.#options.createResponder(this.#options.directory);
    return this.#counted(await this.#responder.advertise(service, protocol), "down");
  }

  async exchange(service: GitService, request: ByteStream): Promise<ByteStream> {
    throwIfAborted(this.#options.signal);
    requireDirectory(this.#options.directory);
    this.#responder ??= await this.#options.createResponder(this.#options.directory);
    return this.#counted(await this.#responder.respond(service, this.#counted(request, "up")), "down");
  }

  async close(): Promise<void> {
    this.#responder = undefined;
  }

  async *#counted(stream: ByteStream, direction: "up" | "down"): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream) {
      throwIfAborted(this.#options.signal);
      this.#options.onBytes?.(direction, chunk.length);
      yield chunk;
    }
  }
}

/** A path that is not there is a drive that is not mounted: a state that passes, not a mistake. */
function requireDirectory(directory: string): void {
  try {
    if (statSync(directory).isDirectory()) return;
  } catch (error) {
    const code = systemCode(error);
    if (
      code !== "ENOENT" &&
      code !== "ENOTDIR" &&
      code !== "ENXIO" &&
      code !== "ENODEV" &&
      code !== "ESTALE"
    ) {
      throw fromSystem(error, `open the remote ${safeText(directory)}`);
    }
    throw transportError({
      code: "OFFLINE",
      message: `${safeText(directory)} is not there (drive not mounted?)`,
      cause: error,
    });
  }
  throw transportError({
    code: "REPO_NOT_FOUND",
    message: `${safeText(directory)} is a file, no repository`,
  });
}
