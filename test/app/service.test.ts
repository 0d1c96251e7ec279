import { expect, test } from "bun:test";

import type { Deps, ServiceFacts } from "../../src/app/deps.ts";
import { getServiceStatus } from "../../src/app/get-service-status.ts";
import { installService, type InstallServiceInput } from "../../src/app/install-service.ts";
import { uninstallService } from "../../src/app/uninstall-service.ts";
import type { ServiceManager, ServiceSpec, ServiceStatus } from "../../src/service/service.ts";
import { composed } from "../helpers/composed.ts";
import { failureOf } from "../helpers/thrown.ts";

const STATUS: ServiceStatus = {
  manager: "systemd",
  scope: "user",
  file: "/f",
  installed: "yes",
  command: ["/opt/lull"],
  enabled: true,
  state: "active",
  running: { pid: 7, since: 0 },
  lingering: true,
  problems: [],
};
const FACTS: ServiceFacts = {
  environment: { LULL_HOME: "/mnt/lull" },
  ofTheShell: { proxy: undefined, authorities: undefined },
  umask: 0o027,
  user: "ada",
  behindSudo: undefined,
  notifies: "directly",
};
const INPUT: InstallServiceInput = {
  scope: "user",
  user: undefined,
  interval: undefined,
  namedConfig: false,
  force: false,
  dryRun: false,
};
const context = { signal: new AbortController().signal };

type Changes = {
  readonly facts?: Partial<ServiceFacts>;
  readonly status?: Partial<ServiceStatus>;
  readonly program?: string | undefined;
  readonly lastHeartbeat?: number;
};

function world(changes: Changes = {}): { readonly deps: Deps; readonly specs: ServiceSpec[] } {
  const { deps } = composed();
  const specs: ServiceSpec[] = [];
  const service = {
    kind: "systemd",
    scope: "user",
    install: async (spec: ServiceSpec) => {
      specs.push(spec);
      return { outcome: "installed", problems: [] };
    },
    uninstall: async () => ({ outcome: "uninstalled" }),
    status: async () => ({ ...STATUS, ...changes.status }),
  } as unknown as ServiceManager;
  const services = {
    open: async () => service,
    program: "program" in changes ? changes.program : "/opt/my lull/lull",
    lastHeartbeat: () => changes.lastHeartbeat,
    facts: () => ({ ...FACTS, ...changes.facts }),
  };
  return { deps: { ...deps, services }, specs };
}

test("the service runs this very binary, with what was said at the installation and what moves its places", async () => {
  const { deps, specs } = world();
  await deps.config.create({ device: "laptop" });
  await installService(deps, { ...INPUT, interval: "1h 30m", namedConfig: true }, context);
  expect(specs).toEqual([
    {
      command: [
        "/opt/my lull/lull",
        "--config",
        deps.config.file,
        "daemon",
        "run",
        "--service",
        "--interval",
        "1h30m",
      ],
      environment: { LULL_HOME: "/mnt/lull" },
      umask: 0o027,
      user: "ada",
      stateDirectory: deps.places.stateDirectory,
      notifies: "directly",
    },
  ]);
});

test("what this shell says of the way to servers and the config does not is told, without a password", async () => {
  const proxy = { variable: "HTTPS_PROXY", url: "http://ada:s3cret@proxy:3128" };
  const { deps } = world({ facts: { ofTheShell: { proxy, authorities: "/etc/company.pem" } } });
  await deps.config.create({ device: "laptop" });
  const { problems } = await installService(deps, INPUT, context);
  expect(problems).toEqual([
    {
      what: "HTTPS_PROXY is set in this shell; the service does not see it",
      next: "lull config set transport.proxy http://proxy:3128; its user and password: lull secret set http://proxy:3128",
    },
    {
      what: "NODE_EXTRA_CA_CERTS is set in this shell; the service does not see it",
      next: "lull config set transport.ca /etc/company.pem",
    },
  ]);
  await deps.config.set("transport.proxy", "none", { dryRun: false });
  await deps.config.set("transport.ca", "/etc/company.pem", { dryRun: false });
  expect((await installService(deps, INPUT, context)).problems).toEqual([]);
});

test("run from sources there is nothing that a service could start", async () => {
  const error = await failureOf(installService(world({ program: undefined }).deps, INPUT, context));
  expect(error).toMatchObject({ code: "NOT_A_BINARY" });
  expect(error.hint).toContain("npm run build");
});

test("without a config nothing is installed that could not start", async () => {
  const { deps, specs } = world();
  expect((await failureOf(installService(deps, INPUT, context))).code).toBe("CONFIG_MISSING");
  expect(specs).toEqual([]);
});

test.each(["soon", "0", "-5m", "15"])("an interval of %j is refused", async (interval) => {
  const error = await failureOf(installService(world().deps, { ...INPUT, interval }, context));
  expect(error).toMatchObject({ kind: "usage", code: "BAD_VALUE" });
});

test("a service of the system is somebody's: the one who is named, else the one behind sudo", async () => {
  const input = { ...INPUT, scope: "system" as const };
  const sudo = world({ facts: { user: "root", behindSudo: "ada" } });
  await installService(sudo.deps, input, context);
  await installService(sudo.deps, { ...input, user: "grace" }, context);
  expect(sudo.specs.map(({ user }) => user)).toEqual(["ada", "grace"]);
  expect((await failureOf(installService(world().deps, input, context))).code).toBe("MISSING_VALUE");
});

test("by sudo nobody gets a service of root by mistake", async () => {
  const { deps } = world({ facts: { user: "root", behindSudo: "ada" } });
  for (const work of [installService(deps, INPUT, context), uninstallService(deps, INPUT, context)])
    expect((await failureOf(work)).code).toBe("SERVICE_OF_ROOT");
});

test("a service is good when it is installed, enabled and running", async () => {
  const now = composed().clock.now();
  const good = await getServiceStatus(world({ lastHeartbeat: now - 1000 }).deps, { scope: "user" }, context);
  expect(good).toMatchObject({ isGood: true, lastHeartbeat: now - 1000, problems: [] });
  for (const status of [{ installed: "differs" }, { enabled: false }, { running: undefined }] as const) {
    const { deps } = world({ status });
    expect((await getServiceStatus(deps, { scope: "user" }, context)).isGood).toBe(false);
  }
});

test("a daemon that hangs, and one that the service did not start, are told apart by the heartbeat", async () => {
  const now = composed().clock.now();
  const silent = world({ lastHeartbeat: now - 6 * 60_000 }).deps;
  expect((await getServiceStatus(silent, { scope: "user" }, context)).problems).toEqual([
    { what: "the daemon runs but gives no sign of life", next: "lull logs" },
  ]);
  const other = world({ lastHeartbeat: now - 1000, status: { running: undefined } }).deps;
  expect((await getServiceStatus(other, { scope: "user" }, context)).problems).toEqual([
    {
      what: "a daemon runs that the service did not start",
      next: "lull daemon stop, then: lull service install",
    },
  ]);
});
