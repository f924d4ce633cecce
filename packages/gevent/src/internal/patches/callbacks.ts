/** Modules of Node whose functions `xSync` have a sibling `x` that takes a callback: fs, crypto, zlib. */
import { isAnyArrayBuffer } from "node:util/types";
import { type Callback, calledBack } from "../callback.js";
import { type Fn, type Patched, patch } from "./patch.js";

type Functions = Record<string, any>;

/** One call of a function that blocks the thread. */
interface Call {
  readonly doing: string;
  /** Whose function takes a callback, and its name. */
  readonly siblings: Functions;
  readonly sibling: string;
  /** Those that count. */
  readonly args: unknown[];
  /** What it was to do. */
  blocking(): unknown;
}

/** What a call does instead, where that is not just what the sibling does. */
type Instead = (call: Call) => unknown;
type Exceptions = Record<string, Instead>;

export function patchCallbacks(
  name: string,
  module: Functions,
  exceptions: Exceptions,
  which = /Sync$/,
  otherwise: Instead = throughCallback,
): Patched[] {
  return Object.keys(module).flatMap((key) => {
    if (!which.test(key)) return [];
    const sibling = key.slice(0, -"Sync".length);
    if (!Object.hasOwn(exceptions, key) && typeof module[sibling] !== "function") return [];
    return patchOne(name, module, key, module, sibling, exceptions[key] ?? otherwise);
  });
}

function patchOne(
  of: string,
  holder: Functions,
  key: string,
  siblings: Functions,
  sibling: string,
  instead: Instead = throughCallback,
): Patched[] {
  const original: Fn = holder[key];
  const count = countOf(key, original, siblings[sibling]);
  const doing = `call ${of}.${key}`;
  const one = patch(of, holder, key, function (...args) {
    return instead({
      doing,
      siblings,
      sibling,
      args: counted(args, count),
      blocking: () => original.apply(this, args),
    });
  });
  return one ? [one] : [];
}

/** Where the length says less, because of defaults. */
const COUNTS: Record<string, number> = {
  closeSync: 1,
  statSync: 2,
  lstatSync: 2,
  fstatSync: 2,
  statfsSync: 2,
  ftruncateSync: 2,
  checkPrimeSync: 2,
  generatePrimeSync: 2,
  randomFillSync: 3,
  scryptSync: 4,
};

/** How many arguments count; all, where the two do not say the same. */
function countOf(key: string, original: Fn, sibling: Fn | undefined): number {
  if (Object.hasOwn(COUNTS, key)) return COUNTS[key]!;
  return original?.length + 1 === sibling?.length ? original.length : Number.POSITIVE_INFINITY;
}

/** What `files.forEach(fs.unlinkSync)` gives besides the file, and what is undefined at the end, would be where the sibling has its callback. */
function counted(args: unknown[], count: number): unknown[] {
  const all = args.slice(0, count);
  while (all.length > 0 && all.at(-1) === undefined) all.pop();
  return all;
}

interface How {
  /** Makes the callback that the sibling is given of the one that has the result. */
  as?: (done: Callback) => Callback;
  /** Closes what was opened if nobody waits for it any more. */
  late?: (value: any) => void;
}

/** What the sibling refuses at once, the function that blocks refuses with better words, or does. */
function throughCallback(call: Call, { as = (done) => done, late }: How = {}): any {
  let isTaken = false;
  const start = (done: Callback) => {
    call.siblings[call.sibling](...call.args, as(done));
    isTaken = true;
  };
  try {
    return calledBack(call.doing, start, { late });
  } catch (error) {
    if (isTaken) throw error;
    return call.blocking();
  }
}

const FS: Exceptions = {
  existsSync: (call) =>
    throughCallback(
      { ...call, sibling: "access", args: [call.args[0]] },
      { as: (done) => (error) => done(null, !error) },
    ),
  statSync: statOf,
  lstatSync: statOf,
  readSync: (call) => {
    const { args } = call;
    if (!ArrayBuffer.isView(args[1])) return call.blocking(); // fs.read would make a buffer
    // With four arguments before the callback, fs.read takes that for the position.
    return throughCallback(args.length === 4 ? { ...call, args: [...args, null] } : call);
  },
  // process.stdout and process.stderr write so to a file, and console does not wait for others. Neither do those who do it themselves.
  writeSync: (call) => (call.args[0] === 1 || call.args[0] === 2 ? call.blocking() : throughCallback(call)),
  openSync: (call) => throughCallback(call, { late: (fd: number) => call.siblings.close(fd) }),
  opendirSync: (call) => throughCallback(call, { late: (dir: { close: Fn }) => dir.close(() => undefined) }),
};

/** An absent file is no error if that is wanted. Whether it is one that a file on the way is no folder, each Node decides for itself. */
function statOf(call: Call): unknown {
  const [path, options] = call.args;
  const { throwIfNoEntry = true, ...others } = (options ?? {}) as { throwIfNoEntry?: boolean };
  const absent: Record<string, unknown> = throwIfNoEntry ? {} : { ENOENT: undefined, ENOTDIR: UNDECIDED };
  const as = (done: Callback) => (error: NodeJS.ErrnoException | null | undefined, value: unknown) =>
    error?.code && error.code in absent ? done(null, absent[error.code]) : done(error, value);
  const stats = throughCallback({ ...call, args: [path, others] }, { as });
  return stats === UNDECIDED ? call.blocking() : stats;
}

const UNDECIDED = Symbol("undecided");

/** `openAsBlob` (its sibling: Node 26) gives a promise. */
const FS_NAMES = /^(?!openAsBlobSync).*Sync$/;

export function patchFs(fs: Functions): Patched[] {
  return [
    ...patchCallbacks("fs", fs, FS, FS_NAMES),
    ...patchOne("fs.realpathSync", fs.realpathSync, "native", fs.realpath, "native"),
  ];
}

/** Those that pack and unpack bytes; what is about archives (Node 26) has siblings of another kind. */
const ZLIB =
  /^(deflate|deflateRaw|inflate|inflateRaw|gzip|gunzip|unzip|brotliCompress|brotliDecompress|zstdCompress|zstdDecompress)Sync$/;

/** The siblings take what is neither bytes nor text, null, for nothing. */
const ofBytes: Instead = (call) => {
  const [bytes] = call.args;
  const takes = typeof bytes === "string" || ArrayBuffer.isView(bytes) || isAnyArrayBuffer(bytes);
  return takes ? throughCallback(call) : call.blocking();
};

export function patchZlib(zlib: Functions): Patched[] {
  return patchCallbacks("zlib", zlib, {}, ZLIB, ofBytes);
}

/** Two keys come as two values. */
const CRYPTO: Exceptions = {
  generateKeyPairSync: (call) =>
    throughCallback(call, {
      as: (done) => (error, publicKey, privateKey) => done(error, { publicKey, privateKey }),
    }),
};

export function patchCrypto(crypto: Functions): Patched[] {
  return patchCallbacks("crypto", crypto, CRYPTO);
}
