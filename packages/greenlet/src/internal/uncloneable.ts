/** Has a structured clone refuse an object, where Node can (22.10 and later): elsewhere it makes an empty one of it, and says nothing. */

interface Threads {
  markAsUncloneable?: (value: object) => void;
}

let mark: ((value: object) => void) | undefined;

export function refuseClones(value: object): void {
  mark ??= found();
  mark(value);
}

/** Not before it is needed: the module takes milliseconds to load. */
function found(): (value: object) => void {
  const threads = process.getBuiltinModule("node:worker_threads") as Threads;
  return threads.markAsUncloneable ?? (() => undefined);
}
