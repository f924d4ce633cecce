/** What TypeScript knows about sockets. Checked by the compiler; the tests only show that it was. */
import {
  type Address,
  createConnection,
  createServer,
  type Data,
  type Socket,
  type SocketAddress,
  type SocketType,
  socketpair,
} from "@cordage/selectors";
import { test } from "@jest/globals";
import { expectTypeOf } from "expect-type";

declare const socket: Socket;

test("calls give and take what they say", () => {
  expectTypeOf<Socket["accept"]>().returns.toEqualTypeOf<[Socket, SocketAddress]>();
  expectTypeOf<Socket["recv"]>().returns.toEqualTypeOf<Buffer>();
  expectTypeOf<Socket["recvFrom"]>().returns.toEqualTypeOf<[Buffer, SocketAddress]>();
  expectTypeOf<Socket["recvInto"]>().returns.toBeNumber();
  expectTypeOf<Socket["connect"]>().parameter(0).toEqualTypeOf<Address>();
  expectTypeOf<Socket["sendAll"]>().parameter(0).toEqualTypeOf<Data>();
  expectTypeOf<Socket["setTimeout"]>().parameter(0).toEqualTypeOf<number | null>();
  expectTypeOf<Socket["type"]>().toEqualTypeOf<SocketType>();
  expectTypeOf(socketpair).returns.toEqualTypeOf<[Socket, Socket]>();
  expectTypeOf([createServer, createConnection]).items.returns.toEqualTypeOf<Socket>();
});

test("an option's value has its name's type; numbers give a number, or bytes where a length is asked for", () => {
  expectTypeOf(() => socket.getOption("noDelay")).returns.toBeBoolean();
  expectTypeOf(() => socket.getOption("linger")).returns.toEqualTypeOf<number | false>();
  expectTypeOf(() => socket.getOption(1, 2)).returns.toBeNumber();
  expectTypeOf(() => socket.getOption(1, 2, 8)).returns.toEqualTypeOf<Buffer>();
  // @ts-expect-error: yes or no
  () => socket.setOption("noDelay", 1);
  // @ts-expect-error: can only be read
  () => socket.setOption("error", 0);
  // @ts-expect-error: there is none of that name
  () => socket.getOption("delay");
});

test("every form of an address is one, what is reported too, and nothing else", () => {
  expectTypeOf<SocketAddress>().toExtend<Address>();
  const addresses: Address[] = [
    80,
    "/x",
    ["h", 1],
    ["::1", 1, 0, 2],
    { port: 1 },
    { address: "h", port: 1 },
    { path: "/x" },
  ];
  // @ts-expect-error: a port is a number
  const text: Address = ["h", "1"];
  expectTypeOf([...addresses, text]).toEqualTypeOf<Address[]>();
});
