import { expect, test } from "bun:test";

import { mailByWorker } from "../../src/daemon/mail-by-worker.ts";
import { WorkerPool } from "../../src/daemon/worker-pool.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { fakeTimers } from "../helpers/fake-timers.ts";
import { fakeChildren } from "./fake-child.ts";
import { testConfig } from "./rig.ts";

const MAIL = {
  notify: testConfig({}).notify,
  device: "laptop",
  notice: {
    subject: "source:notes",
    kind: "failed",
    level: "error",
    title: "notes can not be synced",
    body: [],
    source: "notes",
    command: undefined,
    paths: [],
    at: 0,
  },
} as const;

function mailer(onOrder?: Parameters<typeof fakeChildren>[0]) {
  const clock = fakeClock();
  const { start, children } = fakeChildren(onOrder);
  const pool = new WorkerPool({
    startChild: start,
    clock,
    timers: fakeTimers(clock),
    residentBytes: () => undefined,
  });
  return { children, send: mailByWorker(pool) };
}

const patient = new AbortController().signal;

test("a worker is given the notice and sends it", async () => {
  const { children, send } = mailer((child) => child.say({ kind: "mailed", failure: undefined }));
  expect(await send(MAIL, patient)).toEqual({ kind: "sent" });
  expect(children[0]?.orders).toMatchObject([{ kind: "mail", notice: { title: "notes can not be synced" } }]);
});

test("why a mail was not sent comes back with the advice when to try again", async () => {
  const error = {
    kind: "auth",
    code: "SMTP_LOGIN",
    message: "the server refused the password",
    hint: "look at it",
    causes: [],
    data: {},
    retry: false,
  } as const;
  const { send } = mailer((child) => child.say({ kind: "mailed", failure: { error, again: "never" } }));
  expect(await send(MAIL, patient)).toMatchObject({
    kind: "failed",
    again: "never",
    error: { code: "SMTP_LOGIN", hint: "look at it" },
  });
});

test("a worker that dies over it is a failure to be tried later", async () => {
  const { send } = mailer((child) => child.exit({ how: "signal SIGSEGV", stderr: "" }));
  expect(await send(MAIL, patient)).toMatchObject({ kind: "failed", again: "later" });
});

test("a mail that nobody waits for any more is broken off", async () => {
  const { children, send } = mailer();
  const controller = new AbortController();
  const sending = send(MAIL, controller.signal);
  controller.abort();
  expect((await sending).kind).toBe("failed");
  expect(children[0]?.signals).toEqual(["SIGKILL"]);
});
