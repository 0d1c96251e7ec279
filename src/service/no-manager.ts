import { LullError } from "../base/errors.ts";
import type { ServiceManager, ServiceScope } from "./service.ts";

/** Where nothing that lull knows starts programs: containers, Alpine, other inits. @param program lull's own path */
export function noManager(scope: ServiceScope, program: string): ServiceManager {
  const refusal = (hint: string) => async (): Promise<never> => {
    throw new LullError({ kind: "failed", code: "NO_SERVICE_MANAGER", message: WHY, hint });
  };
  const instead = `start it with \`lull daemon start\`; from boot on by this line in \`crontab -e\`: @reboot ${program} daemon start; in a container make \`lull daemon run\` the main process`;
  return {
    kind: "none",
    scope,
    install: refusal(instead),
    uninstall: refusal("there is nothing to take out; `lull daemon stop` ends a daemon that runs"),
    status: async () => ({
      manager: "none",
      scope,
      file: undefined,
      installed: "no",
      command: undefined,
      enabled: undefined,
      state: undefined,
      running: undefined,
      lingering: undefined,
      problems: [{ what: WHY, next: instead }],
    }),
  };
}

const WHY = "no systemd runs here, and lull knows no other service manager of Linux";
