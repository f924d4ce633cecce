/**
 * The rules of CPython's greenlet, without greenlets: bodies are generators, and one loop gives them their turns. It knows nothing of the
 * package.
 */
import { type Body, MAIN, type Machine, type Thrown, type Turn, type Who } from "./program.js";

class Fault {
  constructor(readonly name: string) {}
}

interface One {
  label: string;
  parent: One | undefined;
  life: "new" | "active" | "dead";
  run: Body | undefined;
  turn: Turn | undefined;
}

interface Parcel {
  failed: boolean;
  content: unknown;
}

/** What a body yields: it wants something sent. */
interface Request extends Parcel {
  to: One;
}

type Tracer = (event: string, origin: string, target: string) => void;

export class Model implements Machine {
  private readonly ones = new Map<Who, One>();
  private running: One = { label: "main", parent: undefined, life: "active", run: undefined, turn: undefined };
  private tracer: Tracer | undefined;

  constructor() {
    this.ones.set(MAIN, this.running);
  }

  /** Until the main one has ended. */
  execute(main: Turn): void {
    const first = this.running;
    first.turn = main;
    for (let parcel: Parcel = { failed: false, content: undefined }; first.life === "active"; )
      parcel = this.turnOf(this.running, parcel);
  }

  /** Runs one until it sends something or ends. @returns what the next one gets */
  private turnOf(one: One, parcel: Parcel): Parcel {
    try {
      const { done, value } = parcel.failed ? one.turn!.throw(parcel.content) : one.turn!.next(parcel.content);
      return done ? this.end(one, { failed: false, content: [value] }) : this.deliver(one, value as Request);
    } catch (error) {
      return this.end(one, { failed: true, content: error });
    }
  }

  private deliver(origin: One, request: Request): Parcel {
    const target = living(request.to);
    if (target.life === "new" && !target.run) return { failed: true, content: new Fault("no run") };
    return this.arrive(origin, target, request);
  }

  private end(one: One, parcel: Parcel): Parcel {
    one.life = "dead";
    if (!one.parent) return parcel;
    let { failed, content } = parcel;
    if (failed && isExit(content)) [failed, content] = [false, [content]];
    let heir = living(one.parent);
    for (; heir.life === "new" && !heir.run; heir = living(heir.parent!))
      [failed, content] = [true, new Fault("no run")];
    return this.arrive(one, heir, { failed, content });
  }

  /** @returns what the target's body gets, or whoever has control after it if that is over at once */
  private arrive(origin: One, target: One, sent: Parcel): Parcel {
    const { run } = target;
    const starts = target.life === "new";
    Object.assign(target, { life: "active", run: undefined });
    this.running = target;
    const parcel = this.traced(origin, target, sent);
    if (!starts) return parcel.failed ? parcel : { failed: false, content: unpacked(parcel.content as unknown[]) };
    if (parcel.failed) return this.end(target, parcel);
    target.turn = run!(...(parcel.content as unknown[]));
    return { failed: false, content: undefined };
  }

  private traced(origin: One, target: One, parcel: Parcel): Parcel {
    try {
      this.tracer?.(parcel.failed ? "throw" : "switch", origin.label, target.label);
      return parcel;
    } catch (error) {
      this.tracer = undefined;
      return { failed: true, content: error };
    }
  }

  *switchTo(to: Who, values: number[]): Turn {
    const request: Request = { to: this.one(to), failed: false, content: values };
    return yield request;
  }

  *throwInto(to: Who, error: Thrown): Turn {
    const one = this.one(to);
    const content = new Fault(error);
    const request: Request =
      one.life === "dead" && isExit(content)
        ? { to: one, failed: false, content: [content] }
        : { to: one, failed: true, content };
    return yield request;
  }

  raise(error: Thrown): never {
    throw new Fault(error);
  }

  make(who: Who, label: string, run: Body | undefined, parent: Who | null): void {
    this.ones.set(who, {
      label,
      parent: parent === null ? this.running : this.one(parent),
      life: "new",
      run,
      turn: undefined,
    });
  }

  setParent(of: Who, to: Who): string | undefined {
    const one = this.one(of);
    if (!one.parent) return "main has none";
    for (let at: One | undefined = this.one(to); at; at = at.parent) if (at === one) return "a cycle";
    one.parent = this.one(to);
    return undefined;
  }

  setRun(of: Who, body: Body): string | undefined {
    const one = this.one(of);
    if (one.life !== "new") return "too late";
    one.run = body;
    return undefined;
  }

  trace(listener: Tracer | undefined): void {
    this.tracer = listener;
  }

  exists = (who: Who) => this.ones.has(who);
  isActive = (who: Who) => this.one(who).life === "active";
  isDead = (who: Who) => this.one(who).life === "dead";
  labelOf = (who: Who) => this.one(who).label;
  parentOf = (who: Who) => this.one(who).parent!.label;
  current = () => this.running.label;
  nameOf = (error: unknown) => (error as Fault).name;

  private one(who: Who): One {
    return this.ones.get(who)!;
  }
}

function living(one: One): One {
  return one.life === "dead" ? living(one.parent!) : one;
}

function isExit(content: unknown): boolean {
  return content instanceof Fault && content.name === "exit";
}

function unpacked(args: unknown[]): unknown {
  return args.length > 1 ? args : args[0];
}
