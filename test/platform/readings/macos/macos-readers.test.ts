/**
 * macOS as its tools describe it. Their outputs were written after their manual pages (ioreg(8), pmset(1), scutil(8),
 * networksetup(8), ipconfig(8), route(8)) and after what people posted of macOS 12 to 15; none was recorded here.
 */
import { describe, expect, test } from "bun:test";

import { createMachineReaders } from "../../../../src/platform/readings/machine-readers.ts";
import type { NetworkState } from "../../../../src/platform/readings/readings.ts";
import { machine, NOBODY_STOPS, recorded } from "../machine.ts";

type Outputs = Parameters<typeof recorded>[0];

function readersOf(outputs: Outputs) {
  const runProgram = recorded(outputs);
  return { readers: createMachineReaders("macos", machine({ runProgram })), runProgram };
}

const IOREG = `+-o IOHIDSystem  <class IOHIDSystem, id 0x1000002c5, registered, matched, active, busy 0 (0 ms), retain 27>
    {
      "IOClass" = "IOHIDSystem"
      "HIDParameters" = {"ActuateDetents"=1,"HIDClickTime"=500000000,"HIDScrollZoomModifierMask"=262144}
      "HIDIdleTime" = 41298374291
      "IOProviderClass" = "IOResources"
    }
`;

test("the last input is told by ioreg, in nanoseconds", async () => {
  const { readers } = readersOf({ "/usr/sbin/ioreg -r -d 1 -c IOHIDSystem": IOREG });
  expect(await readers.idle(NOBODY_STOPS)).toEqual({
    kind: "known",
    value: { kind: "used", idleMs: 41_298 },
    source: "ioreg",
  });
  expect((await readersOf({ "/usr/sbin/ioreg": "" }).readers.idle(NOBODY_STOPS)).kind).toBe("unknown");
  expect((await readersOf({}).readers.idle(NOBODY_STOPS)).kind).toBe("unknown");
});

const ON_BATTERY = `Now drawing from 'Battery Power'
 -InternalBattery-0 (id=4522083)\t24%; discharging; 5:23 remaining present: true
`;
const CHARGING = `Now drawing from 'AC Power'
 -InternalBattery-0 (id=4522083)\t3%; charging; 1:48 remaining present: true
`;
const DESKTOP = "Now drawing from 'AC Power'\n";
const settings = (line: string) => `System-wide power settings:
Currently in use:
 standby              1
 Sleep On Power Button 1
 hibernatefile        /var/vm/sleepimage
${line} displaysleep         2
`;

describe("power", () => {
  test.each([
    ["on battery", ON_BATTERY, " lowpowermode         1\n", [false, 24, true]],
    ["charging", CHARGING, " lowpowermode         0\n", [true, 3, false]],
    ["of a Mac with a high-power mode", CHARGING, " powermode            2\n", [true, 3, false]],
    ["of a desktop, which has no such mode", DESKTOP, "", [true, undefined, undefined]],
  ] as const)("%s", async (_, battery, mode, [onMains, batteryPercent, powerSaver]) => {
    const { readers } = readersOf({ "/usr/bin/pmset -g batt": battery, "/usr/bin/pmset -g": settings(mode) });
    expect(await readers.power(NOBODY_STOPS)).toEqual({
      kind: "known",
      value: { onMains, batteryPercent, powerSaver },
      source: "pmset",
    });
  });

  test("is unknown when pmset is silent", async () => {
    expect((await readersOf({ "/usr/bin/pmset": "" }).readers.power(NOBODY_STOPS)).kind).toBe("unknown");
  });
});

const nwi = (...devices: readonly string[]) => `Network information

IPv4 network interface information
${devices
  .map(
    (device) => `     ${device} : flags      : 0x5 (IPv4,DNS)
           address    : 192.168.1.23
           reach      : 0x00000002 (Reachable)
`,
  )
  .join("")}
   REACH : flags 0x00000002 (Reachable)

IPv6 network interface information
   No IPv6 states found

   REACH : flags 0x00000000 (Not Reachable)

Network interfaces: ${devices.join(" ")}
`;
const NO_NETWORK = `Network information

IPv4 network interface information
   No IPv4 states found

   REACH : flags 0x00000000 (Not Reachable)

IPv6 network interface information
   No IPv6 states found

   REACH : flags 0x00000000 (Not Reachable)
`;
const PORTS = `
Hardware Port: Ethernet Adapter (en4)
Device: en4
Ethernet Address: 32:00:00:00:00:04

Hardware Port: Thunderbolt Bridge
Device: bridge0
Ethernet Address: 36:00:00:00:00:00

Hardware Port: Wi-Fi
Device: en0
Ethernet Address: f0:18:98:00:00:00

VLAN Configurations
===================
`;
const NOT_ASSOCIATED = "You are not associated with an AirPort network.\n";
const summary = (ssid: string) => `<dictionary> {
  BSSID : <redacted>
  IPv4 : <array> {
    0 : <dictionary> {
      LeaseStartTime : 01/15/2025 09:12:01
    }
  }
  InterfaceType : WiFi
  SSID : ${ssid}
  Security : WPA2_PSK
}
`;

describe("the network", () => {
  const PLAIN = { "/usr/sbin/networksetup -listallhardwareports": PORTS };
  const name = (output: string) => ({ "/usr/sbin/networksetup -getairportnetwork en0": output });
  const CASES: Readonly<Record<string, readonly [Outputs, Partial<NetworkState>]>> = {
    "is Wi-Fi": [
      { ...PLAIN, "/usr/sbin/scutil --nwi": nwi("en0"), ...name("Current Wi-Fi Network: Casa Rossi\n") },
      { online: true, wifi: true, ssid: "Casa Rossi" },
    ],
    "is Wi-Fi whose name only ipconfig tells": [
      {
        ...PLAIN,
        "/usr/sbin/scutil --nwi": nwi("en0"),
        ...name(NOT_ASSOCIATED),
        "/usr/sbin/ipconfig getsummary en0": summary("home"),
      },
      { online: true, wifi: true, ssid: "home" },
    ],
    "is Wi-Fi whose name is hidden": [
      {
        ...PLAIN,
        "/usr/sbin/scutil --nwi": nwi("en0"),
        ...name(NOT_ASSOCIATED),
        "/usr/sbin/ipconfig getsummary en0": summary("<redacted>"),
      },
      { online: true, wifi: true, ssid: undefined },
    ],
    "is Wi-Fi below a VPN": [
      { ...PLAIN, "/usr/sbin/scutil --nwi": nwi("utun3", "en0"), ...name("Current Wi-Fi Network: home\n") },
      { online: true, wifi: true, ssid: "home" },
    ],
    "is a cable beside Wi-Fi": [
      { ...PLAIN, "/usr/sbin/scutil --nwi": nwi("en4", "en0") },
      { online: true, wifi: false },
    ],
    "is not there": [{ ...PLAIN, "/usr/sbin/scutil --nwi": NO_NETWORK }, { online: false }],
    "is told by the default route": [
      {
        ...PLAIN,
        "/sbin/route -n get default": `   route to: default
destination: default
       mask: default
    gateway: 192.168.1.1
  interface: en4
      flags: <UP,GATEWAY,DONE,STATIC,PRCLONING,GLOBAL>
`,
      },
      { online: true, wifi: false },
    ],
  };
  for (const [name, [outputs, state]] of Object.entries(CASES)) {
    test(name, async () => {
      const none = { behindSignIn: false, metered: undefined, wifi: undefined, ssid: undefined };
      expect(await readersOf(outputs).readers.network(NOBODY_STOPS)).toMatchObject({
        kind: "known",
        value: { ...none, ...state },
      });
    });
  }

  test("is unknown when no tool tells", async () => {
    expect((await readersOf(PLAIN).readers.network(NOBODY_STOPS)).kind).toBe("unknown");
  });

  test("needs no name while it is no Wi-Fi", async () => {
    const { readers, runProgram } = readersOf({ ...PLAIN, "/usr/sbin/scutil --nwi": nwi("en4") });
    await readers.network(NOBODY_STOPS);
    expect(runProgram.commands).toEqual([
      "/usr/sbin/scutil --nwi",
      "/usr/sbin/networksetup -listallhardwareports",
    ]);
  });
});
