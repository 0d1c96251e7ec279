/** What a list of refs costs when the server is known, and that nothing remembered is ever believed. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";

import { systemClock } from "../../../src/base/clock.ts";
import { listRefs } from "../../../src/git/wire/list-refs.ts";
import { createResponder } from "../../../src/git/serve/responder.ts";
import { createTransport } from "../../../src/transport/open-transport.ts";
import type { Transport } from "../../../src/transport/transport.ts";
import { createBareRepository, type GitServer, startGitServer } from "../../helpers/git-http-server.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { failureOf } from "../../helpers/thrown.ts";

let server: GitServer;
let bare: string;
let transport: Transport;

beforeAll(async () => {
  const root = temporaryDirectory();
  server = await startGitServer(root);
  bare = createBareRepository(root, "remote.git");
  const tree = git(bare, "mktree", "--missing");
  git(bare, "update-ref", "refs/heads/main", git(bare, "commit-tree", "-m", "one", tree));
});
afterAll(() => server.stop());

beforeEach(() => {
  server.clear();
  server.protocol = 2;
  server.token = undefined;
  transport = createTransport({
    credentials: async () => ({ token: "secret" }),
    createResponder,
    clock: systemClock,
  });
});

/** Lists over a connection of its own; returns the branch's commit. */
async function list(): Promise<string | undefined> {
  const connection = await transport.open(server.repository("remote.git"), {
    signal: new AbortController().signal,
  });
  try {
    return (await listRefs(connection)).list.refs.get("refs/heads/main");
  } finally {
    await connection.close();
  }
}

function asked(): readonly string[] {
  return server.requests.map(({ method }) => method);
}

test("a second list in the same process is one request, and brings what is there now", async () => {
  const first = await list();
  expect(asked()).toEqual(["GET", "POST"]);
  const next = git(bare, "commit-tree", "-m", "two", `${first}^{tree}`);
  git(bare, "update-ref", "refs/heads/main", next);
  server.clear();
  expect(await list()).toBe(next);
  expect(asked()).toEqual(["POST"]);
  expect(server.requests[0]?.headers["git-protocol"]).toBe("version=2");
});

test("over a server without version 2 nothing is remembered", async () => {
  server.protocol = 0;
  await list();
  await list();
  expect(asked()).toEqual(["GET", "GET"]);
});

test("a server that no longer speaks version 2, or asks for a password now, is asked anew", async () => {
  const tip = await list();
  server.clear();
  server.protocol = 0;
  expect(await list()).toBe(tip);
  expect(asked()).toEqual(["POST", "GET"]);
  server.protocol = 2;
  await list();
  server.clear();
  server.token = "secret";
  expect(await list()).toBe(tip);
  expect(asked()).toEqual(["POST", "GET", "GET", "POST"]);
  server.clear();
  expect(await list()).toBe(tip);
  expect(asked()).toEqual(["POST"]);
});

test("an answer that breaks off, is none or never comes over a lost connection is asked for again", async () => {
  const tip = await list();
  const faults = [
    { kind: "cut", after: 20 },
    { kind: "shorten", after: 20 },
    { kind: "lose-answer" },
    { kind: "answer", status: 200, headers: { "content-type": "text/html" }, body: "<p>log in</p>" },
    { kind: "answer", status: 404 },
    { kind: "answer", status: 301, headers: { location: "/elsewhere/git-upload-pack" } },
  ] as const;
  for (const fault of faults) {
    server.clear();
    server.fault = ({ index }) => (index === 0 ? fault : undefined);
    expect(await list()).toBe(tip);
    expect(asked()).toEqual(["POST", "GET", "POST"]);
  }
});

test("an error that stays is the one that the list in form gives", async () => {
  await list();
  server.fault = () => ({ kind: "answer", status: 404 });
  expect((await failureOf(list())).code).toBe("REPO_NOT_FOUND");
  server.fault = undefined;
  await list();
  server.clear();
  server.fault = () => ({ kind: "answer", status: 429, headers: { "retry-after": "60" } });
  expect((await failureOf(list())).code).toBe("RATE_LIMITED");
  expect(asked()).toEqual(["POST"]);
});

test("a remote that redirects is asked in form each time", async () => {
  server.fault = ({ url }) =>
    url.startsWith("/old/")
      ? { kind: "answer", status: 302, headers: { location: url.replace("/old/", "/") } }
      : undefined;
  const listOld = async (): Promise<void> => {
    const connection = await transport.open(`${server.url}/old/remote.git`, {
      signal: new AbortController().signal,
    });
    await listRefs(connection);
    await connection.close();
  };
  await listOld();
  await listOld();
  expect(asked()).toEqual(["GET", "GET", "POST", "GET", "GET", "POST"]);
});
