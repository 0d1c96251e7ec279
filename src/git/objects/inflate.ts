import { DamagedData } from "./damaged-data.ts";
import { zlib } from "./zlib.ts";

/** No deflate stream grows by more than this; what declares more is a lie. (zlib technote, "1032:1") */
const LARGEST_RATIO = 1032;
/** The largest object that is held in memory; JavaScript buffers and `int` APIs end about here. */
const LARGEST_IN_MEMORY = 2 ** 31 - 2;
const OUTPUT_CHUNK = 128 * 1024;

/**
 * Inflates a zlib stream that must give exactly `size` bytes. `input` may go on after the stream's end.
 * @param allocate gives the room for the output; one byte more than `size` is asked for
 * @returns the bytes and how many bytes of `input` the stream took
 * @throws DamagedData `short` when the input ends first, `bad` when it is no such stream or gives another size
 */
export function inflate(
  input: Uint8Array,
  size: number,
  allocate: Allocate = allocateAnew,
): { readonly bytes: Buffer; readonly consumed: number } {
  checkDeclaredSize(size, input.length);
  // One byte more than declared: room left with Z_FINISH and no error can only mean "stream ended, checksum right".
  const output = allocate(size + 1);
  const step = sharedInflater().write(zlib().constants.Z_FINISH, input, output);
  if (step.produced !== size) throw wrongSize(size);
  return { bytes: output.subarray(0, size), consumed: step.consumed };
}

/** Gives room of so many bytes. */
export type Allocate = (size: number) => Buffer;

export function allocateAnew(size: number): Buffer {
  return Buffer.allocUnsafe(size);
}

/** Streams of one process up to which loading zlib costs more than doing without: 5 ms against a microsecond or two each. */
const WITHOUT_ZLIB = 1500;
/**
 * Bun's own call is never slower for what has the size of a commit or a small tree: 3.2 µs against 3.8 of the native
 * handle for 200 bytes, 1.7 against 2.7 for 330; tiny ones (0.7 against 0.3) and files are quicker by the handle.
 */
const BUN_FROM = 64;
const BUN_TO = 1024;
/** A damaged stream may give a thousand times its size before anybody notices. */
const SMALL = 16 * 1024;

let doneWithoutZlib = 0;

/**
 * As `inflate` where nobody asks how much of the input the stream took: the first small ones of a process without zlib.
 * @throws DamagedData as `inflate`
 */
export function inflateContent(input: Uint8Array, size: number, allocate?: Allocate): Uint8Array {
  const bytes = size <= SMALL ? inflateByBun(input, size) : undefined;
  if (bytes?.length === size) return bytes;
  // Also to tell what is wrong.
  return inflate(input, size, allocate).bytes;
}

/**
 * Inflates a small zlib stream that fills its input and does not say how much it gives.
 * @returns undefined when it is damaged, large, or easier to inflate in another way by now
 */
export function inflateAll(input: Buffer): Uint8Array | undefined {
  const { length } = input;
  const bytes = length <= SMALL && length >= 4 ? inflateByBun(input, length) : undefined;
  if (bytes === undefined) return undefined;
  const checksum = input.readUInt32BE(length - 4);
  // Where the stream ends with its input, so does its checksum.
  return Bun.hash.adler32(bytes) >>> 0 === checksum ? bytes : undefined;
}

/**
 * Undefined: it is damaged, in whatever way. Bytes behind the stream do no harm; its checksum is compared.
 * @param size about how much it gives
 */
function inflateByBun(input: Uint8Array, size: number): Uint8Array<ArrayBuffer> | undefined {
  if (doneWithoutZlib >= WITHOUT_ZLIB && (size < BUN_FROM || size > BUN_TO)) return undefined;
  doneWithoutZlib += 1;
  try {
    // Not made a `Buffer`: to ask for the memory below a small array costs as much as half of this call.
    return Bun.inflateSync(input as Uint8Array<ArrayBuffer>, ZLIB_STREAM);
  } catch {
    return undefined;
  }
}

/** In zlib's words: the largest window, and a zlib head before the stream. */
const ZLIB_STREAM = { windowBits: 15 } as const;

/** Input that is enough for a prefix: the code tables of a stream's first block alone may take 290 bytes. */
export const PREFIX_INPUT = 512;

/** Returns the first bytes of a zlib stream, at most `count`; fewer when stream or input end before. */
export function inflatePrefix(input: Uint8Array, count: number): Buffer {
  const output = Buffer.allocUnsafe(count);
  return output.subarray(0, sharedInflater().write(zlib().constants.Z_SYNC_FLUSH, input, output).produced);
}

export type InflateSource = {
  /** Returns some bytes from this position of the stream on; empty at the end. Valid until the next call. */
  read(position: number): Uint8Array;
  /** Told each piece of input that belonged to the stream, in order. */
  onInput?(bytes: Uint8Array): void;
};

/**
 * As `inflate`, in pieces that are valid until the next one is asked for: for objects that should not be in memory.
 * @returns how many bytes of input the stream took
 */
export function* inflateChunks(source: InflateSource, size: number): Generator<Uint8Array, number> {
  const inflater = createInflater();
  const { constants } = zlib();
  const output = Buffer.allocUnsafeSlow(Math.min(OUTPUT_CHUNK, size + 1));
  let consumed = 0;
  let produced = 0;
  try {
    for (;;) {
      const input = source.read(consumed);
      const flush = input.length === 0 ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
      const step = inflater.write(flush, input, output);
      source.onInput?.(input.subarray(0, step.consumed));
      consumed += step.consumed;
      produced += step.produced;
      if (produced > size) throw wrongSize(size);
      if (step.produced > 0) yield output.subarray(0, step.produced);
      else if (step.consumed === 0) break;
    }
    // A stream that is not at its end makes no step either when its output is due: Z_FINISH tells them apart.
    inflater.write(constants.Z_FINISH, EMPTY, output);
    if (produced !== size) throw wrongSize(size);
    return consumed;
  } finally {
    inflater.close();
  }
}

/** @throws DamagedData when no stream of `available` bytes can hold that much */
export function checkDeclaredSize(size: number, available: number): void {
  if (size > available * LARGEST_RATIO + 1024) {
    throw new DamagedData("short", `it declares ${size} bytes, more than its ${available} bytes can hold`);
  }
  if (size > LARGEST_IN_MEMORY)
    throw new DamagedData("bad", `it declares ${size} bytes, more than fit into memory`);
}

function wrongSize(size: number): DamagedData {
  return new DamagedData("bad", `it does not inflate to the ${size} bytes that it declares`);
}

const EMPTY = Buffer.alloc(0);

type Inflater = {
  reset(): void;
  /** @throws DamagedData as `inflate` */
  write(
    flush: number,
    input: Uint8Array,
    output: Uint8Array,
  ): { readonly produced: number; readonly consumed: number };
  close(): void;
};

/** The native half of a zlib stream, which Bun and Node share; not in the type declarations. */
type NativeInflate = {
  readonly _writeState: Uint32Array;
  readonly _handle: {
    onerror: (message: string, errno: number, code: string) => void;
    reset(): void;
    writeSync(
      flush: number,
      input: Uint8Array,
      inOffset: number,
      inLength: number,
      output: Uint8Array,
      outOffset: number,
      outLength: number,
    ): void;
  };
  close(): void;
};

/**
 * The native handle is used because it alone can be reset and steps synchronously with a fixed output: 0.6 µs for a
 * small object where `inflateSync` takes 7.5 µs, and streaming without a promise for each chunk.
 */
function createInflater(): Inflater {
  const stream = zlib().createInflate() as unknown as NativeInflate;
  const handle = stream._handle;
  let failure: DamagedData | undefined;
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a native handle, not an event target
  handle.onerror = (message, _errno, code) => {
    failure = new DamagedData(
      code === "Z_BUF_ERROR" ? "short" : "bad",
      `its zlib stream is damaged (${message})`,
    );
  };
  return {
    reset() {
      failure = undefined;
      handle.reset();
    },
    write(flush, input, output) {
      handle.writeSync(flush, input, 0, input.length, output, 0, output.length);
      if (failure !== undefined) throw failure;
      const [outputLeft = 0, inputLeft = 0] = stream._writeState;
      return { produced: output.length - outputLeft, consumed: input.length - inputLeft };
    },
    close: () => stream.close(),
  };
}

let shared: Inflater | undefined;

/** Loads what all but small content needs, for whoever knows that it comes and has nothing better to do. */
export function prepareInflate(): void {
  sharedInflater();
}

/** At its start; nobody else uses it meanwhile, because nothing here waits. */
function sharedInflater(): Inflater {
  shared ??= createInflater();
  shared.reset();
  return shared;
}
