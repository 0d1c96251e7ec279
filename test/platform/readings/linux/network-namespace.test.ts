/** The kernel's own answer inside a network namespace: first with nothing in it, then with a way out. */
import { expect, test } from "bun:test";
import { join } from "node:path";

import type { NetworkState, Reading } from "../../../../src/platform/readings/readings.ts";
import { cannotRun } from "../../../helpers/skip.ts";

const MAKE = ["unshare", "--net", "--mount", "--map-root-user", "--user"];

function hindrance(): string | undefined {
  const program = ["unshare", "ip"].find((name) => Bun.which(name) === null);
  if (program !== undefined) return `${program} is not installed`;
  return Bun.spawnSync([...MAKE, "true"]).exitCode === 0 ? undefined : "this system makes none for lull";
}

const hindered = hindrance();
const skip = cannotRun(hindered !== undefined, `a network namespace: ${hindered}`);

/** What the reader says to a process that is started after these commands, in a namespace of its own. */
async function readingAfter(...commands: readonly string[]): Promise<Reading<NetworkState>> {
  const script = [
    // The devices of the namespace, not those outside.
    "mount -t sysfs sysfs /sys",
    ...commands,
    `exec ${process.execPath} ${join(import.meta.dir, "print-network.ts")}`,
  ].join(" && ");
  const child = Bun.spawn([...MAKE, "sh", "-c", script], { stdout: "pipe", stderr: "pipe" });
  const [out, said] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (out === "") throw new Error(said);
  return JSON.parse(out) as Reading<NetworkState>;
}

test.skipIf(skip)("a machine without a network is offline, also with its loopback up", async () => {
  const offline = { kind: "known", value: { online: false }, source: "the kernel's routes" };
  expect(await readingAfter()).toMatchObject(offline);
  expect(await readingAfter("ip link set lo up")).toMatchObject(offline);
});

test.skipIf(skip)(
  "a default route through a device that is up makes it online, in both protocols",
  async () => {
    const pair = [
      "ip link add veth0 type veth peer name veth1",
      "ip link set veth1 up",
      "ip link set veth0 up",
    ];
    const v4 = ["ip addr add 192.0.2.2/24 dev veth0", "ip route add default via 192.0.2.1"];
    const v6 = ["ip addr add 2001:db8::2/64 dev veth0 nodad", "ip route add default via 2001:db8::1"];
    for (const way of [v4, v6])
      expect(await readingAfter(...pair, ...way)).toMatchObject({ value: { online: true, wifi: false } });
    // A pair of virtual devices leads nowhere by itself.
    expect(await readingAfter(...pair)).toMatchObject({ value: { online: false } });
    const unplugged = [...pair, ...v4, "ip link set veth1 down"];
    expect(await readingAfter(...unplugged)).toMatchObject({ value: { online: false } });
  },
);
