/** What every entry of the native edge takes: a kind for each argument. A new entry gets a line here. */
export const signatures = {
  memfdCreate: ["string"],
  allocate: ["file", "int", "few"],
  punch: ["file", "int", "few"],
  map: ["file", "int", "length"],
  blockOpen: ["file", "int", "length"],
  blockLend: ["block", "int", "length"],
  detach: ["arrayBuffer"],
  futexWait: ["ints", "index", "unequal", "milliseconds"],
  futexWake: ["ints", "index", "int"],
  waiterOpen: ["function"],
  waiterAdd: ["waiter", "ints", "index", "int"],
  waiterCancel: ["waiter", "int"],
  waiterMode: ["int"],
  pipe: ["ints", "int"],
  read: ["file", "bytes", "index", "index"],
  write: ["file", "bytes", "index", "index"],
  write2: ["file", "bytes", "index", "index", "bytes", "index", "index"],
  close: ["noFile"],
  dup: ["file"],
  dup2: ["file", "noFile"],
  getFlags: ["file"],
  setFlags: ["file", "int"],
  fcntl: ["file", "int", "int"],
  setBlocking: ["file", "int"],
  available: ["file"],
  sendDescriptors: ["socket", "bytes", "index", "index", "ints"],
  receiveDescriptors: ["socket", "bytes", "index", "index", "ints"],
  socket: ["int", "int", "int"],
  socketpair: ["ints", "int"],
  bind: ["socket", "bytes"],
  connect: ["socket", "bytes"],
  listen: ["socket", "int"],
  accept: ["socket", "bytes", "ints", "int"],
  socketName: ["socket", "bytes", "ints", "int"],
  getOption: ["socket", "int", "int", "bytes"],
  setOption: ["socket", "int", "int", "bytes"],
  shutdown: ["noFile", "int"],
  receive: ["socket", "bytes", "index", "index", "dontWait"],
  receiveFrom: ["socket", "bytes", "index", "index", "dontWait", "bytes", "ints"],
  send: ["socket", "bytes", "index", "index", "dontWait"],
  sendTo: ["socket", "bytes", "index", "index", "dontWait", "bytes"],
  lookup: ["string", "int", "bytes", "ints"],
  poll: ["ints", "index", "zero"],
  select: ["ints", "index", "zero"],
  epollCreate: [],
  epollControl: ["file", "int", "file", "int", "int"],
  epollWait: ["file", "ints", "index", "zero"],
  watchOpen: ["noFile", "function"],
  watchStart: ["watch", "int"],
  watchStop: ["watch"],
  watchRef: ["watch", "int"],
  watchClose: ["watch"],
  uringOpen: ["few"],
  uringRead: ["ring", "file", "index"],
  uringSubmit: ["ring"],
  uringTake: ["ring", "ints"],
  uringBytes: ["ring", "int"],
  uringEventfd: ["ring"],
  uringClose: ["ring"],
  spawn: ["string", "strings", "strings", "string", "ints"],
  waitpid: ["noFile", "int", "ints"],
  pidfdOpen: ["noFile"],
  pidfdSignal: ["noFile", "zero"],
  gettid: [],
  taskStart: ["int"],
  releaseSignals: [],
  exitNow: ["never"],
  endWith: ["noFile"],
  interruptEnds: [],
  closeAtEnd: ["noFile"],
  keepAtEnd: ["noFile"],
  signalAction: ["noFile", "int"],
  onLoopEmpty: ["noFunction"],
  loopAlive: [],
};

/** Entries that cannot be called here, and take nothing that could be wrong. */
export const uncalled = ["fork"];

const detached = (view) => {
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
};
const throwing = Object.defineProperty(["a", "b"], 1, {
  get() {
    throw new TypeError("a getter of the caller's threw");
  },
});
const shrinking = Object.defineProperty(["a", "b", "c"], 0, {
  get() {
    this.length = 1;
    return "a";
  },
});

/** Good values of each kind, odd ones that are of the right type, and the types that pass for it. */
export function kindsOf({ file, socket, waiter, watch, block, ring }) {
  const numbers = { odd: [-1, -(2 ** 31), 2 ** 31, 2 ** 53, -(2 ** 53), 1.5, Number.NaN], type: "number" };
  const int = { good: 1, ...numbers };
  const noFile = { ...int, good: 1e9 };
  const ints = [new Int32Array(0), detached(new Int32Array(4)), new Int32Array(new SharedArrayBuffer(16))];
  const bytes = [new Uint8Array(0), detached(new Uint8Array(4)), new Uint8Array(new SharedArrayBuffer(8))];
  return {
    int,
    noFile,
    file: { ...noFile, good: file, odd: [...numbers.odd, 1e9] },
    socket: { ...noFile, good: socket, odd: [...numbers.odd, 1e9, file] },
    index: { ...int, odd: [...numbers.odd, 1e9] },
    length: { ...int, odd: [...numbers.odd, 2 ** 53 - 1, 0] },
    // Never many: that much memory would be taken in earnest.
    few: { ...int, odd: [-1, -(2 ** 31), 0, 1.5, Number.NaN, 2 ** 53] },
    unequal: { ...int, good: 77, odd: numbers.odd },
    zero: { good: 0, odd: [Number.NaN, -0], type: "number" },
    milliseconds: { ...int, odd: [...numbers.odd, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] },
    dontWait: { ...int, good: 64 },
    never: { good: Number.NaN, odd: [1.5, 2 ** 31, 2 ** 53], type: "number" },
    ints: { good: new Int32Array([file, 1, 0]), odd: ints, type: "Int32Array" },
    bytes: { good: new Uint8Array(8), odd: [...bytes, Buffer.alloc(200)], type: "Uint8Array" },
    arrayBuffer: {
      good: new ArrayBuffer(8),
      odd: [new WebAssembly.Memory({ initial: 1 }).buffer],
      type: "ArrayBuffer",
    },
    string: { good: "/nowhere", odd: ["", "a\0b", "\ud800", "x".repeat(100000)], type: "string" },
    strings: {
      good: ["a"],
      odd: [[], [1], new Array(3), ["a\0"], throwing, shrinking, new Proxy(["a"], {})],
      type: "Array",
    },
    function: { good: () => {}, odd: [class {}, new Proxy(() => {}, {})], type: "function" },
    // A good one would keep the loop alive for ever.
    noFunction: { good: 5, odd: [], type: "function" },
    waiter: { good: waiter, odd: [], type: "waiter" },
    watch: { good: watch, odd: [], type: "watch" },
    block: { good: block, odd: [], type: "block" },
    ring: { good: ring, odd: [], type: "ring" },
  };
}

/** A value of every type, by the type's name. */
export function valuesByType({ waiter, watch, block, ring }) {
  return {
    undefined: undefined,
    null: null,
    boolean: true,
    number: 1e9,
    bigint: 5n,
    string: "x",
    symbol: Symbol("s"),
    function: () => {},
    object: { length: 4, valueOf: () => 1 },
    Array: ["a"],
    Int32Array: new Int32Array(4),
    Uint8Array: new Uint8Array(4),
    Float64Array: new Float64Array(4),
    DataView: new DataView(new ArrayBuffer(8)),
    ArrayBuffer: new ArrayBuffer(8),
    SharedArrayBuffer: new SharedArrayBuffer(8),
    waiter,
    watch,
    block,
    ring,
  };
}
