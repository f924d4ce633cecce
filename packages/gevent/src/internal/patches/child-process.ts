/** `spawnSync`, `execFileSync` and `execSync` with a child that is waited for by the greenlet. */
import type * as ChildProcess from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { LONGEST_TIMER } from "../timer.js";
import { Waiter } from "../waiter.js";
import { type Fn, type Patched, patch } from "./patch.js";

type Options = ChildProcess.SpawnSyncOptions & { input?: string | NodeJS.ArrayBufferView; argv0?: string };
type Result = ChildProcess.SpawnSyncReturns<string | Buffer>;

/** What a caller has given, of which not everything needs be right. */
interface Command {
  file: string;
  args: string[];
  options: Options;
}

const MAX_BUFFER = 1024 * 1024;

export function patchChildProcess(module: typeof ChildProcess): Patched[] {
  const { spawnSync, execFileSync, execSync } = module;
  const functions = {
    spawnSync(...given: unknown[]): Result {
      return run(module, commandOf(given)) ?? call(spawnSync, given);
    },
    execFileSync(...given: unknown[]) {
      const command = commandOf(given);
      command.options ??= {};
      const result = run(module, command);
      if (!result) return call(execFileSync, given);
      return checkedOutput([command.options.argv0 || command.file, ...command.args].join(" "), command.options, result);
    },
    execSync(...given: unknown[]) {
      const [file, options] = given as [string, Options | null | undefined];
      const shell = typeof options?.shell === "string" ? options.shell : true;
      const command = { file, args: [], options: { ...options, shell } };
      const result = run(module, command);
      return result ? checkedOutput(file, command.options, result) : call(execSync, given);
    },
  };
  return Object.entries(functions).flatMap(([key, instead]) => patch("child_process", module, key, instead) ?? []);
}

/** What no child of ours can be started with, the function that blocks refuses, or does. */
function call(blocking: Fn, given: unknown[]): any {
  return blocking(...given);
}

function run(module: typeof ChildProcess, command: Command): Result | undefined {
  return start(module, command)?.result();
}

function start(module: typeof ChildProcess, command: Command): Child | undefined {
  if (!isInOrder(command)) return undefined;
  try {
    return new Child(module, command);
  } catch {
    return undefined;
  }
}

/** The arguments may be left out, and be undefined or null. */
function commandOf([file, args, options]: unknown[]): Command {
  const areOptions = typeof args === "object" && args !== null && !Array.isArray(args);
  const given = areOptions ? args : options;
  return { file, args: (areOptions ? undefined : args) ?? [], options: given === undefined ? {} : given } as Command;
}

/** Whether the options are those that `spawnSync` takes, as far as `spawn` does not look itself. */
function isInOrder({ args, options }: Command): boolean {
  if (!Array.isArray(args) || typeof options !== "object" || options === null) return false;
  const { timeout, maxBuffer, stdio } = options;
  const hasTime = (timeout ?? undefined) === undefined || (Number.isInteger(timeout) && timeout! >= 0);
  const hasRoom = (maxBuffer ?? undefined) === undefined || (typeof maxBuffer === "number" && maxBuffer >= 0);
  return hasTime && hasRoom && !(Array.isArray(stdio) && (stdio as string[]).includes("ipc"));
}

function checkedOutput(command: string, options: Options, result: Result): string | Buffer {
  if (!options.stdio && result.stderr?.length) process.stderr.write(result.stderr);
  const failure = failureOf(command, result);
  if (failure) throw failure;
  return result.stdout;
}

/** As Node's `checkExecSyncError`. */
function failureOf(command: string, result: Result): Error | undefined {
  if (result.error) return Object.assign(result.error, { ...result, error: undefined });
  if (result.status === 0) return undefined;
  const said = result.stderr?.length ? `\n${result.stderr}` : "";
  return Object.assign(new Error(`Command failed: ${command}${said}`), result);
}

function bytesOf({ input, encoding }: Options): Buffer | undefined {
  if (!input) return undefined;
  if (ArrayBuffer.isView(input)) return Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  return Buffer.from(input, encoding as BufferEncoding); // which refuses what is no text
}

/** One child, from its start to its end, and what it wrote. */
class Child {
  private readonly outputs: Buffer[][];
  private size = 0;
  private error: NodeJS.ErrnoException | undefined;
  private readonly ended = new Waiter<{ status: number | null; signal: NodeJS.Signals | null }>(
    "wait for a child process",
  );
  private readonly child: ChildProcess.ChildProcess;
  private readonly file: string;
  private readonly args: string[];
  private readonly options: Options;
  private timer: NodeJS.Timeout | undefined;

  /** @throws what `spawn` refuses */
  constructor(module: typeof ChildProcess, { file, args, options }: Command) {
    [this.file, this.args, this.options] = [file, args, options];
    const { input, timeout, maxBuffer, encoding, signal, ...others } = options as Options & { signal?: unknown };
    const bytes = bytesOf(options);
    this.child = module.spawn(file, args, others as ChildProcess.SpawnOptions);
    this.child.on("error", (error: NodeJS.ErrnoException) => this.fail(error));
    this.child.on("close", (status, signal) => this.ended.endNow({ status, signal }));
    this.outputs = this.streams().map(() => []);
    for (const [i, stream] of this.streams().entries()) if (stream) this.connect(stream, i, bytes);
    if (timeout && timeout <= LONGEST_TIMER) this.timer = setTimeout(() => this.stop("ETIMEDOUT", -110), timeout);
  }

  /** Null, where it has none of its own. A child that did not start may have no array of them. */
  private streams(): ChildProcess.ChildProcess["stdio"][number][] {
    return this.child.stdio ?? [];
  }

  /** As in `spawnSync`, what is neither its input nor its two outputs goes both ways, and has nothing to read, nor an end. */
  private connect(stream: Readable | Writable, i: number, input: Buffer | undefined): void {
    stream.on("error", () => undefined); // it need not read
    if (i > 0) (stream as Readable).on("data", (data: Buffer) => this.collect(i, data));
    else (stream as Writable).end(input);
  }

  /** In bytes, of all outputs together; 0 is no limit. */
  private get room(): number {
    return (this.options.maxBuffer ?? MAX_BUFFER) || Number.POSITIVE_INFINITY;
  }

  private collect(i: number, data: Buffer): void {
    this.outputs[i]!.push(data);
    this.size += data.length;
    if (this.size > this.room) this.stop("ENOBUFS", -105);
  }

  private stop(code: string, errno: number): void {
    this.error ??= Object.assign(new Error(`spawnSync ${this.file} ${code}`), { code, errno });
    this.child.kill(this.options.killSignal ?? "SIGTERM");
    this.letGo();
  }

  /** Its own children may have its pipes, and outlive it. */
  private letGo(): void {
    for (const stream of this.streams()) stream?.destroy();
  }

  /** It did not start: there is no "close". */
  private fail(error: NodeJS.ErrnoException): void {
    this.error ??= Object.assign(new Error(`spawnSync ${this.file} ${error.code}`), {
      code: error.code,
      errno: error.errno,
    });
    if (this.child.pid === undefined) this.ended.endNow({ status: null, signal: null });
  }

  result(): Result {
    const { status, signal } = this.wait();
    const { pid } = this.child;
    const output = pid === undefined ? null : this.outputs.map((_, i) => this.output(i));
    const plain = { status, signal, output, pid: pid ?? 0, stdout: output?.[1] ?? null, stderr: output?.[2] ?? null };
    if (!this.error) return plain as unknown as Result;
    const said = { syscall: `spawnSync ${this.file}`, path: this.file, spawnargs: this.args };
    return { ...plain, status: null, error: Object.assign(this.error, said) } as unknown as Result;
  }

  /** A greenlet that is interrupted wants no result: the child is ended. */
  private wait() {
    try {
      return this.ended.get();
    } catch (error) {
      this.child.kill("SIGKILL");
      this.letGo();
      throw error;
    } finally {
      clearTimeout(this.timer);
    }
  }

  private output(i: number): Buffer | string | null {
    if (i === 0 || !this.streams()[i]) return null;
    let bytes = Buffer.concat(this.outputs[i]!);
    if (this.error?.code === "ENOBUFS") bytes = bytes.subarray(0, this.room);
    const { encoding } = this.options;
    return encoding && encoding !== "buffer" ? bytes.toString(encoding) : bytes;
  }
}
