/** Runs the programs of program.ts on greenlets. */
import { type Greenlet, GreenletError, GreenletExit, getCurrent, greenlet, setTrace } from "@cordage/greenlet";
import { isActive } from "./greenlets.js";
import { type Body, MAIN, type Machine, type Thrown, type Turn, type Who } from "./program.js";

class Fault extends Error {}

export class GreenletMachine implements Machine {
  private readonly ones = new Map<Who, Greenlet>([[MAIN, getCurrent()]]);
  private readonly labels = new Map<Greenlet, string>([[getCurrent(), "main"]]);

  // biome-ignore lint/correctness/useYield: it waits in the call
  *switchTo(to: Who, values: number[]): Turn {
    return this.one(to).switch(...values);
  }

  // biome-ignore lint/correctness/useYield: it waits in the call
  *throwInto(to: Who, error: Thrown): Turn {
    return this.one(to).throw(errorOf(error));
  }

  raise(error: Thrown): never {
    throw errorOf(error);
  }

  make(who: Who, label: string, body: Body | undefined, parent: Who | null): void {
    const made = greenlet(body && runs(body), parent === null ? undefined : this.one(parent));
    this.ones.set(who, made);
    this.labels.set(made, label);
  }

  setParent(of: Who, to: Who): string | undefined {
    const set = () => {
      this.one(of).parent = this.one(to);
    };
    return refusal(set, { "the main greenlet has none": "main has none", "own ancestor": "a cycle" });
  }

  setRun(of: Who, body: Body): string | undefined {
    const set = () => {
      this.one(of).run = runs(body);
    };
    return refusal(set, { "it has started": "too late" });
  }

  trace(listener: ((event: string, origin: string, target: string) => void) | undefined): void {
    setTrace(
      listener && ((event, [origin, target]) => listener(event, this.labels.get(origin)!, this.labels.get(target)!)),
    );
  }

  exists = (who: Who) => this.ones.has(who);
  isActive = (who: Who) => isActive(this.one(who));
  isDead = (who: Who) => this.one(who).dead;
  labelOf = (who: Who) => this.labels.get(this.one(who))!;
  parentOf = (who: Who) => this.labels.get(this.one(who).parent!)!;
  current = () => this.labels.get(getCurrent())!;

  nameOf(error: unknown): string {
    if (error instanceof GreenletExit) return "exit";
    if (error instanceof GreenletError && error.code === "ERR_NO_RUN") return "no run";
    return error instanceof Fault ? error.message : String(error);
  }

  private one(who: Who): Greenlet {
    return this.ones.get(who)!;
  }
}

export function toEnd(turn: Turn): unknown {
  const { done, value } = turn.next();
  if (!done) throw new Error("a body waits in a yield");
  return value;
}

const runs =
  (body: Body) =>
  (...args: unknown[]) =>
    toEnd(body(...args));

function errorOf(error: Thrown): Error {
  return error === "exit" ? new GreenletExit() : new Fault(error);
}

/** What an attempt is refused with, in the model's words. */
function refusal(attempt: () => void, words: Record<string, string>): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    const known = Object.entries(words).find(([part]) => (error as Error).message.includes(part));
    return known?.[1] ?? String(error);
  }
}
