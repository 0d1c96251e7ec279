/** What the service manager is told: how the daemon stands, in one line, and that it is alive. */
import type { Timers } from "../base/timers.ts";
import type { ServiceNotifier } from "../platform/service-notifier.ts";

export class ManagerVoice implements Disposable {
  readonly #service: ServiceNotifier;
  readonly #timers: Timers;
  #said = "";
  #heartbeat: Disposable | undefined;

  constructor(service: ServiceNotifier, timers: Timers) {
    this.#service = service;
    this.#timers = timers;
  }

  /** It works now. From here on the manager hears in time that it still does. */
  ready(): void {
    this.#service.ready();
    if (this.#heartbeat === undefined) this.#beat();
  }

  reloading(): void {
    this.#service.reloading();
  }

  stopping(): void {
    this.#service.stopping();
    this[Symbol.dispose]();
  }

  /** The line that `systemctl status` shows. */
  status(about: { readonly sources: number; readonly running: readonly string[] }): void {
    if (!this.#service.isManaged) return;
    const doing = about.running.length === 0 ? "rests" : `syncs ${about.running.join(", ")}`;
    const text = `${about.sources} ${about.sources === 1 ? "source" : "sources"}, ${doing}`;
    if (text === this.#said) return;
    this.#said = text;
    this.#service.status(text);
  }

  [Symbol.dispose](): void {
    this.#heartbeat?.[Symbol.dispose]();
  }

  #beat(): void {
    const { watchdogIntervalMs } = this.#service;
    if (watchdogIntervalMs === undefined) return;
    this.#service.alive();
    this.#heartbeat = this.#timers.after(watchdogIntervalMs, () => this.#beat());
  }
}
