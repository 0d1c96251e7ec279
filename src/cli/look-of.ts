import type { Deps } from "../app/deps.ts";
import type { Look } from "./print/look.ts";
import type { Session } from "./session.ts";

export function lookOf(session: Session, deps: Pick<Deps, "home">): Look {
  const { io, out, clock } = session;
  return {
    style: out.style,
    symbols: out.symbols,
    clock,
    width: io.isTty ? out.width : undefined,
    home: deps.home,
  };
}
