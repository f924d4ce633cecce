/** What the laws ask of the objects that they are about: the interface of ipc's classes, whoever keeps the state. */
export interface SyncWaitOptions {
  timeout?: number | undefined;
}
export interface WaitOptions extends SyncWaitOptions {
  signal?: AbortSignal | undefined;
}

interface Holdable {
  acquire(options?: WaitOptions): Promise<boolean>;
  acquireSync(options?: SyncWaitOptions): boolean;
  tryAcquire(): boolean;
  release(): void;
  locked(): boolean;
  hold(options?: WaitOptions): Promise<Disposable>;
  holdSync(options?: SyncWaitOptions): Disposable;
}

export interface LockLike extends Holdable {}

export interface SemaphoreLike extends Holdable {
  release(n?: number): void;
  getValue(): number;
}

export interface ConditionLike extends Holdable {
  wait(options?: WaitOptions): Promise<boolean>;
  waitSync(options?: SyncWaitOptions): boolean;
  waitFor<T>(predicate: () => T, options?: WaitOptions): Promise<Awaited<T>>;
  waitForSync<T>(predicate: () => T, options?: SyncWaitOptions): T;
  notify(n?: number): void;
  notifyAll(): void;
}

export interface EventLike {
  isSet(): boolean;
  set(): void;
  clear(): void;
  wait(options?: WaitOptions): Promise<boolean>;
  waitSync(options?: SyncWaitOptions): boolean;
}

export interface BarrierLike {
  readonly parties: number;
  readonly nWaiting: number;
  readonly broken: boolean;
  wait(options?: WaitOptions): Promise<number>;
  waitSync(options?: SyncWaitOptions): number;
  reset(): void;
  abort(): void;
}

export interface SimpleQueueLike extends AsyncIterable<any> {
  put(item: any, options?: WaitOptions): Promise<void>;
  putSync(item: any, options?: SyncWaitOptions): void;
  tryPut(item: any): boolean;
  get(options?: WaitOptions): Promise<any>;
  getSync(options?: SyncWaitOptions): any;
  tryGet(): any;
  empty(): boolean;
}

export interface QueueLike extends SimpleQueueLike {
  putNoWait(item: any): void;
  getNoWait(): any;
  qsize(): number;
  full(): boolean;
  shutdown(immediate?: boolean): void;
}

export interface JoinableQueueLike extends QueueLike {
  taskDone(): void;
  join(options?: WaitOptions): Promise<void>;
  joinSync(options?: SyncWaitOptions): void;
}
