import { createService } from "./create-service.ts";
import { launchdAdapter } from "./launchd.ts";
import { noManager } from "./no-manager.ts";
import type { ServiceEffects, ServiceManager, ServiceScope } from "./service.ts";
import { systemdAdapter } from "./systemd.ts";
import { taskSchedulerAdapter } from "./task-scheduler.ts";

export type OpenServiceInput = {
  readonly system: "linux" | "macos" | "windows";
  readonly scope: ServiceScope;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** 0 where there are no such numbers (Windows). */
  readonly userId: number;
  /** Who runs this command; on Windows `DOMAIN\name`. */
  readonly user: string;
  readonly stateDirectory: string;
  /** The real path of this very program, for hints. */
  readonly program: string;
};

/** Finds out what starts programs on this system. */
export async function openService(
  input: OpenServiceInput,
  effects: ServiceEffects,
  signal: AbortSignal,
): Promise<ServiceManager> {
  switch (input.system) {
    case "macos":
      return createService(launchdAdapter(input, effects), effects);
    case "windows":
      return createService(taskSchedulerAdapter(input, effects), effects);
    case "linux": {
      const adapter = await systemdAdapter(input, effects, signal);
      return adapter === undefined ? noManager(input.scope, input.program) : createService(adapter, effects);
    }
  }
}
