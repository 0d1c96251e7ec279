/** HTTP and folders do what every way to a remote must do; SSH joins in its own tests. */
import { afterAll, beforeAll, beforeEach, describe } from "bun:test";

import { type GitServer, startGitServer } from "../helpers/git-http-server.ts";
import { openConnection } from "../helpers/wire-client.ts";
import { functionalSuite, type Way } from "./suite/functional.ts";

describe("HTTP", () => {
  let server: GitServer;
  beforeAll(async () => {
    server = await startGitServer("/");
  });
  beforeEach(() => server.clear());
  afterAll(() => server.stop());

  const over = (protocol: 0 | 2) => (): Way => {
    server.protocol = protocol;
    return {
      url: (bare) => server.repository(bare.slice(1).split("/").map(encodeURIComponent).join("/")),
      connect,
    };
  };
  functionalSuite("does what every way does", over(2), { runsHooks: true, megabytes: 30 });
  functionalSuite("does it with a server that ignores the wish for version 2", over(0), { runsHooks: true });
});

describe("a folder", () => {
  functionalSuite("by its path", () => ({ url: (bare) => bare, connect }), {
    runsHooks: false,
    megabytes: 30,
  });
  functionalSuite(
    "by file://",
    () => ({ url: (bare) => `file://${bare.split("/").map(encodeURIComponent).join("/")}`, connect }),
    { runsHooks: false },
  );
});

const connect: Way["connect"] = (url, signal) => openConnection(url, { signal });
