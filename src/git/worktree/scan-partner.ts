import { SharedScan } from "./shared-scan.ts";
import type { IndexEntries } from "./index-entries.ts";
import type { IndexTable } from "./index-table.ts";

/** What the other thread is told for each scan: it calls `new SharedScan(shared).serve(scan, …)` for this folder. */
export type ScanOrder = { readonly shared: SharedArrayBuffer; readonly scan: number; readonly root: string };

/**
 * Starts a thread that takes orders; undefined where a second thread is of no use. It may come late, fail or never
 * answer: then everything is done without it.
 */
export type StartScanThread = () => { post(order: ScanOrder): void; stop(): void } | undefined;

/** One scan with a partner. */
export type ScanHelp = {
  /**
   * For each of the entries from a position on whether it is untouched, as far as the partner knows; undefined: it does
   * not, and these entries are the caller's to look at.
   */
  resultsFrom(position: number): Uint8Array | undefined;
  end(): void;
};

/** Below this many files the second thread has not woken up when the first is done. */
const FEW_FILES = 4000;
/** A short process does not scan so often; to start a thread would cost it more than the thread gains. */
const FIRST_SCANS = 3;
/** A piece takes 0.1 ms. A thread that is silent for so long is of no more use. */
const MOST_SILENCE_MS = 100;

export type ScanPartnerOptions = { readonly fewFiles?: number; readonly firstScans?: number };

/**
 * A second thread for the scans of one repository that stays open: system calls are three quarters of such a scan, and
 * two threads do them in half the time.
 */
export class ScanPartner {
  readonly #start: StartScanThread;
  readonly #root: string;
  readonly #options: Required<ScanPartnerOptions>;
  #thread: ReturnType<StartScanThread>;
  #isStarted = false;
  #scans = 0;
  /** What is shared. */
  #entries: IndexEntries | undefined;
  #revision = 0;
  #shared: SharedScan | undefined;
  /** Position of an entry that begins a piece → that piece's number, and one. */
  #pieceAt = new Uint32Array(0);

  constructor(root: string, start: StartScanThread, options: ScanPartnerOptions = {}) {
    this.#root = root;
    this.#start = start;
    this.#options = { fewFiles: FEW_FILES, firstScans: FIRST_SCANS, ...options };
  }

  /** @returns undefined when the scan is better done alone */
  begin(index: IndexTable, fileMode: boolean): ScanHelp | undefined {
    if (index.count < this.#options.fewFiles || ++this.#scans <= this.#options.firstScans) return undefined;
    if (!this.#isStarted) this.#thread = this.#start();
    this.#isStarted = true;
    if (this.#thread === undefined) return undefined;
    const shared = this.#share(index);
    const scan = shared.begin(index, fileMode);
    this.#thread.post({ shared: shared.shared, scan, root: this.#root });
    return {
      resultsFrom: (position) => {
        const piece = this.#pieceAt[position] ?? 0;
        const results = piece === 0 ? undefined : shared.take(piece - 1, MOST_SILENCE_MS);
        if (results !== "silent") return results;
        this.close();
        return undefined;
      },
      end: () => shared.end(),
    };
  }

  close(): void {
    this.#shared?.end();
    this.#thread?.stop();
    this.#thread = undefined;
    this.#shared = undefined;
  }

  #share(index: IndexTable): SharedScan {
    const { entries, revision } = index;
    if (this.#shared === undefined || this.#entries !== entries) {
      this.#shared = SharedScan.of(entries);
      this.#pieceAt = new Uint32Array(entries.count);
      for (const [piece, position] of this.#shared.pieces.subarray(0, -1).entries())
        this.#pieceAt[position] = piece + 1;
    } else if (this.#revision !== revision) {
      // Entries have been replaced where they lie.
      this.#shared.renew(entries);
    }
    this.#entries = entries;
    this.#revision = revision;
    return this.#shared;
  }
}
