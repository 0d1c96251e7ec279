import { dlopen, FFIType, ptr } from "bun:ffi";

import { fixedMemory } from "../../../base/fixed-memory.ts";
import { LAST_INPUT_INFO_BYTES, SYSTEM_POWER_STATUS_BYTES } from "./structures.ts";

/** Functions of user32 and kernel32; undefined where one of them fails. */
export type SystemCalls = {
  readonly lastInputInfo: () => DataView | undefined;
  readonly tickCount: () => number;
  readonly powerStatus: () => DataView | undefined;
};

let loaded: SystemCalls | undefined;

/** Throws where there are no such libraries. */
export function loadSystemCalls(): SystemCalls {
  return (loaded ??= load());
}

function load(): SystemCalls {
  const { ptr: pointer, i32, u32 } = FFIType;
  const { symbols: user } = dlopen("user32.dll", { GetLastInputInfo: { args: [pointer], returns: i32 } });
  const { symbols: kernel } = dlopen("kernel32.dll", {
    GetSystemPowerStatus: { args: [pointer], returns: i32 },
    GetTickCount: { args: [], returns: u32 },
  });
  return {
    lastInputInfo() {
      const memory = fixedMemory(LAST_INPUT_INFO_BYTES);
      memory.writeUInt32LE(LAST_INPUT_INFO_BYTES, 0);
      return user.GetLastInputInfo(ptr(memory)) === 0 ? undefined : viewOf(memory);
    },
    tickCount: () => kernel.GetTickCount(),
    powerStatus() {
      const memory = fixedMemory(SYSTEM_POWER_STATUS_BYTES);
      return kernel.GetSystemPowerStatus(ptr(memory)) === 0 ? undefined : viewOf(memory);
    },
  };
}

function viewOf(memory: Buffer): DataView {
  return new DataView(memory.buffer, memory.byteOffset, memory.length);
}
