/** Notices on the desktop, by what each system has for it. Their texts never become part of a command or a script. */
import { LullError } from "../base/errors.ts";
import type { System } from "../platform/system.ts";
import type { Channel, SendResult } from "./channel.ts";
import { linuxDesktop } from "./desktop-linux.ts";
import { macosDesktop } from "./desktop-macos.ts";
import { windowsDesktop } from "./desktop-windows.ts";
import type { DesktopDeps, ShowNotice } from "./show-notice.ts";

const SHOW = {
  linux: linuxDesktop,
  macos: macosDesktop,
  windows: windowsDesktop,
} as const satisfies Record<System, (deps: DesktopDeps) => ShowNotice>;

export function createDesktopChannel(deps: DesktopDeps): Channel {
  const show = SHOW[deps.system]({ ...deps, env: withoutSecrets(deps.env) });
  return {
    kind: "desktop",
    name: "desktop",
    async send(notice, signal): Promise<SendResult> {
      try {
        await show(notice, signal);
        return { kind: "sent" };
      } catch (error) {
        if (!(error instanceof LullError)) throw error;
        // Nobody is logged in yet, perhaps.
        return { kind: "failed", error, again: "later" };
      }
    },
  };
}

/** Passwords and tokens for lull are no business of the programs that show a notice. */
function withoutSecrets(env: DesktopDeps["env"]): DesktopDeps["env"] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("LULL_")));
}
