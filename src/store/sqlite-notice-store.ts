import type { Store } from "./database.ts";
import type { NoticeStore, StoredNotice } from "./notice-store.ts";

type NoticeRow = Omit<StoredNotice, "toldAt"> & { readonly toldAt: number | null };

export function createNoticeStore(store: Store): NoticeStore {
  return {
    load: () =>
      store.use("read", (database) =>
        database
          .query<NoticeRow, []>(
            "SELECT subject, state, since, told, told_at AS toldAt, detail FROM notices ORDER BY subject",
          )
          .all()
          .map((row) => ({ ...row, toldAt: row.toldAt ?? undefined })),
      ),
    save: (notice) =>
      store.use("write into", (database) => {
        database
          .query<unknown, [Record<string, string | number | null>]>(
            `INSERT OR REPLACE INTO notices (subject, state, since, told, told_at, detail)
             VALUES ($subject, $state, $since, $told, $toldAt, $detail)`,
          )
          .run({ ...notice, toldAt: notice.toldAt ?? null });
      }),
    remove: (subject) =>
      store.use("write into", (database) => {
        database
          .query<unknown, [{ subject: string }]>("DELETE FROM notices WHERE subject = $subject")
          .run({ subject });
      }),
  };
}
