/** The readers against services on a bus of the test's own, made by python3-dbusmock, through busctl and gdbus. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createMachineReaders } from "../../../../src/platform/readings/machine-readers.ts";
import type { MachineReaders } from "../../../../src/platform/readings/readings.ts";
import { runProgram } from "../../../../src/platform/run-program.ts";
import {
  missingForBus,
  type MockService,
  type PrivateBus,
  startPrivateBus,
} from "../../../helpers/private-bus.ts";
import { cannotRun } from "../../../helpers/skip.ts";
import { rememberTemporary } from "../../../helpers/temporary.ts";
import { fakeRoot, machine, NOBODY_STOPS, recorded } from "../machine.ts";

const missing = missingForBus();
const skip = cannotRun(missing !== undefined, `services on D-Bus: ${missing}`);

/** Online by cable and on mains, if anybody asked the kernel. */
const KERNEL = {
  "proc/net/route":
    "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\neth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\n",
  "sys/class/net/eth0/operstate": "up\n",
  "sys/class/net/eth0/type": "1\n",
  "sys/class/power_supply/AC/type": "Mains\n",
  "sys/class/power_supply/AC/online": "1\n",
  "sys/class/power_supply/BAT0/type": "Battery\n",
  "sys/class/power_supply/BAT0/capacity": "66\n",
};

let bus: PrivateBus;
let root: string;

beforeAll(async () => {
  if (skip) return;
  bus = await startPrivateBus();
  root = fakeRoot(KERNEL);
});
afterAll(async () => {
  if (!skip) await bus[Symbol.asyncDispose]();
});

/** Of the programs that can ask, only this one is found. */
function readersWith(program: "busctl" | "gdbus"): MachineReaders {
  const folder = rememberTemporary(mkdtempSync(join(tmpdir(), "path-")));
  symlinkSync(Bun.which(program) ?? "", join(folder, program));
  const path = join(folder, program);
  return createMachineReaders(
    "linux",
    machine({
      root,
      environment: bus.environment,
      runProgram: async (command, options) =>
        command[0] === program ? runProgram([path, ...command.slice(1)], options) : { kind: "missing" },
    }),
  );
}

const NM = "org.freedesktop.NetworkManager";
const NM_PATH = "/org/freedesktop/NetworkManager";

describe.skipIf(skip).each(["busctl", "gdbus"] as const)("through %s", (program) => {
  describe("NetworkManager", () => {
    let manager: MockService;
    let readers: MachineReaders;

    beforeAll(async () => {
      manager = await bus.service("networkmanager");
      readers = readersWith(program);
      await manager.property(NM_PATH, `${NM}.Metered`, "u", "4");
      await manager.property(NM_PATH, `${NM}.PrimaryConnection`, "o", "/");
      await manager.property(NM_PATH, `${NM}.PrimaryConnectionType`, "s", "");
    });
    afterAll(async () => manager.stop());

    const network = async () => readers.network(NOBODY_STOPS);
    const ssid = "Caffè “Roma”";

    test("leaves networks that are none of its own to the kernel", async () => {
      expect(await network()).toMatchObject({ source: "the kernel's routes", value: { online: true } });
    });

    test("knows the Wi-Fi's name and what it costs", async () => {
      const device = `${NM_PATH}/Devices/mock_wifi`;
      const point = `${NM_PATH}/AccessPoint/mock_ap`;
      await manager.mock(NM_PATH, "AddWiFiDevice", "ssi", ["mock_wifi", "wlan0", "100"]);
      await manager.mock(NM_PATH, "AddAccessPoint", "ssssuuuyu", [
        device,
        "mock_ap",
        ssid,
        "00:23:F8:7E:12:BB",
        "2",
        "2425",
        "5400",
        "82",
        "256",
      ]);
      await manager.mock(NM_PATH, "AddWiFiConnection", "ssss", [device, "mock_con", ssid, ""]);
      const settings = `${NM_PATH}/Settings/mock_con`;
      await manager.mock(NM_PATH, "AddActiveConnection", "assssu", [
        "1",
        device,
        settings,
        point,
        "mock_active",
        "2",
      ]);
      const active = `${NM_PATH}/ActiveConnection/mock_active`;
      await manager.property(NM_PATH, `${NM}.PrimaryConnection`, "o", active);
      await manager.property(NM_PATH, `${NM}.PrimaryConnectionType`, "s", "802-11-wireless");
      expect(await network()).toEqual({
        kind: "known",
        value: { online: true, behindSignIn: false, metered: false, wifi: true, ssid },
        source: "NetworkManager",
      });
    });

    test("tells a metered network, by declaration or by guess, and one it knows nothing of", async () => {
      for (const [value, metered] of [
        ["1", true],
        ["3", true],
        ["2", false],
        ["0", undefined],
      ] as const) {
        await manager.property(NM_PATH, `${NM}.Metered`, "u", value);
        expect(await network()).toMatchObject({ value: { metered } });
      }
    });

    test("tells a sign-in page, and a network that leads nowhere", async () => {
      for (const [connectivity, online, behindSignIn] of [
        ["2", false, true],
        ["1", false, false],
        ["3", true, false],
        ["0", true, false],
        ["4", true, false],
      ] as const) {
        await manager.mock(NM_PATH, "SetConnectivity", "u", [connectivity]);
        expect(await network()).toMatchObject({ value: { online, behindSignIn } });
      }
    });

    test("hangs, and the kernel answers in its stead", async () => {
      manager.process.kill("SIGSTOP");
      expect(await network()).toMatchObject({ source: "the kernel's routes", value: { online: true } });
    });
  });

  test("UPower tells the charge, and power-profiles-daemon the power-saver", async () => {
    const readers = readersWith(program);
    expect(await readers.power(NOBODY_STOPS)).toEqual({
      kind: "known",
      value: { onMains: true, batteryPercent: 66, powerSaver: undefined },
      source: "/sys/class/power_supply",
    });
    const upower = await bus.service("upower");
    const display = "/org/freedesktop/UPower/devices/DisplayDevice";
    const path = "/org/freedesktop/UPower";
    await upower.mock(path, "SetupDisplayDevice", "uuddddxxbsu", [
      "2",
      "2",
      "23.5",
      "11.75",
      "50",
      "12",
      "3600",
      "0",
      "true",
      "battery-low",
      "1",
    ]);
    await upower.property(path, "org.freedesktop.UPower.OnBattery", "b", "true");
    const profiles = await bus.service("power_profiles_daemon");
    await profiles.property(
      "/net/hadess/PowerProfiles",
      "net.hadess.PowerProfiles.ActiveProfile",
      "s",
      "power-saver",
    );
    expect(await readers.power(NOBODY_STOPS)).toEqual({
      kind: "known",
      value: { onMains: false, batteryPercent: 23.5, powerSaver: true },
      source: "UPower",
    });
    await upower.property(display, "org.freedesktop.UPower.Device.IsPresent", "b", "false");
    await upower.property(path, "org.freedesktop.UPower.OnBattery", "b", "false");
    await profiles.property(
      "/net/hadess/PowerProfiles",
      "net.hadess.PowerProfiles.ActiveProfile",
      "s",
      "balanced",
    );
    expect(await readers.power(NOBODY_STOPS)).toMatchObject({
      value: { onMains: true, batteryPercent: 66, powerSaver: false },
      source: "UPower",
    });
    upower.process.kill("SIGSTOP");
    expect(await readers.power(NOBODY_STOPS)).toMatchObject({ source: "/sys/class/power_supply" });
    await Promise.all([upower.stop(), profiles.stop()]);
  });

  describe("logind", () => {
    let logind: MockService;
    let readers: MachineReaders;
    const session = (id: string) => `/org/freedesktop/login1/session/${id}`;
    const set = async (id: string, property: string, type: string, value: string) =>
      logind.property(session(id), `org.freedesktop.login1.Session.${property}`, type, value);
    const ago = (ms: number) => String((Date.now() - ms) * 1000);
    const idle = async () => readers.idle(NOBODY_STOPS);
    /** Roughly: time goes on while it is read. */
    const expectIdle = async (atLeast: number) => {
      const reading = await idle();
      if (reading.kind !== "known" || reading.value.kind !== "used") throw new Error("not used");
      const { idleMs } = reading.value;
      expect([reading.source, idleMs >= atLeast, idleMs < atLeast + 60_000]).toEqual(["logind", true, true]);
    };

    beforeAll(async () => {
      logind = await bus.service("logind");
      readers = readersWith(program);
    });
    afterAll(async () => logind.stop());

    test("tells that nobody is logged in", async () => {
      expect(await idle()).toEqual({ kind: "known", value: { kind: "nobody-logged-in" }, source: "logind" });
    });

    test("tells the last input of a terminal", async () => {
      await logind.mock("/org/freedesktop/login1", "AddSession", "ssusb", [
        "ssh",
        "seat0",
        "1000",
        "me",
        "true",
      ]);
      await set("ssh", "Type", "s", "tty");
      await set("ssh", "IdleSinceHint", "t", ago(600_000));
      await expectIdle(600_000);
    });

    test("tells of a desktop that it is idle, or used, or nothing", async () => {
      await logind.mock("/org/freedesktop/login1", "AddSession", "ssusb", [
        "gui",
        "seat0",
        "1000",
        "me",
        "true",
      ]);
      await set("gui", "Type", "s", "wayland");
      expect(await idle()).toEqual({
        kind: "unknown",
        why: "the desktop does not tell logind whether it is used",
      });
      await set("gui", "IdleHint", "b", "true");
      await set("gui", "IdleSinceHint", "t", ago(300_000));
      await expectIdle(300_000);
      await set("gui", "IdleHint", "b", "false");
      await expectIdle(0);
    });

    test("lists sessions in which nobody sits", async () => {
      await set("gui", "Class", "s", "greeter");
      await expectIdle(600_000);
      await set("gui", "Class", "s", "user");
      await set("gui", "State", "s", "online");
      await expectIdle(600_000);
      await set("ssh", "State", "s", "closing");
      expect(await idle()).toMatchObject({ value: { kind: "nobody-logged-in" } });
    });

    test("is overruled by the desktop, but for terminals", async () => {
      await set("gui", "State", "s", "active");
      await set("ssh", "State", "s", "active");
      const name = "org.gnome.Mutter.IdleMonitor";
      const path = "/org/gnome/Mutter/IdleMonitor/Core";
      const mutter = await bus.bareService(name, path);
      await mutter.mock(path, "AddMethod", "sssss", [name, "GetIdletime", "", "t", "ret = 41298"]);
      expect(await idle()).toEqual({
        kind: "known",
        value: { kind: "used", idleMs: 41_298 },
        source: "Mutter",
      });
      await set("ssh", "IdleSinceHint", "t", ago(-5000));
      expect(await idle()).toMatchObject({ value: { idleMs: 0 }, source: "Mutter" });
      mutter.process.kill("SIGSTOP");
      expect(await idle()).toMatchObject({ value: { idleMs: 0 }, source: "logind" });
      await mutter.stop();
    });

    test("hangs, and idleness is unknown", async () => {
      logind.process.kill("SIGSTOP");
      expect((await idle()).kind).toBe("unknown");
    });
  });
});

test("without a bus nobody is asked", async () => {
  const runProgram = recorded({});
  const files = { "run/user/.keep": "" };
  const readers = createMachineReaders(
    "linux",
    machine({ root: fakeRoot(files), runProgram, environment: { XDG_RUNTIME_DIR: "/nowhere" } }),
  );
  await Promise.all([readers.idle(NOBODY_STOPS), readers.network(NOBODY_STOPS), readers.power(NOBODY_STOPS)]);
  expect(runProgram.commands).toEqual([]);
});

test.skipIf(skip)("an old busctl, which knows no JSON, is left for gdbus", async () => {
  const asked: string[] = [];
  const manager = await bus.service("networkmanager");
  const readers = createMachineReaders(
    "linux",
    machine({
      root,
      environment: bus.environment,
      runProgram: async (command, options) => {
        asked.push(command[0]);
        return command[0] === "busctl"
          ? { kind: "ended", code: 1, stdout: "", stderr: "busctl: unrecognized option '--json=short'\n" }
          : runProgram(command, options);
      },
    }),
  );
  await manager.property(NM_PATH, `${NM}.PrimaryConnection`, "o", `${NM_PATH}/ActiveConnection/1`);
  for (let time = 0; time < 2; time++)
    expect(await readers.network(NOBODY_STOPS)).toMatchObject({ source: "NetworkManager" });
  expect(asked).toEqual(["busctl", "gdbus", "gdbus"]);
  await manager.stop();
});
