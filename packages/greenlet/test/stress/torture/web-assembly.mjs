// WebAssembly whose import switches: its frames are parked with the rest.
import assert from "node:assert/strict";
import { Greenlet, getCurrent } from "@cordage/greenlet";
import { block } from "./hub.mjs";

// (module (import "js" "ask" (func (param i32) (result i32)))
//   (func (export "twice") (param i32) (result i32)  (i32.add (call 0 (local.get 0)) (call 0 (i32.add (local.get 0) (i32.const 1))))))
const bytes = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f],
  ...[2, 10, 1, 2, 0x6a, 0x73, 3, 0x61, 0x73, 0x6b, 0, 0],
  ...[3, 2, 1, 0],
  ...[7, 9, 1, 5, 0x74, 0x77, 0x69, 0x63, 0x65, 0, 1],
  ...[10, 16, 1, 14, 0, 0x20, 0, 0x10, 0, 0x20, 0, 0x41, 1, 0x6a, 0x10, 0, 0x6a, 0x0b],
);

export const webAssembly = {
  round(random) {
    const imports = { js: { ask: (n) => getCurrent().parent.switch(n) } };
    const { instance } = block(WebAssembly.instantiate(bytes, imports));
    const { twice } = instance.exports;
    const calls = Array.from({ length: 1 + random(20) }, (_, i) => new Greenlet(() => twice(10 * i)));
    for (const [i, one] of calls.entries()) assert.equal(one.switch(), 10 * i);
    for (const [i, one] of calls.entries()) assert.equal(one.switch(i), 10 * i + 1);
    for (const [i, one] of calls.entries()) assert.equal(one.switch(1000), 1000 + i);
    const fails = new Greenlet(() => twice(0));
    fails.switch();
    assert.throws(() => fails.throw(new SyntaxError("in the import")), { name: "SyntaxError" });
  },
};
