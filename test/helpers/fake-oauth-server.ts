/** A stand-in on loopback for the login of GitHub and GitLab: RFC 8628's device flow and RFC 6749's renewal. */
export type OAuthReply = {
  readonly status?: number;
  readonly body: Readonly<Record<string, unknown>> | string;
};

export type FakeOAuthServer = AsyncDisposable & {
  readonly url: string;
  /** Path and form of each request. */
  readonly requests: readonly { readonly path: string; readonly form: Readonly<Record<string, string>> }[];
  /** Answers of the token endpoint, each given once; the last one stays. */
  replies: OAuthReply[];
  /** Answer of the device endpoint. */
  code: OAuthReply;
};

const DEVICE_PATHS = ["/login/device/code", "/oauth/authorize_device"];

export function startFakeOAuthServer(): FakeOAuthServer {
  const requests: { path: string; form: Record<string, string> }[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const path = new URL(request.url).pathname;
      requests.push({ path, form: Object.fromEntries(new URLSearchParams(await request.text())) });
      const reply = DEVICE_PATHS.includes(path) ? fake.code : next();
      const body = typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body);
      return new Response(body, { status: reply.status ?? 200 });
    },
  });
  const next = (): OAuthReply => {
    const [first = { status: 500, body: "" }] = fake.replies;
    if (fake.replies.length > 1) fake.replies.shift();
    return first;
  };
  const url = `http://127.0.0.1:${server.port}`;
  const fake: FakeOAuthServer = {
    url,
    requests,
    replies: [],
    code: {
      body: {
        device_code: "canary-device-code-0123456789",
        user_code: "WDJB-MJHT",
        verification_uri: `${url}/login/device`,
        expires_in: 900,
        interval: 5,
      },
    },
    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  };
  return fake;
}
