/** The story in the daemon's log: one JSON document a line, in files of 10 MB of which five are kept. */
import { messageOf } from "../base/errors.ts";
import { LOG_FILE_BYTES, LOG_FILES, RotatingFile } from "../base/rotating-file.ts";
import { levelOf, type StoryEvent, STORY_LEVELS, type StoryLevel } from "../app/story.ts";

export class StoryLog implements Disposable {
  readonly #path: string;
  #file: RotatingFile | undefined;
  readonly #onTrouble: (message: string) => void;
  #level: StoryLevel = "info";
  #isBroken = false;

  /** @param onTrouble told once when the log can not be written any more, and again only after it could */
  constructor(path: string, onTrouble: (message: string) => void) {
    this.#path = path;
    this.#onTrouble = onTrouble;
    this.look();
  }

  /** To be called now and then: opens the file when that was not possible or somebody has removed it. */
  look(): void {
    this.#try(() => {
      this.#file ??= new RotatingFile(this.#path, { size: LOG_FILE_BYTES, count: LOG_FILES });
      this.#file.look();
    });
  }

  set level(level: StoryLevel) {
    this.#level = level;
  }

  write(event: StoryEvent): void {
    const level = levelOf(event);
    if (STORY_LEVELS.indexOf(level) < STORY_LEVELS.indexOf(this.#level)) return;
    const { at, ...rest } = event;
    const line = JSON.stringify({ time: new Date(at).toISOString(), level, ...rest });
    const file = this.#file;
    if (file === undefined) return;
    this.#try(() => {
      file.append(line);
      this.#isBroken = false;
    });
  }

  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
    this.#file = undefined;
  }

  /** A full disk ends no sync and no daemon; it only goes unlogged. */
  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (this.#isBroken) return;
      this.#isBroken = true;
      this.#onTrouble(messageOf(error));
    }
  }
}
