/**
 * Windows as its libraries and programs describe it. The structures are those of the documentation of GetLastInputInfo
 * and GetSystemPowerStatus; the outputs were written after that of NetworkInformation and of `netsh wlan`, and after
 * what people posted of Windows 10 and 11; none was recorded here.
 */
import { describe, expect, test } from "bun:test";
import type { CpuInfo, NetworkInterfaceInfo } from "node:os";

import { busyShare } from "../../../../src/platform/readings/windows/load.ts";
import { profileOf, wifiOf } from "../../../../src/platform/readings/windows/outputs.ts";
import { idleOf, powerOf } from "../../../../src/platform/readings/windows/structures.ts";
import {
  type WindowsHost,
  windowsReaders,
} from "../../../../src/platform/readings/windows/windows-readers.ts";
import { fakeClock } from "../../../helpers/fake-clock.ts";
import { fakeTimers } from "../../../helpers/fake-timers.ts";
import { machine, NOBODY_STOPS, recorded } from "../machine.ts";

function inputInfo(tick: number): DataView {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, 8, true);
  view.setUint32(4, tick, true);
  return view;
}

const status = (...bytes: readonly number[]) =>
  new DataView(Uint8Array.from([...bytes, ...Array(8).fill(0)]).buffer);

describe("the last input", () => {
  test("is some ticks ago", () => expect(idleOf(inputInfo(1_000_000), 1_040_000)).toBe(40_000));

  test("is found over the end of the count of ticks, after 49.7 days", () =>
    expect(idleOf(inputInfo(2 ** 32 - 1000), 39_000)).toBe(40_000));
});

test("the power status becomes words", () => {
  expect(powerOf(status(0, 1, 24, 0))).toEqual({ onMains: false, batteryPercent: 24, powerSaver: false });
  expect(powerOf(status(0, 4, 4, 1))).toEqual({ onMains: false, batteryPercent: 4, powerSaver: true });
  expect(powerOf(status(1, 8, 50, 0))).toEqual({ onMains: true, batteryPercent: 50, powerSaver: false });
  expect(powerOf(status(1, 128, 255, 0))).toEqual({
    onMains: true,
    batteryPercent: undefined,
    powerSaver: false,
  });
  expect(powerOf(status(255, 255, 255, 0))).toBeUndefined();
});

const cpu = (busy: number, idle: number): CpuInfo => ({
  model: "",
  speed: 0,
  times: { user: busy / 2, nice: 0, sys: busy / 2, irq: 0, idle },
});

test("the load is the share of time that the processors were busy", () => {
  expect(busyShare([cpu(100, 100), cpu(0, 0)], [cpu(600, 100), cpu(250, 250)])).toBe(0.75);
  expect(busyShare([cpu(100, 100)], [cpu(100, 100)])).toBeUndefined();
});

describe("the network's profile", () => {
  test.each([
    [
      '{"roaming":false,"wlan":true,"cost":"Unrestricted","level":"InternetAccess","ssid":"Caffè"}',
      { online: true, behindSignIn: false, metered: false, wifi: true, ssid: "Caffè" },
    ],
    [
      '{"roaming":false,"wlan":false,"cost":"Fixed","level":"InternetAccess","ssid":null}',
      { online: true, behindSignIn: false, metered: true, wifi: false, ssid: undefined },
    ],
    [
      '{"roaming":true,"wlan":false,"cost":"Unrestricted","level":"InternetAccess"}',
      { online: true, behindSignIn: false, metered: true, wifi: false, ssid: undefined },
    ],
    [
      '{"roaming":false,"wlan":true,"cost":"Unknown","level":"ConstrainedInternetAccess","ssid":"hotel"}',
      { online: false, behindSignIn: true, metered: undefined, wifi: true, ssid: "hotel" },
    ],
    ['{"level":"None"}', { online: false }],
  ])("%s", (json, state) => expect(profileOf(json)).toMatchObject(state));

  test("is nothing when PowerShell says something else", () => {
    for (const text of ["", "[]", "null", "3", "Unable to find type", '{"level":3}'])
      expect(profileOf(text)).toBeUndefined();
  });
});

const NETSH = `
There is 1 interface on the system:

    Name                   : Wi-Fi
    Description            : Intel(R) Wi-Fi 6 AX201 160MHz
    GUID                   : 8d3a0c2e-0000-0000-0000-000000000000
    Physical address       : f4:4e:e3:00:00:00
    State                  : connected
    SSID                   : Casa Rossi
    BSSID                  : 44:d9:e7:00:00:00
    Network type           : Infrastructure
    Signal                 : 87%
    Profile                : Casa Rossi
`;

test("the name of the Wi-Fi is found among netsh's lines, in any language", () => {
  expect(wifiOf(NETSH)).toEqual({ wifi: true, ssid: "Casa Rossi" });
  expect(wifiOf(NETSH.replaceAll("\n", "\r\n").replace("State ", "Stato "))).toEqual({
    wifi: true,
    ssid: "Casa Rossi",
  });
  expect(wifiOf("There is no wireless interface on the system.")).toEqual({});
});

const address = (text: string, internal = false): NetworkInterfaceInfo =>
  ({ address: text, internal, family: "IPv4" }) as NetworkInterfaceInfo;

function hostOf(initial: Record<string, NetworkInterfaceInfo[]>) {
  const host = { interfaces: initial };
  const calls: WindowsHost = {
    networkInterfaces: () => host.interfaces,
    cpus: () => [cpu(0, 0)],
    calls: () => ({
      lastInputInfo: () => inputInfo(500),
      tickCount: () => 1500,
      powerStatus: () => status(0, 1, 60, 0),
    }),
  };
  return { host, calls };
}

const POWERSHELL = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";
const PROFILE = '{"roaming":false,"wlan":true,"cost":"Fixed","level":"InternetAccess","ssid":"phone"}';
const LOOPBACK = { lo: [address("127.0.0.1", true)], Ethernet: [address("169.254.3.4"), address("fe80::1")] };
const WIFI = { ...LOOPBACK, "Wi-Fi": [address("192.168.1.2")] };

describe("the network", () => {
  test("is asked from PowerShell once for the same addresses, for five minutes", async () => {
    const clock = fakeClock();
    const runProgram = recorded({ [POWERSHELL]: PROFILE });
    const { host, calls } = hostOf(WIFI);
    const readers = windowsReaders(machine({ runProgram, clock }), calls);
    const expected = {
      kind: "known" as const,
      value: { online: true, behindSignIn: false, metered: true, wifi: true, ssid: "phone" },
      source: "Windows' network profile",
    };
    expect(await readers.network(NOBODY_STOPS)).toEqual(expected);
    clock.advance(4 * 60_000);
    expect(await readers.network(NOBODY_STOPS)).toEqual(expected);
    expect(runProgram.commands).toHaveLength(1);
    clock.advance(60_000);
    await readers.network(NOBODY_STOPS);
    expect(runProgram.commands).toHaveLength(2);
    host.interfaces = { ...WIFI, Ethernet: [address("10.0.0.5")] };
    await readers.network(NOBODY_STOPS);
    expect(runProgram.commands).toHaveLength(3);
    clock.setWall(clock.now() - 3_600_000);
    await readers.network(NOBODY_STOPS);
    expect(runProgram.commands).toHaveLength(4);
  });

  test("is not there without an address, and nobody is asked", async () => {
    const runProgram = recorded({ [POWERSHELL]: PROFILE });
    const readers = windowsReaders(machine({ runProgram }), hostOf(LOOPBACK).calls);
    expect(await readers.network(NOBODY_STOPS)).toMatchObject({ kind: "known", value: { online: false } });
    expect(runProgram.commands).toEqual([]);
  });

  test("behind a sign-in page is looked at again each time", async () => {
    const runProgram = recorded({ [POWERSHELL]: PROFILE.replace("Internet", "ConstrainedInternet") });
    const readers = windowsReaders(machine({ runProgram }), hostOf(WIFI).calls);
    await readers.network(NOBODY_STOPS);
    await readers.network(NOBODY_STOPS);
    expect(runProgram.commands).toHaveLength(2);
  });

  test("is told by its devices where PowerShell is late", async () => {
    const runProgram = recorded({ [POWERSHELL]: { kind: "timeout" }, "D:\\WIN\\System32\\netsh.exe": NETSH });
    const access = machine({ runProgram, environment: { SystemRoot: "D:\\WIN" } });
    expect(await windowsReaders(access, hostOf(WIFI).calls).network(NOBODY_STOPS)).toEqual({
      kind: "known",
      value: { online: true, behindSignIn: false, metered: undefined, wifi: true, ssid: "Casa Rossi" },
      source: "the network devices",
    });
  });
});

test("input, power and load are read from the libraries and the processors", async () => {
  const clock = fakeClock();
  const timers = fakeTimers(clock);
  const readers = windowsReaders(machine({ timers }), hostOf(WIFI).calls);
  expect(await readers.idle(NOBODY_STOPS)).toMatchObject({ value: { kind: "used", idleMs: 1000 } });
  expect(await readers.power(NOBODY_STOPS)).toMatchObject({ value: { onMains: false, batteryPercent: 60 } });
  const load = readers.load(NOBODY_STOPS);
  await timers.pass(500);
  expect(await load).toEqual({ kind: "unknown", why: "the processors do not tell what they did" });
});

test("a library that fails makes the answer unknown", async () => {
  const { calls } = hostOf(WIFI);
  const broken = { lastInputInfo: () => undefined, tickCount: () => 0, powerStatus: () => undefined };
  const readers = windowsReaders(machine(), { ...calls, calls: () => broken });
  expect((await readers.idle(NOBODY_STOPS)).kind).toBe("unknown");
  expect((await readers.power(NOBODY_STOPS)).kind).toBe("unknown");
});
