import { LullError } from "../../src/base/errors.ts";
import { type LoadedConfig, resolveText } from "../../src/config/load.ts";

/** As the program reads it, in a made-up home. */
export function load(text: string): LoadedConfig {
  return resolveText(text, "config.yaml", { home: "/home/me", device: "laptop" });
}

/** The error that a config is refused with. */
export function problemOf(text: string): LullError {
  return thrown(() => load(text));
}

export function thrown(act: () => unknown): LullError {
  try {
    act();
  } catch (error) {
    if (error instanceof LullError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}
