/** The classes of this package: a process object of one of them has no class of its own to send along. */
const bases = new WeakSet<object>();

export function addBaseClass(cls: object): void {
  bases.add(cls);
}

export function isBaseClass(cls: object): boolean {
  return bases.has(cls);
}
