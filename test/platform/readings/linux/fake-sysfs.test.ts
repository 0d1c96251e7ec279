/** What the kernel's own files tell, on machines made up of such files. */
import { describe, expect, test } from "bun:test";

import { createMachineReaders } from "../../../../src/platform/readings/machine-readers.ts";
import type { PowerState } from "../../../../src/platform/readings/readings.ts";
import { fakeRoot, machine, NOBODY_STOPS } from "../machine.ts";

function readersOf(files: Readonly<Record<string, string>>) {
  return createMachineReaders("linux", machine({ root: fakeRoot(files) }));
}

const HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
const route = (device: string, destination: string, { flags = "0001", metric = 0, mask = "00FFFFFF" } = {}) =>
  `${device}\t${destination}\t00000000\t${flags}\t0\t0\t${metric}\t${mask}\t0\t0\t0\n`;
const byDefault = (device: string, metric: number) =>
  route(device, "00000000", { flags: "0003", metric, mask: "00000000" });
const route6 = (device: string, destination: string, length: string, flags = "00000001") =>
  `${destination.padEnd(32, "0")} ${length} ${"0".repeat(32)} 00 ${"0".repeat(32)} 00000100 00000001 00000000 ${flags}     ${device}\n`;

const wlan = {
  "sys/class/net/wlan0/operstate": "up\n",
  "sys/class/net/wlan0/type": "1\n",
  "sys/class/net/wlan0/device/vendor": "0x8086\n",
  "sys/class/net/wlan0/wireless/link": "",
};
const cable = (state: string) => ({
  "sys/class/net/eth0/operstate": `${state}\n`,
  "sys/class/net/eth0/type": "1\n",
  "sys/class/net/eth0/device/vendor": "0x8086\n",
});
const virtual = (name: string, type = 1) => ({
  [`sys/class/net/${name}/operstate`]: type === 1 ? "up\n" : "unknown\n",
  [`sys/class/net/${name}/type`]: `${type}\n`,
});

describe("by its routes a machine is", () => {
  const CASES: Readonly<
    Record<string, readonly [Readonly<Record<string, string>>, { online: boolean; wifi?: boolean }]>
  > = {
    "online by cable": [
      { "proc/net/route": HEAD + byDefault("eth0", 100) + route("eth0", "000200C0"), ...cable("up") },
      { online: true, wifi: false },
    ],
    "online by Wi-Fi": [
      { "proc/net/route": HEAD + byDefault("wlan0", 600), ...wlan },
      { online: true, wifi: true },
    ],
    "online by the better of two ways": [
      {
        "proc/net/route": HEAD + byDefault("wlan0", 600) + byDefault("eth0", 100),
        ...wlan,
        ...cable("up"),
      },
      { online: true, wifi: false },
    ],
    "on Wi-Fi while the cable is out": [
      {
        "proc/net/route": HEAD + byDefault("eth0", 100) + byDefault("wlan0", 600),
        ...wlan,
        ...cable("down"),
      },
      { online: true, wifi: true },
    ],
    "on Wi-Fi below a tunnel": [
      {
        "proc/net/route": HEAD + byDefault("wg0", 50) + route("wlan0", "0002A8C0"),
        ...wlan,
        ...virtual("wg0", 65_534),
      },
      { online: true, wifi: true },
    ],
    "online through a tunnel of which nothing more is known": [
      { "proc/net/route": HEAD + byDefault("tun0", 50), ...virtual("tun0", 65_534) },
      { online: true },
    ],
    "online in a network without a way into the world": [
      { "proc/net/route": HEAD + route("eth0", "000200C0"), ...cable("up") },
      { online: true, wifi: false },
    ],
    "online by IPv6 alone": [
      { "proc/net/route": HEAD, "proc/net/ipv6_route": route6("eth0", "", "00", "00000003"), ...cable("up") },
      { online: true, wifi: false },
    ],
    "online in a container": [
      { "proc/net/route": HEAD + byDefault("eth0", 0), ...virtual("eth0") },
      { online: true, wifi: false },
    ],
    "offline with the cable out": [
      { "proc/net/route": HEAD + byDefault("eth0", 100), ...cable("down") },
      { online: false },
    ],
    "offline without routes": [{ "proc/net/route": HEAD, "proc/net/ipv6_route": "" }, { online: false }],
    "offline with a bridge of containers": [
      { "proc/net/route": HEAD + route("docker0", "000011AC"), ...virtual("docker0") },
      { online: false },
    ],
    "offline with an address that it gave itself": [
      {
        "proc/net/route": HEAD + route("eth0", "0000FEA9", { metric: 1000, mask: "0000FFFF" }),
        "proc/net/ipv6_route":
          route6("eth0", "fe80", "40") +
          route6("eth0", "ff00", "08") +
          route6("lo", "", "00", "00200200") +
          route6("eth0", "", "00", "00000200"),
        ...cable("up"),
      },
      { online: false },
    ],
  };
  for (const [name, [files, { online, wifi }]] of Object.entries(CASES)) {
    test(name, async () => {
      expect(await readersOf(files).network(NOBODY_STOPS)).toEqual({
        kind: "known",
        value: { online, behindSignIn: false, metered: undefined, wifi, ssid: undefined },
        source: "the kernel's routes",
      });
    });
  }
});

const supply = (name: string, files: Readonly<Record<string, string | number>>) =>
  Object.fromEntries(
    Object.entries(files).map(([file, value]) => [`sys/class/power_supply/${name}/${file}`, `${value}\n`]),
  );

describe("by its power supplies a machine is", () => {
  const AC = supply("AC", { type: "Mains", online: 1 });
  const NO_AC = supply("AC", { type: "Mains", online: 0 });
  const battery = (capacity: number, status = "Discharging") =>
    supply("BAT0", { type: "Battery", present: 1, capacity, status });
  const CASES: Readonly<
    Record<string, readonly [Readonly<Record<string, string>>, Omit<PowerState, "powerSaver">]>
  > = {
    "a desktop": [AC, { onMains: true, batteryPercent: undefined }],
    "a server without any": [
      { "sys/class/power_supply/.keep": "" },
      { onMains: true, batteryPercent: undefined },
    ],
    "a laptop on battery": [
      { ...NO_AC, ...battery(24) },
      { onMains: false, batteryPercent: 24 },
    ],
    "a laptop that charges": [
      { ...AC, ...battery(24, "Charging") },
      { onMains: true, batteryPercent: 24 },
    ],
    "a laptop fed by USB-C": [
      { ...NO_AC, ...supply("ucsi", { type: "USB", online: 1 }), ...battery(50, "Charging") },
      { onMains: true, batteryPercent: 50 },
    ],
    "a board without an adapter, discharging": [battery(70), { onMains: false, batteryPercent: 70 }],
    "a board without an adapter, full": [battery(100, "Full"), { onMains: true, batteryPercent: 100 }],
    "a laptop with two batteries of unlike size": [
      {
        ...NO_AC,
        ...supply("BAT0", { type: "Battery", energy_now: 20e6, energy_full: 20e6, capacity: 100 }),
        ...supply("BAT1", { type: "Battery", energy_now: 0, energy_full: 60e6, capacity: 0 }),
      },
      { onMains: false, batteryPercent: 25 },
    ],
    "a laptop whose battery tells its charge only": [
      { ...NO_AC, ...supply("BAT0", { type: "Battery", charge_now: 1e6, charge_full: 4e6 }) },
      { onMains: false, batteryPercent: 25 },
    ],
    "a laptop whose battery is taken out": [
      { ...AC, ...supply("BAT0", { type: "Battery", present: 0 }) },
      { onMains: true, batteryPercent: undefined },
    ],
    "a desktop with an empty mouse": [
      { ...AC, ...supply("hid", { type: "Battery", scope: "Device", capacity: 2, status: "Discharging" }) },
      { onMains: true, batteryPercent: undefined },
    ],
  };
  for (const [name, [files, value]] of Object.entries(CASES)) {
    test(name, async () => {
      expect(await readersOf(files).power(NOBODY_STOPS)).toEqual({
        kind: "known",
        value: { ...value, powerSaver: undefined },
        source: "/sys/class/power_supply",
      });
    });
  }

  test("saving power by its firmware", async () => {
    for (const [profile, powerSaver] of [
      ["low-power", true],
      ["balanced", false],
    ] as const) {
      const readers = readersOf({ ...AC, "sys/firmware/acpi/platform_profile": `${profile}\n` });
      expect(await readers.power(NOBODY_STOPS)).toMatchObject({ value: { powerSaver } });
    }
  });
});

describe("the load", () => {
  test("is that of the last minute for each processor that is switched on", async () => {
    const files = {
      "proc/loadavg": "3.20 2.00 1.00 3/412 9999\n",
      "sys/devices/system/cpu/online": "0-2,8\n",
    };
    expect(await readersOf(files).load(NOBODY_STOPS)).toEqual({
      kind: "known",
      value: 0.8,
      source: "/proc/loadavg",
    });
  });

  test("of this machine is a number", async () => {
    const here = createMachineReaders("linux", machine({ root: "/" }));
    const reading = await here.load(NOBODY_STOPS);
    expect(reading.kind === "known" && reading.value >= 0).toBe(true);
  });
});
