/** The service of this system, loaded when a command is about it. */
import type { Services } from "../app/deps.ts";
import { buildId } from "../base/build-id.ts";
import type { Places } from "../platform/paths.ts";
import {
  carriedVariables,
  currentUmask,
  notifyWay,
  personBehindSudo,
  serviceUser,
  shellWay,
} from "../platform/service-facts.ts";
import type { System } from "../platform/system.ts";
import { lastHeartbeat } from "./heartbeat.ts";

type ServicesInput = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly places: Places;
  readonly system: System;
};

export function services({ env, home, places, system }: ServicesInput): Services {
  const { stateDirectory } = places;
  const program = buildId() === undefined ? undefined : process.execPath;
  // Reads the user database, which no other command needs.
  const user = (): string => serviceUser(env, { system, userId: process.getuid?.() });
  return {
    program,
    async open(scope, signal) {
      const { openService } = await import("../service/open-service.ts");
      const { serviceFiles } = await import("../service/service-files.ts");
      const { runProgram } = await import("../platform/run-program.ts");
      const { systemTimers: timers } = await import("../base/timers.ts");
      const userId = process.getuid?.() ?? 0;
      return openService(
        {
          system,
          scope,
          environment: env,
          home,
          userId,
          user: user(),
          stateDirectory,
          program: program ?? "lull",
        },
        { ...serviceFiles, run: runProgram, timers },
        signal,
      );
    },
    lastHeartbeat: () => lastHeartbeat(places),
    facts: () => ({
      environment: carriedVariables(env, system),
      ofTheShell: shellWay(env),
      umask: currentUmask(),
      user: user(),
      behindSudo: personBehindSudo(env, process.getuid?.()),
      notifies: notifyWay(system),
    }),
  };
}
