/** Python's id(). */
const ids = new WeakMap<object, number>();
let next = process.pid * 2 ** 20;

/**
 * A number that no other object of this process has. As in Python, an object that another process got a copy of has
 * another number there, and one that a forked process inherited keeps its number.
 *
 * Differs from Python: it is not an address.
 */
export function id(object: object): number {
  if (!ids.has(object)) ids.set(object, next++);
  return ids.get(object)!;
}
