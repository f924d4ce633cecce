/** A type of objects that a server makes and keeps. */
import type { Caller } from "./caller.js";

/** What a type needs of the server that it is served by. */
export interface Host {
  /** Gives an object to others: the value that stands for it in a result. */
  publish(typeid: string, object: object): object;
  /** The object that a proxy of this server shows; undefined if it is something else. */
  objectOf(value: unknown): object | undefined;
  /** A function that the server was told it may call. @throws {ManagerError} ERR_FUNCTION_NOT_ALLOWED */
  allowed(reference: unknown): Function;
}

export interface ServedType {
  readonly typeid: string;
  /** Which proxy class shows its objects. */
  readonly kind: string;
  /** Absent: only results of calls are of it. */
  make?(host: Host, args: unknown[]): object | Promise<object>;
  /** The methods that may be called on an object of it. */
  exposed(object: object): ReadonlySet<string>;
  call(object: object, method: string, caller: Caller, args: unknown[]): unknown;
  /** Methods whose results are objects to be shared, and of which type. */
  readonly results: Readonly<Record<string, string>>;
  /** How an object that lives in the server already is shown, if a factory of this type returns it: another type, or its own. */
  view?(of: ServedType): ServedType;
  /** The plain data that an object stands for. */
  valueOf(object: object): unknown;
  /** What remains to be done when nobody has the object any more. */
  ended?(object: object): void;
}
