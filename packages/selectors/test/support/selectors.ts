/** The selectors that all laws hold for, the ways to wait that all of them have, and what they wait for. */
import {
  DefaultSelector,
  EpollSelector,
  EVENT_READ,
  type FileObject,
  PollSelector,
  type Ready,
  type Selector,
  SelectSelector,
  type Socket,
  socketpair,
} from "@cordage/selectors";
import { newFiles } from "@cordage/test-support";
import { afterAll, afterEach, expect } from "@jest/globals";

export type Kind = new <D = any, F extends FileObject = FileObject>() => Selector<D, F>;

/** The three that differ. */
export const different: Array<[name: string, Kind: Kind]> = [
  ["EpollSelector", EpollSelector],
  ["PollSelector", PollSelector],
  ["SelectSelector", SelectSelector],
];

export const kinds: typeof different = [...different, ["DefaultSelector", DefaultSelector]];

type Wait = <D, F extends FileObject>(selector: Selector<D, F>, timeout?: number | null) => Promise<Array<Ready<F, D>>>;

export const ways: Array<[name: string, wait: Wait]> = [
  ["select", async (selector, timeout) => selector.select(timeout)],
  ["selectAsync", (selector, timeout) => selector.selectAsync({ timeout: timeout ?? undefined })],
];

const opened = newFiles();
const cleanups: Array<() => void> = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});
afterAll(() => expect(opened()).toEqual([]));

/** Runs when the test has ended. */
export function atEnd(cleanup: () => void): void {
  cleanups.push(cleanup);
}

/** A selector that is closed when the test has ended. */
export function make(Kind: Kind): Selector {
  const selector = new Kind();
  atEnd(() => selector.close());
  return selector;
}

/** Two sockets that are closed when the test has ended. */
export function pair(): [Socket, Socket] {
  const sockets = socketpair();
  for (const socket of sockets) atEnd(() => socket.close());
  return sockets;
}

/** A selector, and two sockets of which the first is registered for reading. */
export function withReader(Kind: Kind): { selector: Selector; reader: Socket; writer: Socket } {
  const selector = make(Kind);
  const [reader, writer] = pair();
  selector.register(reader, EVENT_READ);
  return { selector, reader, writer };
}

export const coded = (code: string): Error => expect.objectContaining({ code }) as unknown as Error;

/** Lets the event loop turn so many times. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A selector that remembers with which timeouts it looked. */
export type Counting = Selector & { readonly looks: number[] };

export function makeCounting(Kind: Kind): Counting {
  class Counted<D, F extends FileObject> extends (Kind as typeof EpollSelector)<D, F> {
    readonly looks: number[] = [];

    protected override look(timeout: number): Ready<F, D>[] {
      this.looks.push(timeout);
      return super.look(timeout);
    }
  }
  return make(Counted as unknown as Kind) as Counting;
}

/** Lets the event loop turn often, and returns how many times the selector looked: none, if it sleeps. */
export async function looksMeanwhile(selector: Counting): Promise<number> {
  const before = selector.looks.length;
  await turns(20);
  return selector.looks.length - before;
}

/** A wait that goes on while the test does something else; if that fails, it is closed with the selector. */
export function begun<T>(waiting: Promise<T>): Promise<T> {
  waiting.catch(() => {});
  return waiting;
}
