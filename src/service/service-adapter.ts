import { MARKER } from "./service-text.ts";
import type {
  ServiceAction,
  ServiceEffects,
  ServiceManagerKind,
  ServiceProblem,
  ServiceScope,
  ServiceSpec,
  ServiceStatus,
} from "./service.ts";

/** What one system does its own way; `create-service.ts` does the rest alike for all of them. */
export type ServiceAdapter = {
  readonly kind: Exclude<ServiceManagerKind, "none">;
  readonly scope: ServiceScope;
  readonly file: string;
  /** The whole environment of the manager's programs. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Throws why nothing can be changed here: no rights, no manager to talk to. */
  readonly assertUsable: (signal: AbortSignal) => Promise<void>;
  /** Throws why this service can not be had here. */
  readonly assertPossible: (spec: ServiceSpec, signal: AbortSignal) => Promise<void>;
  readonly render: (spec: ServiceSpec) => string;
  /** Whether what is installed says the same as a rendered text. */
  readonly isSame: (installed: string, rendered: string) => boolean;
  readonly look: (signal: AbortSignal) => Promise<ServiceLook>;
  readonly installing: (input: Installing) => readonly ServiceAction[];
  readonly uninstalling: (look: ServiceLook) => readonly ServiceAction[];
  /** Where to look when a program of the manager fails. */
  readonly logHint: string;
};

export type FoundService =
  | { readonly kind: "absent" }
  | { readonly kind: "foreign" }
  | { readonly kind: "own"; readonly text: string };

/** What is at the place where the manager looks for the service. */
export function findService(file: string, effects: ServiceEffects): FoundService {
  const found = effects.read(file);
  if (found.kind === "absent") return found;
  return found.kind === "text" && found.text.includes(MARKER)
    ? { kind: "own", text: found.text }
    : { kind: "foreign" };
}

export type ServiceLook = Pick<ServiceStatus, "enabled" | "state" | "running" | "lingering"> & {
  readonly found: FoundService;
  /** The manager holds it, running or not, whatever the file says. */
  readonly isLoaded: boolean;
  /** The manager has read another text than the file has. */
  readonly isStale: boolean;
  readonly problems: readonly ServiceProblem[];
};

export type Installing = {
  readonly spec: ServiceSpec;
  readonly text: string;
  readonly look: ServiceLook;
  /** Whether the text of an earlier installation is right. */
  readonly isSame: boolean;
};
