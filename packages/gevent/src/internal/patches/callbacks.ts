/** Modules of Node whose functions `xSync` have a sibling `x` that takes a callback: fs, crypto, zlib. */
import { calledBack } from "../callback.js";
import { type Patched, patch } from "./patch.js";

type Functions = Record<string, any>;

/** Where the sibling gives the callback another result, or what it opened must be closed if nobody waits for it any more. */
type Exceptions = Record<string, (module: Functions, args: unknown[]) => unknown>;

export function patchCallbacks(
  name: string,
  module: Functions,
  exceptions: Exceptions = {},
  which = /Sync$/,
): Patched[] {
  return Object.keys(module).flatMap((key) => {
    if (!which.test(key)) return [];
    const sibling = key.slice(0, -"Sync".length);
    if (!Object.hasOwn(exceptions, key) && typeof module[sibling] !== "function") return [];
    const instead =
      exceptions[key] ?? ((_: Functions, args: unknown[]) => throughCallback(name, module, sibling, args));
    return patch(name, module, key, (...args) => instead(module, args)) ?? [];
  });
}

function throughCallback(
  name: string,
  module: Functions,
  key: string,
  args: unknown[],
  late?: (value: any) => void,
): any {
  return calledBack(`call ${name}.${key}Sync`, (done) => module[key](...args, done), { late });
}

/** An absent file is no error for `existsSync`, and for `statSync` if that is wanted. */
export const FS: Exceptions = {
  existsSync: (fs, [path]) => {
    try {
      throughCallback("fs", fs, "access", [path]);
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === undefined) throw error;
      return false;
    }
  },
  statSync: (fs, args) => statOf(fs, "stat", args),
  lstatSync: (fs, args) => statOf(fs, "lstat", args),
  // With four arguments before the callback, fs.read takes that for the position.
  readSync: (fs, args) => throughCallback("fs", fs, "read", args.length === 4 ? [...args, null] : args),
  openSync: (fs, args) => throughCallback("fs", fs, "open", args, (fd: number) => fs.close(fd)),
};

function statOf(fs: Functions, key: string, [path, options]: unknown[]): unknown {
  const { throwIfNoEntry = true, ...others } = (options ?? {}) as { throwIfNoEntry?: boolean };
  try {
    return throughCallback("fs", fs, key, [path, others]);
  } catch (error) {
    if (throwIfNoEntry || (error as { code?: string }).code !== "ENOENT") throw error;
    return undefined;
  }
}

/** Those that pack and unpack bytes; what is about archives (Node 26) has siblings of another kind. */
export const ZLIB =
  /^(deflate|deflateRaw|inflate|inflateRaw|gzip|gunzip|unzip|brotliCompress|brotliDecompress|zstdCompress|zstdDecompress)Sync$/;

/** Two keys come as two values. */
export const CRYPTO: Exceptions = {
  generateKeyPairSync: (crypto, args) =>
    calledBack("call crypto.generateKeyPairSync", (done) =>
      crypto.generateKeyPair(...args, (error: Error | null, publicKey: unknown, privateKey: unknown) =>
        done(error, { publicKey, privateKey }),
      ),
    ),
};
