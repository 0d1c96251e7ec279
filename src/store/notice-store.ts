/** What people were told, as the notices see it: one row a subject, so that each thing is told once. */
export type NoticeStore = {
  load(): readonly StoredNotice[];
  /** Takes the place of the subject's row. */
  save(notice: StoredNotice): void;
  remove(subject: string): void;
};

export type StoredNotice = {
  /** `source:notes`, or a subject of the whole program such as `program:network`. */
  readonly subject: string;
  /** How it stands; empty: well. */
  readonly state: string;
  /** Milliseconds since 1970 UTC. */
  readonly since: number;
  /** The state that people were told of last; empty: that it is well, or nothing. */
  readonly told: string;
  readonly toldAt: number | undefined;
  /** The rest as JSON; only `notify` reads it. */
  readonly detail: string;
};
