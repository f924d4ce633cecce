/** `spawnSync`, `execFileSync` and `execSync` with a child that is waited for by the greenlet. */
import type * as ChildProcess from "node:child_process";
import { Waiter } from "../waiter.js";
import { type Patched, patch } from "./patch.js";

type Options = ChildProcess.SpawnSyncOptions & { input?: string | NodeJS.ArrayBufferView };
type Result = ChildProcess.SpawnSyncReturns<string | Buffer>;

const MAX_BUFFER = 1024 * 1024;

export function patchChildProcess(module: typeof ChildProcess): Patched[] {
  const spawnSync = (file: string, ...rest: unknown[]): Result => {
    const args = Array.isArray(rest[0]) ? (rest[0] as string[]) : [];
    return new Child(module, file, args, ((Array.isArray(rest[0]) ? rest[1] : rest[0]) ?? {}) as Options).result();
  };
  const checkedOutput = (command: string, options: Options, result: Result) => {
    if (!options.stdio && result.stderr?.length) process.stderr.write(result.stderr);
    const failure = failureOf(command, result);
    if (failure) throw failure;
    return result.stdout;
  };
  const execFileSync = (file: string, ...rest: unknown[]) => {
    const args = Array.isArray(rest[0]) ? (rest[0] as string[]) : [];
    const options = ((Array.isArray(rest[0]) ? rest[1] : rest[0]) ?? {}) as Options;
    return checkedOutput([file, ...args].join(" "), options, spawnSync(file, args, options));
  };
  const execSync = (command: string, options: Options = {}) =>
    checkedOutput(command, options, spawnSync(command, [], { ...options, shell: options.shell || true }));
  const functions = { spawnSync, execFileSync, execSync };
  return Object.entries(functions).flatMap(
    ([key, instead]) => patch("child_process", module, key, instead as () => unknown) ?? [],
  );
}

/** As Node's `checkExecSyncError`. */
function failureOf(command: string, result: Result): Error | undefined {
  if (result.error) return Object.assign(result.error, { ...result, error: undefined });
  if (result.status === 0) return undefined;
  const said = result.stderr?.length ? `\n${result.stderr}` : "";
  return Object.assign(new Error(`Command failed: ${command}${said}`), result);
}

/** One child, from its start to its end, and what it wrote. */
class Child {
  private readonly outputs: Buffer[][] = [[], [], []];
  private readonly sizes = [0, 0, 0];
  private error: NodeJS.ErrnoException | undefined;
  private readonly ended = new Waiter<{ status: number | null; signal: NodeJS.Signals | null }>(
    "wait for a child process",
  );
  private readonly child: ChildProcess.ChildProcess;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    module: typeof ChildProcess,
    private readonly file: string,
    private readonly args: string[],
    private readonly options: Options,
  ) {
    const { input, timeout, maxBuffer, encoding, killSignal, ...others } = options;
    this.child = module.spawn(file, args, others as ChildProcess.SpawnOptions);
    this.child.on("error", (error: NodeJS.ErrnoException) => this.fail(error));
    this.child.on("close", (status, signal) => this.ended.endNow({ status, signal }));
    for (const stream of [1, 2] as const) this.collect(stream);
    this.feed(input);
    if (timeout) this.timer = setTimeout(() => this.stop("ETIMEDOUT", -110), timeout);
  }

  private feed(input: Options["input"]): void {
    this.child.stdin?.on("error", () => undefined); // it need not read
    this.child.stdin?.end(input ?? undefined);
  }

  private collect(stream: 1 | 2): void {
    const from = stream === 1 ? this.child.stdout : this.child.stderr;
    from?.on("data", (data: Buffer) => {
      this.outputs[stream]!.push(data);
      this.sizes[stream]! += data.length;
      if (this.sizes[stream]! > (this.options.maxBuffer ?? MAX_BUFFER)) this.stop("ENOBUFS", -105);
    });
  }

  private stop(code: string, errno: number): void {
    this.error ??= Object.assign(new Error(`spawnSync ${this.file} ${code}`), { code, errno });
    this.child.kill(this.options.killSignal ?? "SIGTERM");
    this.letGo();
  }

  /** Its own children may have its pipes, and outlive it. */
  private letGo(): void {
    for (const stream of [this.child.stdin, this.child.stdout, this.child.stderr]) stream?.destroy();
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
    const [, stdout, stderr] =
      this.child.pid === undefined ? [null, null, null] : this.outputs.map((_, i) => this.output(i));
    const output = this.child.pid === undefined ? null : [null, stdout, stderr];
    const plain = { pid: this.child.pid ?? 0, output, stdout, stderr, status, signal };
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

  private output(stream: number): Buffer | string | null {
    const from = stream === 1 ? this.child.stdout : stream === 2 ? this.child.stderr : null;
    if (!from) return null;
    let bytes = Buffer.concat(this.outputs[stream]!);
    if (this.error?.code === "ENOBUFS") bytes = bytes.subarray(0, this.options.maxBuffer ?? MAX_BUFFER);
    const { encoding } = this.options;
    return encoding && encoding !== "buffer" ? bytes.toString(encoding) : bytes;
  }
}
