/** Connections to hosts that have several addresses: which failures go on to the next one. */
import { type Address, SystemError, TimeoutError } from "@cordage/ipc";
import { firstConnected } from "@cordage/ipc/sys";
import { thrownBy } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";

/** The addresses that were tried, where the first fails so; those that were closed; and the socket's own. */
function connecting(failure: Error) {
  const tried: Address[] = [];
  const closed: Address[] = [];
  class Fake {
    private peer: Address = "";

    setTimeout(): void {}

    bind(): void {}

    connect(address: Address): void {
      this.peer = address;
      if (tried.push(address) === 1) throw failure;
    }

    close(): void {
      closed.push(this.peer);
    }
  }
  const connect = () =>
    firstConnected(
      ["some.host", 80],
      {},
      "connect",
      () => new Fake(),
      () => ["192.0.2.1", "2001:db8::1"],
    );
  return { connect, tried, closed };
}

const first: Address = ["192.0.2.1", 80];
const second: Address = ["2001:db8::1", 80];

describe("the next address is tried", () => {
  test.each([
    ["that the system refuses", new SystemError("ECONNREFUSED", -111, "connect", "refused")],
    ["that does not answer in time", new TimeoutError("not in time")],
    ["whose source has no such name", Object.assign(new Error("not found"), { syscall: "getaddrinfo" })],
    ["of another family than its source", Object.assign(new RangeError("no IPv4"), { code: "ERR_OUT_OF_RANGE" })],
  ])("after one %s", (_, failure) => {
    const { connect, tried, closed } = connecting(failure);
    connect();
    expect({ tried, closed }).toEqual({ tried: [first, second], closed: [first] });
  });
});

test("what interrupts whoever waits is thrown at once, and the half-made socket is closed", () => {
  const interruption = new Error("killed");
  const { connect, tried, closed } = connecting(interruption);
  expect(thrownBy(connect)).toBe(interruption);
  expect({ tried, closed }).toEqual({ tried: [first], closed: [first] });
});
