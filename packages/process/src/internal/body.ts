/** A process object on its way to the child: its class if it is a subclass, its own properties, and its work. */
import {
  decode,
  encode,
  type FunctionReference,
  referenceOf,
  resolveReference,
  resolveReferences,
  type Transfer,
} from "@cordage/ipc/sys";
import { BootstrapError } from "../errors.js";
import { Process, Revival, type Target } from "../process.js";
import { isBaseClass } from "./base-classes.js";
import { whileImporting } from "./importing.js";

export interface Work {
  target: Target | URL | undefined;
  args: unknown[];
  kwargs: object | undefined;
}

interface Body {
  cls: typeof Process | undefined;
  state: object;
  target: Target | undefined;
  /** Instead of `target` where the user gave a URL. */
  reference: FunctionReference | undefined;
  args: unknown[];
  kwargs: object | undefined;
}

/** @throws {CodecError} ERR_NOT_SERIALIZABLE for a target, a class or an argument that cannot travel */
export function packBody(process: object, work: Work, transfer: Transfer): Uint8Array {
  const { target, args, kwargs } = work;
  const body: Body = {
    cls: isBaseClass(process.constructor) ? undefined : (process.constructor as typeof Process),
    state: { ...process },
    target: target instanceof URL ? undefined : target,
    reference: target instanceof URL ? referenceOf(target) : undefined,
    args,
    kwargs,
  };
  return encode(body, transfer, { functions: true });
}

/** Imports what the body refers to, then makes the process object without running a subclass's constructor. */
export async function reviveBody(bytes: Uint8Array, passed: (index: number) => number): Promise<Process> {
  const transfer = { addDescriptor: refuse, takeDescriptor: passed };
  return whileImporting(async () => {
    await resolveReferences(bytes);
    const body = decode(bytes, transfer, { functions: true, owned: true }) as Body;
    const target = body.reference ? ((await resolveReference(body.reference)) as Target) : body.target;
    const revival = new Revival(target, body.args, body.kwargs);
    const revived = Reflect.construct(Process, [revival], body.cls ?? Process) as Process;
    return Object.assign(revived, body.state);
  });
}

function refuse(): never {
  throw new BootstrapError("cannot send a descriptor: a child that starts only receives them");
}
