/**
 * Git's smart HTTP over `fetch`: two kinds of requests, `GET <base>/info/refs` and `POST <base>/<service>`. Proxies
 * and authorities are the route's matter. Nothing here follows a redirect to another origin, keeps a socket after `close`, or waits without a limit.
 */
import type { Clock } from "../base/clock.ts";
import { throwIfAborted } from "../base/abort.ts";
import { LullError } from "../base/errors.ts";
import { checkedAdvertisement } from "./http-advertisement.ts";
import type { CredentialProvider } from "../base/credential.ts";
import type { ChallengeMemory } from "./http-credentials.ts";
import { OriginCredentials } from "./http-credentials.ts";
import type { Deadlines } from "./http-deadlines.ts";
import { RequestWatch } from "./http-deadlines.ts";
import { fetchFailure, hostAndPort } from "./http-failure.ts";
import { redirectedBase } from "./http-redirect.ts";
import type { HttpRoute } from "./http-route.ts";
import { createRequestBody } from "./http-request-body.ts";
import { BODY_EXCERPT, statusError } from "./http-status.ts";
import type { RemoteUrl } from "./remote-url.ts";
import { redactUrl } from "../base/redact-url.ts";
import type { ByteStream, Connection, GitService, OpenOptions, RemoteMemory } from "./transport.ts";
import { transportError } from "./transport-error.ts";

export type HttpOptions = OpenOptions & {
  readonly url: RemoteUrl & { readonly kind: "http" };
  readonly credentials: CredentialProvider;
  readonly challenged: ChallengeMemory;
  readonly memory: RemoteMemory;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  /** lull's own version, for the User-Agent. */
  readonly version: string;
  readonly route: HttpRoute;
  readonly hasNetwork: () => boolean;
  /** Bytes of a request that may be sent in one go; left out: as git has it. */
  readonly mostWhole?: (() => number) | undefined;
};

/** As many as git's http.followRedirects=initial allows in curl's default. */
const MAX_REDIRECTS = 20;

/** How long HTTP's end may come after git's own; longer than a handshake would be no gain. */
const END_WAIT_MS = 100;

export class HttpConnection implements Connection {
  readonly remote: string;
  memory: RemoteMemory | undefined;
  readonly #options: HttpOptions;
  readonly #credentials: OriginCredentials;
  readonly #open = new Set<RequestWatch>();
  #base: string;
  #protocol: 0 | 2 = 0;
  /** Settles when the last answer has come to HTTP's own end or was given up. */
  #ending: Promise<void> = Promise.resolve();

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#base = options.url.url;
    this.remote = redactUrl(options.url.url);
    this.memory = options.memory;
    this.#credentials = new OriginCredentials({
      provider: options.credentials,
      challenged: options.challenged,
      url: options.url.url,
      signal: options.signal,
    });
  }

  async advertise(service: GitService, protocol: 0 | 2): Promise<ByteStream> {
    this.#protocol = protocol;
    const suffix = `/info/refs?service=${service}`;
    const doing = `read the refs of ${this.remote}`;
    for (let redirects = 0; ; redirects++) {
      const { response, watch } = await this.#get(suffix, doing);
      if (response.status < 300 || response.status >= 400) {
        const body = this.#receive(response, watch, doing);
        return checkedAdvertisement({ response, body, service, remote: this.remote });
      }
      await this.#drop(response, watch);
      if (redirects === MAX_REDIRECTS) {
        throw transportError({ code: "REMOTE_ERROR", message: `${this.remote} redirects in circles` });
      }
      this.#base = redirectedBase({
        base: this.#base,
        suffix,
        location: response.headers.get("location"),
        remote: this.remote,
      });
      // Whether a request may go straight to where this leads, only the server can say, each time anew.
      this.memory = undefined;
    }
  }

  async exchange(service: GitService, request: ByteStream): Promise<ByteStream> {
    const writing = service === "git-receive-pack";
    // What the last advertisement was asked for, where it may have been left out.
    if (writing) this.#protocol = 0;
    else if (this.memory?.capabilities !== undefined) this.#protocol = 2;
    const doing = `${writing ? "push to" : "fetch from"} ${this.remote}`;
    await this.#ending;
    const authorization = await this.#credentials.authorization(this.#origin(), writing);
    const watch = this.#watch();
    const { deadlines, onBytes, mostWhole } = this.#options;
    let answered = false;
    const source = await this.#guard(watch, () =>
      createRequestBody(
        request,
        {
          waiting: () => answered || watch.pause(),
          sent: (bytes) => {
            onBytes?.("up", bytes);
            watch.moved(bytes);
            if (!answered) watch.arm(deadlines.idle, "sending");
          },
          ended: () => answered || watch.arm(deadlines.answer, "waiting for the server's answer"),
        },
        mostWhole?.(),
      ),
    );
    const headers = this.#headers(authorization, {
      "content-type": `application/x-${service}-request`,
      accept: `application/x-${service}-result`,
    });
    const url = `${this.#base}/${service}`;
    let response: Response;
    try {
      response = await this.#send(url, { method: "POST", headers, body: source.body, signal: watch.signal });
    } catch (error) {
      this.#end(watch);
      const phase = isRefusal(error) ? "connect" : "answer";
      throw this.#failure(source.sourceError() ?? error, doing, phase);
    }
    answered = true;
    watch.pause();
    if (!response.ok) throw await this.#statusError(response, watch, { doing, authorization });
    const type = mediaType(response);
    if (type !== `application/x-${service}-result`) {
      await this.#drop(response, watch);
      throw transportError({
        code: "REMOTE_ERROR",
        message: `cannot ${doing}: the server answered with ${type === "" ? "no type" : type} instead of git's protocol`,
        causes: ["a log-in page or a proxy stands in between", "the server reported an error of its own"],
      });
    }
    return this.#receive(response, watch, doing);
  }

  async close(): Promise<void> {
    await this.#ending;
    for (const watch of this.#open) {
      watch.cancel(new LullError({ kind: "failed", code: "CLOSED", message: `${this.remote} was closed` }));
      watch.stop();
    }
    this.#open.clear();
  }

  /** Sends the GET, with a credential once the server asks for one; any status but 2xx and 3xx throws. */
  async #get(suffix: string, doing: string): Promise<{ response: Response; watch: RequestWatch }> {
    await this.#ending;
    for (;;) {
      const authorization = await this.#credentials.authorization(this.#origin(), false);
      const watch = this.#watch();
      watch.arm(this.#options.deadlines.firstByte, "waiting for the server's first byte");
      let response: Response;
      try {
        const headers = this.#headers(authorization, { accept: "*/*" });
        response = await this.#send(this.#base + suffix, { headers, signal: watch.signal });
      } catch (error) {
        this.#end(watch);
        throw this.#failure(error, doing, "connect");
      }
      watch.pause();
      if (response.status >= 200 && response.status < 400) return { response, watch };
      if (response.status === 401) {
        const retry = await this.#credentials.challenge(this.#origin(), authorization !== undefined);
        if (retry) {
          await this.#drop(response, watch);
          continue;
        }
      }
      throw await this.#statusError(response, watch, { doing, authorization });
    }
  }

  /** Hands the body on piece by piece; ends the request when it is read, given up or broken. */
  async *#receive(response: Response, watch: RequestWatch, doing: string): AsyncGenerator<Uint8Array> {
    const stream = response.body as ReadableStream<Uint8Array> | null;
    const reader = stream?.getReader();
    let state: "reading" | "complete" | "broken" = "reading";
    try {
      for (;;) {
        watch.arm(this.#options.deadlines.idle, "waiting for the rest of the answer");
        const piece = await reader?.read();
        watch.pause();
        if (piece === undefined || piece.done) break;
        this.#options.onBytes?.("down", piece.value.length);
        watch.moved(piece.value.length);
        yield piece.value;
      }
      state = "complete";
    } catch (error) {
      state = "broken";
      throw this.#failure(error, doing, "answer");
    } finally {
      if (state === "reading" && !watch.signal.aborted) this.#ending = this.#finish(reader, watch);
      else {
        if (state !== "complete") watch.cancel(undefined);
        this.#end(watch);
      }
    }
  }

  /**
   * Whoever reads git's protocol stops at its last packet, just before HTTP's own end. Reading that end as well keeps the
   * connection for the next request, which saves a handshake of two or three round trips. A server sends it when its own
   * git has ended, 2 to 7 ms after the last packet: the reader goes on meanwhile, only a next request waits.
   */
  async #finish(reader: BodyReader | undefined, watch: RequestWatch): Promise<void> {
    if (!(await endsAtOnce(reader))) watch.cancel(undefined);
    this.#end(watch);
  }

  async #statusError(
    response: Response,
    watch: RequestWatch,
    context: { readonly doing: string; readonly authorization: string | undefined },
  ): Promise<LullError> {
    const { doing, authorization } = context;
    const text: Uint8Array[] = [];
    let size = 0;
    // A page of HTML says nothing to a person in a terminal; a line of plain text often says everything.
    if (mediaType(response) === "text/plain") {
      try {
        for await (const chunk of this.#receive(response, watch, doing)) {
          text.push(chunk);
          size += chunk.length;
          if (size > BODY_EXCERPT * 4) break;
        }
      } catch {
        // The status alone is the message then.
        throwIfAborted(this.#options.signal);
      }
    } else {
      await this.#drop(response, watch);
    }
    return statusError(response, {
      doing,
      clock: this.#options.clock,
      authorised: authorization !== undefined,
      host: hostAndPort(this.#base),
      proxy: this.#options.route.proxyFor(this.#base),
      body: Buffer.concat(text).toString("utf8"),
    });
  }

  #headers(
    authorization: string | undefined,
    more: Readonly<Record<string, string>>,
  ): Record<string, string> {
    return {
      // GitHub answers only agents that start with "git/" (jelmer/dulwich#562), Bitbucket those that contain it
      // (mirage/ocaml-git#66), and GNOME refuses versions before 1.6.6 (libgit2/libgit2#4041).
      "user-agent": `git/2.0 (lull ${this.#options.version})`,
      ...more,
      ...(this.#protocol === 2 ? { "git-protocol": "version=2" } : {}),
      ...(authorization === undefined ? {} : { authorization }),
    };
  }

  #watch(): RequestWatch {
    throwIfAborted(this.#options.signal);
    const { clock, deadlines, signal } = this.#options;
    const watch = new RequestWatch(signal, { clock, remote: this.remote, drip: deadlines.drip });
    this.#open.add(watch);
    return watch;
  }

  #end(watch: RequestWatch): void {
    watch.stop();
    this.#open.delete(watch);
  }

  async #guard<T>(watch: RequestWatch, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#end(watch);
      throw error;
    }
  }

  /** Gives an answer up that nobody wants to read. */
  async #drop(response: Response, watch: RequestWatch): Promise<void> {
    this.#end(watch);
    await response.body?.cancel().catch(() => {});
  }

  #failure(error: unknown, doing: string, phase: "connect" | "answer"): LullError {
    return fetchFailure(error, {
      doing,
      phase,
      url: this.#base,
      signal: this.#options.signal,
      proxy: this.#options.route.proxyFor(this.#base),
      hasNetwork: this.#options.hasNetwork,
    });
  }

  #send(url: string, options: SendOptions): Promise<Response> {
    const streamed = options.body instanceof ReadableStream ? { duplex: "half" as const } : {};
    // `timeout: false` ends Bun's own limit of five minutes; ours are in force.
    const init: SendOptions & BunFetchRequestInit & { readonly timeout: false } = {
      ...options,
      ...streamed,
      redirect: "manual",
      timeout: false,
    };
    return this.#options.route.fetch(url, init);
  }

  #origin(): string {
    return new URL(this.#base).origin;
  }
}

type SendOptions = {
  readonly method?: string;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly signal: AbortSignal;
};

type BodyReader = { read(): Promise<{ readonly done: boolean }> };

async function endsAtOnce(reader: BodyReader | undefined): Promise<boolean> {
  if (reader === undefined) return true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), END_WAIT_MS);
  });
  const end = reader.read().then(
    ({ done }) => done,
    () => false,
  );
  try {
    return await Promise.race([end, patience]);
  } finally {
    clearTimeout(timer);
  }
}

/** True when the connection never came about, so that the server can not have done anything. */
function isRefusal(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  return ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"].includes(code);
}

function mediaType(response: Response): string {
  return (response.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}
