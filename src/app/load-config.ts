import { toRunError } from "../sync/run-error.ts";
import type { RunError } from "../sync/outcome.ts";
import type { Deps, LoadedConfig } from "./deps.ts";

export type ConfigOrError =
  | ({ readonly kind: "loaded" } & LoadedConfig)
  | { readonly kind: "refused"; readonly error: RunError };

/** Reads the config; a mistake in it is part of the result. */
export async function loadConfig(deps: {
  readonly config: Pick<Deps["config"], "load">;
}): Promise<ConfigOrError> {
  try {
    return { kind: "loaded", ...(await deps.config.load()) };
  } catch (error) {
    return { kind: "refused", error: toRunError(error) };
  }
}
