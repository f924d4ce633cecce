/** Large bytes beside messages: internal/depot.ts and its hooks in the codec. */
import { statSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type BlockHandle, Depot, decode, encode, type Transfer } from "@cordage/ipc/sys";
import { until } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { run } from "./support/fixture.js";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

const KIB = 1024;
const MIB = 1024 * KIB;
const bytes = (length: number, value: number) => Buffer.alloc(length, value);

/** Buffers that nobody has any more are collected, and their finalizers run. */
async function collect(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function transferOver(depot: Depot): Transfer & { count: number } {
  return {
    count: 0,
    addDescriptor: () => -1,
    takeDescriptor: () => -1,
    addBytes(bytes) {
      this.count++;
      return depot.put(bytes);
    },
    takeBytes: (name) => depot.take(name as BlockHandle),
  };
}

describe("a depot", () => {
  test("shows what was put, exactly so long", () => {
    const depot = Depot.create();
    const handle = depot.put(bytes(100_001, 7))!;
    const taken = Buffer.from(depot.take(handle));
    expect(taken.length).toBe(100_001);
    expect(taken.equals(bytes(100_001, 7))).toBe(true);
  });

  test("never writes into what somebody still has", async () => {
    const depot = Depot.create();
    const kept = new Uint8Array(depot.take(depot.put(bytes(64 * KIB, 1))!));
    await collect();
    for (let i = 0; i < 20; i++) depot.put(bytes(64 * KIB, 2));
    expect(kept.every((byte) => byte === 1)).toBe(true);
  });

  test("fills a block again once nobody has it", async () => {
    const depot = Depot.create();
    const first = depot.put(bytes(64 * KIB, 1))!;
    (() => depot.take(first))();
    await collect();
    expect(depot.put(bytes(64 * KIB, 2))![0]).toBe(first[0]);
  });

  test("fills a block again that was freed", () => {
    const depot = Depot.create();
    const first = depot.put(bytes(64 * KIB, 1))!;
    expect(depot.put(bytes(64 * KIB, 2))![0]).not.toBe(first[0]);
    depot.free(first);
    expect(depot.put(bytes(64 * KIB, 3))![0]).toBe(first[0]);
  });

  test("refuses more than its limit, and takes it again when there is room", () => {
    const depot = Depot.create();
    const half = bytes(128 * KIB * KIB, 1);
    const first = depot.put(half)!;
    expect(depot.put(half)).toBeDefined();
    expect(depot.put(half)).toBeUndefined();
    depot.free(first);
    expect(depot.put(bytes(64 * KIB, 1))).toBeDefined(); // of another size: the free one gives its memory
  });

  test("gives the memory of blocks back that are not used any more", async () => {
    const depot = Depot.create();
    const file = `/proc/self/fd/${depot.handle().fd}`;
    const inUse = depot.put(bytes(MIB, 1))!;
    const taken = new Uint8Array(depot.take(inUse));
    depot.free(depot.put(bytes(4 * MIB, 2))!);
    expect(statSync(file).blocks * 512).toBeGreaterThan(5 * MIB);
    await until(() => statSync(file).blocks * 512 < 2 * MIB);
    expect(taken.every((byte) => byte === 1)).toBe(true);
  });

  test.each([
    ["a negative offset", [-4096, 4096, 10]],
    ["a block behind the end", [2 ** 40, 69632, 10]],
    ["more than the block has", [4096, 69632, 70_000]],
    ["nothing", [4096, 69632, 0]],
  ])("takes no handle with %s", (_, handle) => {
    const depot = Depot.create();
    depot.put(bytes(64 * KIB, 1));
    expect(() => depot.take(handle as unknown as BlockHandle)).toThrow(expect.objectContaining({ code: "EINVAL" }));
  });
});

describe("a message with a depot beside it", () => {
  const large = bytes(80 * KIB, 5);
  test.each<[string, unknown]>([
    ["a Buffer", large],
    ["a Buffer in an object", { a: [large] }],
    ["a Uint8Array", new Uint8Array(large)],
    ["a Float64Array", new Float64Array(10 * KIB).fill(1.5)],
    ["an ArrayBuffer", new Uint8Array(large).buffer],
    ["a DataView", new DataView(new Uint8Array(large).buffer)],
  ])("carries %s there", (_, value) => {
    const transfer = transferOver(Depot.create());
    const message = encode(value, transfer);
    expect(message.length).toBeLessThan(100);
    expect(transfer.count).toBe(1);
    expect(decode(message, transfer)).toEqual(value);
  });

  test("keeps small bytes for itself", () => {
    const transfer = transferOver(Depot.create());
    const value = [bytes(10, 1), new Uint8Array(KIB)];
    expect(decode(encode(value, transfer), transfer)).toEqual(value);
    expect(transfer.count).toBe(0);
  });

  test("is refused where nobody takes bytes", () => {
    const message = encode(large, transferOver(Depot.create()));
    expect(() => decode(message)).toThrow(expect.objectContaining({ code: "ERR_BAD_MESSAGE" }));
  });
});

test("two threads find V8's collector, which a flag for all threads shows, at the same time", async () => {
  expect(await run("collect-in-threads.mjs")).toMatchObject({ code: 0, stdout: "60\n60\n", stderr: "" });
});
