import type { Connection } from "@cordage/ipc";
import {
  DefaultSelector,
  type EpollSelector,
  type FileObject,
  KqueueSelector,
  PollSelector,
  type Ready,
  Selector,
  type SelectorKey,
  type SelectorMap,
  SelectSelector,
  type Socket,
} from "@cordage/selectors";
import { test } from "@jest/globals";
import { expectTypeOf } from "expect-type";

declare const socket: Socket;
declare const connection: Connection;

interface Client {
  name: string;
}

// The types themselves are checked by `npm run lint`: none of these functions is called.
function told(): void {
  const selector = new DefaultSelector<Client, Socket>();
  expectTypeOf(selector).toEqualTypeOf<EpollSelector<Client, Socket>>();
  expectTypeOf(selector.register(socket, 1, { name: "a" })).toEqualTypeOf<SelectorKey<Socket, Client>>();
  expectTypeOf(selector.modify(socket, 2, { name: "a" })).toEqualTypeOf<SelectorKey<Socket, Client>>();
  expectTypeOf(selector.unregister(socket)).toEqualTypeOf<SelectorKey<Socket, Client>>();
  expectTypeOf(selector.getKey(7)).toEqualTypeOf<SelectorKey<Socket, Client>>();
  expectTypeOf(selector.getMap()).toEqualTypeOf<SelectorMap<Socket, Client>>();
  expectTypeOf(selector.getMap().get(socket)).toEqualTypeOf<SelectorKey<Socket, Client> | undefined>();
  expectTypeOf([...selector.getMap()]).toEqualTypeOf<Array<[number, SelectorKey<Socket, Client>]>>();
  expectTypeOf(selector.select(null)).toEqualTypeOf<Array<Ready<Socket, Client>>>();
  expectTypeOf(selector.selectAsync({ timeout: 1 })).toEqualTypeOf<Promise<Array<Ready<Socket, Client>>>>();
  for (const [key, events] of selector.select()) {
    expectTypeOf(key.fileobj).toEqualTypeOf<Socket>();
    expectTypeOf(key.data.name).toEqualTypeOf<string>();
    expectTypeOf(events).toEqualTypeOf<number>();
  }
}

async function iterated(selector: PollSelector<Client, Socket>): Promise<void> {
  for await (const [{ data, fileobj }, events] of selector) {
    expectTypeOf([data, fileobj, events]).toEqualTypeOf<Array<Client | Socket | number>>();
  }
}

function untold(): void {
  const selector = new SelectSelector();
  expectTypeOf(selector).toEqualTypeOf<SelectSelector<any, FileObject>>();
  expectTypeOf(selector.register(socket, 1).fileobj).toEqualTypeOf<Socket>();
  expectTypeOf(selector.register(connection, 1).fileobj).toEqualTypeOf<Connection>();
  expectTypeOf(selector.register(7, 1).fileobj).toExtend<number>();
  expectTypeOf(selector.select()[0]![0].fileobj).toEqualTypeOf<FileObject>();
  expectTypeOf(selector.select()[0]![0].data).toBeAny();
}

function several(): void {
  const selector = new PollSelector<() => void, Socket | Connection>();
  const key = selector.register(connection, 1, () => {});
  expectTypeOf(key).toEqualTypeOf<SelectorKey<Connection, () => void>>();
  expectTypeOf(selector.getKey(connection).fileobj).toEqualTypeOf<Socket | Connection>();
}

function accepted(selector: DefaultSelector<Client, Socket>): void {
  expectTypeOf(selector).toExtend<Selector<Client, Socket>>();
  expectTypeOf(selector).toExtend<Disposable & AsyncDisposable>();
  expectTypeOf(selector).toExtend<AsyncIterable<Ready<Socket, Client>>>();
  expectTypeOf(selector).toExtend<FileObject>();
  expectTypeOf(new KqueueSelector<Client, Socket>()).toEqualTypeOf<Selector<Client, Socket>>();
}

function refused(selector: DefaultSelector<Client, Socket>, key: SelectorKey<Socket, Client>): void {
  // @ts-expect-error: its data is a client
  selector.register(socket, 1, "a");
  // @ts-expect-error: only sockets are registered
  selector.register(7, 1, { name: "a" });
  // @ts-expect-error: it has no descriptor
  new DefaultSelector().register({}, 1);
  // @ts-expect-error: a name is no descriptor
  new DefaultSelector().register("7", 1);
  // @ts-expect-error: events are a number
  selector.register(socket, "read");
  // @ts-expect-error: the other one takes options
  selector.select({ timeout: 1 });
  // @ts-expect-error: a number is no options
  selector.selectAsync(1);
  // @ts-expect-error: a key does not change
  key.events = 2;
  // @ts-expect-error: neither does a map
  selector.getMap().set(7, key);
  // @ts-expect-error: it is what the others have in common
  new Selector();
}

test("types of data and of objects are told or inferred, and wrong calls are refused", () => {
  for (const checked of [told, iterated, untold, several, accepted, refused]) expectTypeOf(checked).toBeFunction();
});
