import { LullError } from "../base/errors.ts";
import type { ServiceManager, ServiceScope } from "./service.ts";

/** Where nothing that lull knows starts programs: containers, Alpine, other inits. */
export function noManager(scope: ServiceScope): ServiceManager {
  const refuse = async (): Promise<never> => {
    throw new LullError({
      kind: "failed",
      code: "NO_SERVICE_MANAGER",
      message: "no systemd runs here, and lull knows no other service manager of Linux",
      hint: INSTEAD,
    });
  };
  return {
    kind: "none",
    scope,
    install: refuse,
    uninstall: refuse,
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
      problems: [
        { what: "no systemd runs here, and lull knows no other service manager of Linux", next: INSTEAD },
      ],
    }),
  };
}

const INSTEAD =
  "lull daemon start; to have it from boot on, add this line with `crontab -e`: @reboot lull daemon start (lull by its full path), or make `lull daemon run` the main process of the container";
