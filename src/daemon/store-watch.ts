/** Notices that the database is another one than before, and says so: what was paused rests no more. */
import type { Tell } from "../app/story.ts";
import type { Notifier } from "../notify/notify.ts";
import type { StoreLook } from "../store/database.ts";

export type StoreWatchDeps = {
  readonly lookAtStore: () => StoreLook;
  readonly tell: Tell;
  readonly notifier: Notifier;
  readonly onNew: () => void;
};

/** @throws LullError of the store */
export function watchStore({ lookAtStore, tell, notifier, onNew }: StoreWatchDeps): void {
  const found = lookAtStore();
  if (found.kind === "same") return;
  onNew();
  const reason =
    found.kind === "damaged"
      ? `the database was damaged and is now ${found.setAside}; history, pauses and waiting syncs begin anew`
      : "the database was removed or replaced; history, pauses and waiting syncs are those of the one that is there now";
  tell({ kind: "trouble", message: reason, hint: "look at `lull status`; what is to rest, pause it again" });
  notifier.event({ kind: "store-new", reason });
}
