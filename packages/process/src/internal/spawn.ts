/** The start method `spawn`: a new node, which shares nothing but what it is told. */
import { openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checked, inheritedFlags, native, systemError, trackerEnvironment } from "@cordage/ipc/sys";
import { currentDirectory } from "./current-directory.js";
import { dataDescriptor } from "./data-descriptor.js";
import { DirectChild, type Launched, type LaunchRequest } from "./launched.js";

/** The child's descriptors: 0 to 2 as usual, then these. */
export const LIFE = 3;
export const DATA = 4;
export const FIRST_PASSED = 5;

const childMain = fileURLToPath(new URL("./spawned-main.js", import.meta.url));

let executable = process.execPath;

/** The program that children run; the running node unless somebody says otherwise. */
export function setExecutable(path: string): void {
  executable = path;
}

/** The parent's environment, and which tree of processes the child belongs to (its shared memory is tracked by tree). */
export function environment(): string[] {
  return Object.entries({ ...process.env, ...trackerEnvironment() }).map(([name, value]) => `${name}=${value}`);
}

/** stdout or stderr, or /dev/null where this process has closed it. */
export function outputOr(fd: number, nothing: number): number {
  return native.getFlags(fd) < 0 ? nothing : fd;
}

export interface Channel {
  /** The parent's end of the life pipe, and the child's. */
  life: [parent: number, child: number];
  data: number;
  nothing: number;
}

/** Opens what a child is given, runs `use`, and closes this side's copies of the child's ends. */
export function withChannel<T>(data: Uint8Array, use: (channel: Channel) => T): T {
  const open: number[] = [];
  const ends = new Int32Array(2);
  try {
    const nothing = openNothing();
    open.push(nothing);
    const memory = dataDescriptor(data);
    open.push(memory);
    checked(native.pipe(ends, 1), "pipe", "start a process");
    open.push(ends[0]!);
    return use({ life: [ends[1]!, ends[0]!], data: memory, nothing });
  } catch (error) {
    if (ends[1]! > 0) native.close(ends[1]!);
    throw error;
  } finally {
    for (const fd of open) native.close(fd);
  }
}

/** Nothing: a descriptor for whatever the child shall not have. */
function openNothing(): number {
  try {
    return openSync("/dev/null", "r+");
  } catch (error) {
    throw systemError((error as NodeJS.ErrnoException).errno ?? -1, "open", "start a process");
  }
}

export function launchSpawn(request: LaunchRequest): Launched {
  const { data: bytes, descriptors: passed } = request.encode();
  return withChannel(bytes, ({ life, data, nothing }) => {
    const descriptors = Int32Array.from([
      nothing,
      outputOr(1, nothing),
      outputOr(2, nothing),
      life[1],
      data,
      ...passed,
    ]);
    const argv = [executable, ...inheritedFlags(process.execArgv), childMain];
    const pid = checked<number>(
      native.spawn(executable, argv, environment(), currentDirectory() ?? "", descriptors),
      "posix_spawn",
      `start a process with ${executable}`,
    );
    return new DirectChild(pid, life[0]);
  });
}
