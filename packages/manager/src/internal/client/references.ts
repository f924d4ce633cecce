/**
 * The shared objects that this session has references to.
 *
 * INVARIANT: the server counts how often it has given the session an object; each proxy is made for the first time, and
 * when it is collected gives back as many as came during its life.
 */
import { randomBytes } from "node:crypto";
import type { Transfer } from "@cordage/ipc/sys";
import type { BaseProxy } from "../../proxy.js";
import { sentArguments } from "../call-signal.js";
import { AUTO, makeProxy } from "../kinds.js";
import { Operation } from "../protocol.js";
import type { Reference, Shown } from "../reference.js";
import type { Target } from "../target.js";
import type { Token } from "../token.js";
import type { Client } from "./client.js";

/** One proxy's life. */
interface Life {
  readonly ident: number;
  readonly references: References;
  count: number;
}

interface Known {
  readonly proxy: WeakRef<BaseProxy>;
  readonly life: Life;
}

const collected = new FinalizationRegistry<Life>((life) => life.references.release(life));

export class References {
  private readonly known = new Map<number, Known>();

  constructor(private readonly client: Client) {}

  get size(): number {
    return this.known.size;
  }

  /** The server has given the session an object, in an answer. */
  given(shown: Shown): BaseProxy {
    const { proxy, life } = this.proxyFor(shown);
    life.count++;
    return proxy;
  }

  /** Another session has sent one, which is kept until this one says that it has it. */
  adopt(shown: Shown, ticket: string): BaseProxy {
    const { proxy, life } = this.proxyFor(shown);
    life.count++;
    this.client.control(Operation.ADOPT, shown.ident, ticket);
    return proxy;
  }

  private proxyFor(shown: Shown): { proxy: BaseProxy; life: Life } {
    const known = this.known.get(shown.ident);
    const living = known?.proxy.deref();
    if (known && living) return { proxy: living, life: known.life };
    const life: Life = { ident: shown.ident, references: this, count: 0 };
    const { ident, typeid, kind, exposed } = shown;
    const proxy = makeProxy(new RemoteReference(this.client, ident, typeid, kind, exposed));
    this.known.set(ident, { proxy: new WeakRef(proxy), life });
    collected.register(proxy, life);
    return { proxy, life };
  }

  release(life: Life): void {
    if (this.known.get(life.ident)?.life === life) this.known.delete(life.ident);
    if (life.count > 0) this.client.control(Operation.RELEASE, life.ident, life.count);
  }

  /** The server has forgotten the session. What it still has, it may be given again. */
  claimAgain(): void {
    this.client.forgetControls();
    for (const { life, proxy } of this.known.values()) {
      if (!proxy.deref()) continue;
      life.count = 1;
      this.client.control(Operation.ADOPT, life.ident, "");
    }
  }
}

class RemoteReference implements Reference {
  constructor(
    private readonly client: Client,
    readonly ident: number,
    readonly typeid: string,
    readonly kind: string,
    readonly exposed: readonly string[],
  ) {}

  get server(): string {
    return this.client.server;
  }

  call(method: string, args: unknown[], signal?: AbortSignal): Promise<unknown> {
    // A type of this package has no use for the signal: its waits end when they are told to.
    const sent = signal && this.kind === AUTO ? sentArguments(args) : args;
    return this.client.call(this.ident, method, sent, signal);
  }

  callSync(method: string, args: unknown[]): unknown {
    return this.client.callSync(this.ident, method, args);
  }

  pack(_transfer: Transfer | undefined, trusted: boolean): Token {
    const { server, ident, typeid, kind, exposed } = this;
    const ticket = randomBytes(12).toString("hex");
    this.client.control(Operation.LEND, ident, ticket);
    this.client.flush();
    const { address, lostAfter, ...secrets } = this.client.target;
    const target: Target = trusted ? { address, lostAfter, ...secrets } : { address, lostAfter };
    return { server, ident, typeid, kind, exposed, ticket, target };
  }
}
