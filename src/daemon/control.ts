/** Answers what commands ask over the local socket. */
import type {
  ControlAnswer,
  ControlRequest,
  DaemonSituation,
  SourceSituation,
} from "../app/control-messages.ts";
import type { LocalHandler, LocalPeer } from "../platform/local-socket.ts";
import type { Job } from "../queue/job.ts";
import type { Daemon } from "./daemon.ts";
import { wordsOf } from "./error-words.ts";
import { type StoryEvent, STORY_LEVELS, type StoryLevel } from "../app/story.ts";

export type ControlDeps = {
  readonly daemon: Daemon;
  readonly situation: () => DaemonSituation;
  readonly setLogLevel: (level: StoryLevel) => void;
  /** A person asked it to end. */
  readonly stop: (why: string) => void;
};

export class Control implements LocalHandler {
  readonly #deps: ControlDeps;
  readonly #followers = new Set<LocalPeer>();

  constructor(deps: ControlDeps) {
    this.#deps = deps;
  }

  /** To be given every event of the story. */
  pass(event: StoryEvent): void {
    for (const peer of this.#followers) answer(peer, { kind: "event", event });
  }

  line(peer: LocalPeer, line: string): void {
    const request = parse(line);
    if (request === undefined) {
      answer(peer, { kind: "unknown" });
      return;
    }
    this.#deps.daemon.worked();
    void this.#obeyOrSay(peer, request);
  }

  closed(peer: LocalPeer): void {
    this.#followers.delete(peer);
  }

  /** Whoever asks is told why there is no answer. */
  async #obeyOrSay(peer: LocalPeer, request: ControlRequest): Promise<void> {
    try {
      await this.#obey(peer, request);
    } catch (error) {
      answer(peer, { kind: "refused", ...wordsOf(error) });
    }
  }

  async #obey(peer: LocalPeer, request: ControlRequest): Promise<void> {
    const { daemon, situation, setLogLevel, stop } = this.#deps;
    switch (request.kind) {
      case "status":
        answer(peer, { kind: "status", situation: situation() });
        return;
      case "reload":
        answer(peer, await reloaded(daemon));
        return;
      case "reconsider":
        daemon.reconsider();
        break;
      case "sync":
        answer(peer, await requested(daemon, request.sources));
        return;
      case "log-level": {
        const level = STORY_LEVELS.find((one) => one === request.level);
        if (level !== undefined) setLogLevel(level);
        break;
      }
      case "follow":
        this.#followers.add(peer);
        return;
      case "stop":
        stop("asked to by `lull daemon stop`");
        break;
      default:
        answer(peer, { kind: "unknown" });
        return;
    }
    answer(peer, { kind: "done" });
  }
}

async function requested(daemon: Daemon, sources: unknown): Promise<ControlAnswer> {
  if (!isNames(sources)) return { kind: "unknown" };
  // It may have been added a moment ago.
  if (!sources.every((name) => daemon.sources.has(name))) await daemon.reload();
  const missing = sources.filter((name) => !daemon.sources.has(name));
  daemon.request(sources.filter((name) => daemon.sources.has(name)));
  if (missing.length === 0) return { kind: "done" };
  return {
    kind: "refused",
    message: `the daemon does not sync ${missing.map((name) => JSON.stringify(name)).join(", ")}`,
    hint: "it is switched off, or the config that the daemon has is an older one: see `lull config check`",
  };
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

async function reloaded(daemon: Daemon): Promise<ControlAnswer> {
  const result = await daemon.reload();
  if (result.kind === "refused") {
    const { message, hint, causes } = result.error;
    return { kind: "refused", message: [message, ...causes].join("\n"), hint };
  }
  const { added, removed, changed, warnings } = result;
  return { kind: "reloaded", added, removed, changed, warnings };
}

function parse(line: string): ControlRequest | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "kind" in value
      ? (value as ControlRequest)
      : undefined;
  } catch {
    return undefined;
  }
}

function answer(peer: LocalPeer, message: ControlAnswer): void {
  peer.send(JSON.stringify(message));
}

/** How a source stands, from its job and what the daemon knows beside it. Pure. */
export function situationOf(
  name: string,
  about: {
    readonly job: Job | undefined;
    readonly nextAt: number | undefined;
    readonly watch: string | undefined;
    readonly isPaused: boolean;
  },
): SourceSituation {
  const { job, nextAt, watch, isPaused } = about;
  return {
    name,
    state: stateOf(job, isPaused),
    cause: job?.cause,
    dueSince: job?.dueSince,
    notBefore: job?.state === "queued" && job.waits.length === 0 ? job.notBefore : undefined,
    waits: job?.waits ?? [],
    reason: job?.reason,
    nextAt,
    watch,
  };
}

function stateOf(job: Job | undefined, isPaused: boolean): SourceSituation["state"] {
  if (job?.state === "running" || job?.state === "parked") return job.state;
  if (isPaused) return "paused";
  if (job === undefined) return "resting";
  return job.waits.length > 0 ? "waiting" : "queued";
}
