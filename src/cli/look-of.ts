import type { Deps } from "../app/deps.ts";
import type { Look } from "./print/look.ts";
import type { Session } from "./session.ts";

export function lookOf(session: Session, deps: Deps): Look {
  return { style: session.out.style, symbols: session.out.symbols, clock: session.clock, home: deps.home };
}
