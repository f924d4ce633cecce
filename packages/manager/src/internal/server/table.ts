/**
 * The shared objects of a server.
 *
 *   held (a session has a reference to it, or one is under way) -> free: kept only by what shows it here, such as a list
 *   that it was put into -> gone
 *
 * INVARIANT: an entry that is held, or that a proxy in this process shows, is found by its number. Cycles of objects that
 * nobody outside has a reference to are the garbage collector's.
 */
import { ManagerError } from "../../errors.js";
import type { ServedType } from "./served-type.js";

export class Entry {
  /** References that sessions have, or that are under way to one. */
  holds = 0;
  /** A proxy in this very process shows it, or has: only the garbage collector knows whether one still does. */
  shown = false;

  constructor(
    readonly ident: number,
    readonly type: ServedType,
    readonly object: object,
    readonly exposed: ReadonlySet<string>,
  ) {}
}

export class ObjectTable {
  private readonly held = new Map<number, Entry>();
  private readonly free = new Map<number, WeakRef<Entry>>();
  private readonly collected = new FinalizationRegistry<number>((ident) => {
    if (!this.free.get(ident)?.deref()) this.free.delete(ident);
  });
  private last = 0;

  /** A new entry, which is gone at once unless it is held or shown. */
  add(type: ServedType, object: object, exposed: ReadonlySet<string>): Entry {
    return new Entry(++this.last, type, object, exposed);
  }

  /** @throws {ManagerError} ERR_REFERENT_GONE */
  find(ident: number): Entry {
    const entry = this.held.get(ident) ?? this.free.get(ident)?.deref();
    if (entry) return entry;
    throw new ManagerError(
      "ERR_REFERENT_GONE",
      "cannot use the shared object: it is gone, because nobody had a reference to it any more",
    );
  }

  has(ident: number): boolean {
    return this.held.has(ident) || this.free.get(ident)?.deref() !== undefined;
  }

  hold(entry: Entry, count = 1): void {
    if (entry.holds === 0) {
      this.free.delete(entry.ident);
      this.held.set(entry.ident, entry);
    }
    entry.holds += count;
  }

  letGo(entry: Entry, count = 1): void {
    entry.holds -= count;
    if (entry.holds > 0 || !this.held.delete(entry.ident)) return;
    if (entry.shown) this.weaken(entry);
    else this.discard(entry);
  }

  /** Nobody was given the entry, or nobody has it any more. */
  discard(entry: Entry): void {
    if (entry.holds === 0 && !entry.shown) entry.type.ended?.(entry.object);
  }

  /** A proxy in this process shows the entry from now on. */
  show(entry: Entry): void {
    if (entry.shown) return;
    entry.shown = true;
    if (entry.holds === 0) this.weaken(entry);
  }

  private weaken(entry: Entry): void {
    this.free.set(entry.ident, new WeakRef(entry));
    this.collected.register(entry, entry.ident);
  }

  /** How many are held from outside. */
  get size(): number {
    return this.held.size;
  }

  entries(): Iterable<Entry> {
    return this.held.values();
  }
}
