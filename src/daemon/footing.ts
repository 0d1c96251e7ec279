/**
 * What the daemon stands on and others can remove while it runs: the lock that keeps a second one out, the socket that
 * commands find it by, the log. Looked at in each turn, so that a state folder that was cleaned up costs a minute, not
 * a daemon that nobody reaches, or two of them.
 */
import { LullError } from "../base/errors.ts";
import type { HeldLock } from "../platform/lock.ts";
import type { ListeningSocket, LocalHandler } from "../platform/local-socket.ts";

export type FootingDeps = {
  /** @throws LullError `DAEMON_RUNNING` (kind `locked`) */
  readonly lock: () => HeldLock;
  readonly listen: (handler: LocalHandler) => ListeningSocket;
  readonly tell: (message: string) => void;
  /** Another daemon has the lock: this one is to end. */
  readonly onOther: () => void;
};

export class Footing implements Disposable {
  readonly #deps: FootingDeps;
  #lock: HeldLock;
  #door: { readonly handler: LocalHandler; socket: ListeningSocket } | undefined;

  /** @throws LullError `DAEMON_RUNNING` (kind `locked`) */
  constructor(deps: FootingDeps) {
    this.#deps = deps;
    this.#lock = deps.lock();
  }

  /** From now on commands are answered. @throws LullError of the system */
  listen(handler: LocalHandler): void {
    this.#door = { handler, socket: this.#deps.listen(handler) };
  }

  /** @throws LullError of the system, when what was removed can not be made anew */
  look(): void {
    if (!this.#lock.isInPlace() && !this.#lockAnew()) return;
    const door = this.#door;
    if (door === undefined || door.socket.isInPlace()) return;
    const before = door.socket;
    door.socket = this.#deps.listen(door.handler);
    // Who is connected to it stays so.
    before[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#door?.socket[Symbol.dispose]();
    this.#lock[Symbol.dispose]();
  }

  #lockAnew(): boolean {
    let lock: HeldLock;
    try {
      lock = this.#deps.lock();
    } catch (error) {
      if (!(error instanceof LullError && error.kind === "locked")) throw error;
      this.#deps.onOther();
      return false;
    }
    this.#lock[Symbol.dispose]();
    this.#lock = lock;
    this.#deps.tell("somebody removed the daemon's lock from its state folder; it was made anew");
    return true;
  }
}
