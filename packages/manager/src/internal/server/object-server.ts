/** The shared objects of a server, and the calls of its clients; how those are connected is another file's. */
import { randomBytes } from "node:crypto";
import { types } from "node:util";
import { type FunctionReference, invalidType } from "@cordage/ipc/sys";
import { ManagerError } from "../../errors.js";
import { BaseProxy, referenceIn } from "../../proxy.js";
import { makeProxy } from "../kinds.js";
import { SERVER } from "../protocol.js";
import type { Reference, Shown } from "../reference.js";
import type { Target } from "../target.js";
import { Given, ReferenceTransfer, type Token } from "../token.js";
import type { Caller } from "./caller.js";
import { HomeReference } from "./home-reference.js";
import { LocalReference } from "./local-reference.js";
import { performOn } from "./perform.js";
import type { Host, ServedType } from "./served-type.js";
import { Session, Tickets } from "./session.js";
import { type Entry, ObjectTable } from "./table.js";
import { isThenable } from "./thenable.js";
import type { Call } from "./visit.js";

export class ObjectServer implements Host {
  readonly name = randomBytes(12).toString("hex");
  readonly table = new ObjectTable();
  readonly tickets = new Tickets();
  private readonly proxies = new WeakMap<Entry, WeakRef<BaseProxy>>();

  constructor(
    private readonly types: ReadonlyMap<string, ServedType>,
    /** By {@link keyOf}. */
    private readonly functions: ReadonlyMap<string, Function>,
  ) {}

  /** Where the server is; set by whoever knows. */
  target!: () => Target;
  /** The server's own session, for what it lends. */
  private readonly own = new Session("", "the server", this.table, this.tickets);
  /** Who is connected; set by whoever knows. */
  clients: () => string[] = () => [];

  // --- calls

  /** The result, or a promise of it. @throws what the method throws */
  perform(ident: number, method: string, args: unknown[], caller: Caller): unknown {
    if (ident === SERVER) return this.serve(method, args);
    return this.performOn(this.table.find(ident), method, args, caller);
  }

  private performOn(entry: Entry, method: string, args: unknown[], caller: Caller): unknown {
    const result = performOn(entry, method, args, caller);
    const { results } = entry.type;
    return Object.hasOwn(results, method) ? this.published(results[method]!, result) : result;
  }

  private published(typeid: string, result: unknown): unknown {
    if (isThenable(result)) return result.then((object) => this.published(typeid, object));
    if (typeof result !== "object" || result === null) return result;
    return this.publish(typeid, result);
  }

  private serve(method: string, args: unknown[]): unknown {
    switch (method) {
      case "create":
        return this.create(args[0], args.slice(1));
      case "numberOfObjects":
        return this.table.size;
      case "clients":
        return this.clients();
      case "debugInfo":
        return this.debugInfo();
      default:
        throw new ManagerError(
          "ERR_NOT_EXPOSED",
          `cannot call ${String(method)} of a manager's server: it is not exposed`,
        );
    }
  }

  private async create(typeid: unknown, args: unknown[]): Promise<Given> {
    const type = this.typeOf(typeid);
    if (!type.make) throw this.unknown(typeid);
    const made = type.make(this, args);
    const object = types.isPromise(made) ? await made : made;
    if (typeof object !== "object" || object === null)
      throw invalidType(`create a ${type.typeid}`, "its factory must return an object", object);
    return new GivenEntry(this.entryOf(type, object));
  }

  private typeOf(typeid: unknown): ServedType {
    const type = typeof typeid === "string" ? this.types.get(typeid) : undefined;
    if (type) return type;
    throw this.unknown(typeid);
  }

  private unknown(typeid: unknown): ManagerError {
    const known = [...this.types.values()].filter(({ make }) => make).map((type) => type.typeid);
    return new ManagerError(
      "ERR_TYPE_NOT_REGISTERED",
      `cannot create an object: no type '${String(typeid)}' is registered in the server; what is: ${known.join(", ")}`,
    );
  }

  private debugInfo(): string {
    return [...this.table.entries()]
      .map(({ ident, type, holds }) => `${ident}: ${type.typeid}, ${holds} references`)
      .join("\n");
  }

  /** A result that nobody waits for any more. */
  discard(result: unknown): void {
    if (result instanceof GivenEntry) this.table.discard(result.entry);
  }

  // --- objects

  /** An object is one entry, however often it is given away. */
  private readonly entered = new WeakMap<object, Entry>();
  /** Other ways to see an object: see {@link ServedType.view}. */
  private readonly views = new WeakMap<ServedType, WeakMap<object, Entry>>();

  private enter(type: ServedType, object: object, among = this.entered): Entry {
    const known = among.get(object);
    if (known) return known;
    const entry = this.table.add(type, object, type.exposed(object));
    among.set(object, entry);
    return entry;
  }

  /** Of what a factory returned: a new object, or the proxy of one that lives here. */
  private entryOf(type: ServedType, object: object): Entry {
    const reference = referenceIn(object);
    if (reference instanceof HomeReference) return this.seen(type, this.welcome(object as BaseProxy, reference));
    if (reference instanceof LocalReference && reference.server === this.name) return this.seen(type, reference.entry);
    return this.enter(type, object);
  }

  /** An entry as a registered type shows it. */
  private seen(type: ServedType, entry: Entry): Entry {
    const view = type.view?.(entry.type) ?? entry.type;
    if (view === entry.type) return entry;
    const among = this.views.get(view) ?? new WeakMap<object, Entry>();
    this.views.set(view, among);
    const made = this.enter(view, entry.object, among);
    this.table.show(made); // it does not end with the last client that has it
    return made;
  }

  /** The entry of an object of this process, which is about to be given away. */
  welcome(proxy: BaseProxy, reference: HomeReference): Entry {
    const entry = this.enter(reference.type, reference.object);
    if (entry.shown) return entry;
    this.proxies.set(entry, new WeakRef(proxy));
    this.table.show(entry);
    reference.known = this.referenceTo(entry);
    return entry;
  }

  publish(typeid: string, object: object): object {
    if (object instanceof BaseProxy) return object;
    return new GivenEntry(this.enter(this.typeOf(typeid), object));
  }

  /** The proxy that stands for an entry in this process. */
  show(entry: Entry): BaseProxy {
    const known = this.proxies.get(entry)?.deref();
    if (known) return known;
    const proxy = makeProxy(this.referenceTo(entry));
    this.proxies.set(entry, new WeakRef(proxy));
    this.table.show(entry);
    return proxy;
  }

  private referenceTo(entry: Entry): LocalReference {
    const shown = (result: unknown) => (result instanceof GivenEntry ? this.show(result.entry) : result);
    const perform = (entry: Entry, method: string, args: unknown[], caller: Caller) => {
      const result = this.performOn(entry, method, args, caller);
      return isThenable(result) ? result.then(shown) : shown(result);
    };
    return new LocalReference(this.name, entry, perform, (lent, trusted) => this.lend(lent, trusted));
  }

  /** Lends what a process of the server's own is given. */
  private lend(entry: Entry, trusted: boolean): Pick<Token, "ticket" | "target"> {
    const ticket = randomBytes(12).toString("hex");
    this.own.give(entry);
    this.own.lend(entry.ident, ticket);
    this.own.release(entry.ident, 1);
    const { address, lostAfter, ...secrets } = this.target();
    return { ticket, target: trusted ? { address, lostAfter, ...secrets } : { address, lostAfter } };
  }

  objectOf(value: unknown): object | undefined {
    const reference = referenceIn(value);
    if (reference instanceof HomeReference) return reference.object;
    return reference instanceof LocalReference && reference.server === this.name ? reference.entry.object : undefined;
  }

  allowed(reference: unknown): Function {
    const { url, name } = Object(reference) as FunctionReference;
    const fn = this.functions.get(functionKey(url, name));
    if (fn) return fn;
    throw new ManagerError(
      "ERR_FUNCTION_NOT_ALLOWED",
      `cannot call function ${String(name)}: the manager was not told about it; start it with { functions: [${String(name)}] }`,
    );
  }

  /** What objects leave behind that is not memory: a pool's workers. */
  close(): void {
    for (const { type, object } of this.table.entries()) type.ended?.(object);
  }

  /** What goes along with messages of the server to and from a session. */
  transferFor(session: Session): SessionTransfer {
    return new SessionTransfer(this, session);
  }
}

/** How clients see an entry, which goes along. */
function shownEntry(entry: Entry): Shown & { readonly entry: Entry } {
  const { ident, type, exposed } = entry;
  return { ident, typeid: type.typeid, kind: type.kind, exposed: [...exposed], entry };
}

/** The entry itself, until the answer is encoded: nothing else may keep it so long. */
class GivenEntry extends Given {
  constructor(readonly entry: Entry) {
    super(shownEntry(entry));
  }
}

export function functionKey(url: string, name: string): string {
  return `${url}\n${name}`;
}

export class SessionTransfer extends ReferenceTransfer {
  private failure: unknown;
  /** Whose request is being decoded. */
  call: Call | undefined;

  constructor(
    private readonly objects: ObjectServer,
    private readonly session: Session,
  ) {
    super();
  }

  get server(): string {
    return this.objects.name;
  }

  override own(proxy: BaseProxy, reference: Reference): Shown {
    if (reference instanceof HomeReference) return shownEntry(this.objects.welcome(proxy, reference));
    return super.own(proxy, reference);
  }

  /** Of an entry that is given away, or of a proxy in this process. */
  name(ident: number, shown: Shown & { readonly entry?: Entry }): unknown[] {
    this.session.give(shown.entry!);
    return [ident, shown.typeid, shown.kind, shown.exposed];
  }

  /** For an object that is gone nothing is given, and `takeFailure` says so: the rest of the message is right. */
  proxyOf([ident]: unknown[]): BaseProxy {
    try {
      return this.objects.show(this.objects.table.find(ident as number));
    } catch (error) {
      this.failure = error;
      return undefined as unknown as BaseProxy;
    }
  }

  override signal(): AbortSignal {
    return this.call?.signal ?? super.signal();
  }

  takeFailure(): unknown {
    const { failure } = this;
    this.failure = undefined;
    return failure;
  }
}
