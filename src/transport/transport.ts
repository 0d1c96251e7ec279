/**
 * How bytes reach a remote's `upload-pack` and `receive-pack`. The engine (`git/wire`) speaks git's protocol over
 * it and does not know whether HTTP, SSH or a folder carries the bytes; a transport does not know what they mean.
 */
import type { CredentialProvider } from "../base/credential.ts";

export type GitService = "git-upload-pack" | "git-receive-pack";

/** Chunks may be split anywhere. Whoever stops reading early must call the iterator's `return`. */
export type ByteStream = AsyncIterable<Uint8Array>;

/**
 * What is remembered of a remote between connections, also of other processes, by whoever speaks the protocol. It may be out of
 * date at any time: who goes by it must be ready to start over with `advertise`.
 */
export type RemoteMemory = {
  /** What `advertise("git-upload-pack", 2)` gave in version 2: the list of capabilities holds no state of the remote. */
  capabilities: ReadonlyMap<string, string> | undefined;
  /** As `capabilities`, of `advertise("git-receive-pack", 0)`. */
  receiving: ReadonlyMap<string, string> | undefined;
};

export type Connection = {
  /** The remote for messages: its URL without user name, password or token. */
  readonly remote: string;
  /** Left out where nothing may be remembered: then every conversation begins with `advertise`. */
  readonly memory?: RemoteMemory | undefined;
  /**
   * Starts a conversation and returns the service's advertisement (HTTP's `# service=` preamble removed). The
   * stream of a stateful transport does not end by itself: read to the protocol's own end.
   * @param protocol the highest version asked for; a server may answer with a lower one.
   */
  advertise(service: GitService, protocol: 0 | 2): Promise<ByteStream>;
  /**
   * Sends one request and returns the answer. `advertise` for the same service must have been read before, or its
   * answer be remembered in `memory`; of a receive-pack version 0 is spoken.
   */
  exchange(service: GitService, request: ByteStream): Promise<ByteStream>;
  /** Ends the conversation cleanly; safe to call twice. */
  close(): Promise<void>;
};

export type SshChoice = "auto" | "system" | "builtin";

/** `auto`: as the person's git has it, else as the environment has it. */
export type ProxySetting =
  | { readonly kind: "auto" | "none" }
  /** http:// or https://, maybe with user and password. */
  | { readonly kind: "url"; readonly url: string };

/** How the config wants remotes to be reached. */
export type TransportSettings = {
  readonly ssh: SshChoice;
  /** Of http(s) remotes. */
  readonly proxy: ProxySetting;
  /** Absolute path of a file of PEM certificates, beside those of the system. */
  readonly ca: string | undefined;
};

export const DEFAULT_SETTINGS: TransportSettings = { ssh: "auto", proxy: { kind: "auto" }, ca: undefined };

export type OpenOptions = {
  /** Cancels every step; the reason is thrown as it is when it is a `LullError`. */
  readonly signal: AbortSignal;
  /** Instead of the transport's own: what a source says of its credentials. */
  readonly credentials?: CredentialProvider | undefined;
  /** The folder of the repository whose remote it is: what its git config says of SSH counts. */
  readonly directory?: string | undefined;
  /** Instead of those for all remotes: what a source says of its own. */
  readonly settings?: TransportSettings | undefined;
  /** Called with every chunk sent and received, in bytes. */
  readonly onBytes?: (direction: "up" | "down", bytes: number) => void;
};

export type Transport = {
  /** Returns a connection without talking to the remote yet, or throws on a URL that can not be served. */
  open(url: string, options: OpenOptions): Promise<Connection>;
};

/** A server's answer to a service that lives in this process (local remotes; later a hub). */
export type ServiceResponder = {
  advertise(service: GitService, protocol: 0 | 2): Promise<ByteStream>;
  respond(service: GitService, request: ByteStream): Promise<ByteStream>;
};
