/** Fetching by HTTP. */
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest, type RequestOptions } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { invalidType, named, outOfRange } from "@cordage/ipc/sys";
import { GeventError } from "./errors.js";
import { type Callback, calledBack } from "./internal/callback.js";
import { onHub } from "./internal/on-hub.js";
import { checkOptions } from "./internal/options.js";
import { checkTime } from "./internal/time.js";
import { Timeout } from "./timeout.js";
import { wait } from "./wait.js";

const FETCHING = "open the URL";
const MOST_REDIRECTS = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

const PROTOCOLS = {
  "http:": {
    request: (url: URL, options: RequestOptions) => plainRequest(url, options),
    makeAgent: () => new PlainAgent({ keepAlive: true }),
  },
  "https:": {
    // On the hub: Node 24 keeps certificates for each thread, and ends the process where a second one has some, as with greenlets on threads.
    request: (url: URL, options: RequestOptions) => onHub(FETCHING, () => secureRequest(url, options)),
    makeAgent: () => new SecureAgent({ keepAlive: true }),
  },
};
type Protocol = keyof typeof PROTOCOLS;

/** Connections are kept for the next request to the same host, and keep no process alive. Made when they are needed: node:http is large. */
const agents: Partial<Record<Protocol, PlainAgent>> = {};

function agentOf(protocol: Protocol): PlainAgent {
  agents[protocol] ??= PROTOCOLS[protocol].makeAgent();
  return agents[protocol];
}

export interface UrlOptions {
  /** Default: GET, or POST if there is data. */
  method?: string;
  /** What is sent. */
  data?: string | Uint8Array;
  headers?: Record<string, string>;
  /** Milliseconds until the answer must have begun, redirections included; default: no limit. */
  timeout?: number | Timeout;
  /** Ends the request with its reason, until the answer has begun. */
  signal?: AbortSignal | undefined;
  /** For https: as those of node:tls, such as `ca`. */
  tls?: Pick<import("node:tls").ConnectionOptions, "ca" | "cert" | "key" | "rejectUnauthorized" | "servername">;
}

/** The server answered, and not with what was asked for: `status` is 400 or more. `response` has the body. Source: urllib.error.HTTPError. */
export class HTTPError extends GeventError {
  readonly status: number;

  constructor(readonly response: Response) {
    super("ERR_HTTP", `cannot open ${response.url}: ${response.status} ${response.reason}`);
    this.status = response.status;
  }
}
named(HTTPError, "HTTPError");

/** What a server answers. It must be read to its end, or closed. */
export class Response implements Disposable {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingMessage["headers"];
  /** Where it comes from, after redirections. */
  readonly url: string;
  readonly #message: IncomingMessage;

  constructor(message: IncomingMessage, url: string) {
    this.#message = message;
    this.status = message.statusCode ?? 0;
    this.reason = message.statusMessage ?? "";
    this.headers = message.headers;
    this.url = url;
  }

  /**
   * At most `size` bytes, or what is left; empty at the end.
   * @throws {Error} ECONNRESET if the connection ends before the body does
   *
   * Blocks: the greenlet.
   */
  read(size = Number.POSITIVE_INFINITY): Buffer {
    if (typeof size !== "number" || !(size >= 0))
      throw outOfRange("read the response", "expected a number of bytes", size);
    const parts: Buffer[] = [];
    for (let left = size; left > 0; ) {
      const part = this.#some(left);
      if (part === undefined) break;
      parts.push(part);
      left -= part.length;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** What is there, at most so many bytes; undefined at the end. */
  #some(most: number): Buffer | undefined {
    const message = this.#message;
    for (;;) {
      const part = message.read(Math.min(most, message.readableLength) || undefined) as Buffer | null;
      if (part) return part;
      if (message.readableEnded) return undefined;
      if (message.errored) throw message.errored;
      if (message.destroyed) return undefined;
      wait(nextEvent(message));
    }
  }

  /** Ends the connection, if it was not read to its end. */
  close(): void {
    this.#message.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function nextEvent(message: IncomingMessage): Promise<void> {
  const names = ["readable", "end", "error", "close"];
  return new Promise((resolve) => {
    const settle = () => {
      for (const name of names) message.off(name, settle);
      resolve();
    };
    for (const name of names) message.on(name, settle);
  });
}

/**
 * Asks for a URL, http or https, and follows redirections; returns when the answer begins. Connections are used again.
 * @throws {HTTPError} ERR_HTTP for a status of 400 or more, @throws {GeventError} ERR_TOO_MANY_REDIRECTS
 * @throws {Timeout}, @throws {Error} ECONNREFUSED, ENOTFOUND, and those of node:tls
 * @throws {TypeError} ERR_INVALID_ARG_TYPE, ERR_INVALID_URL, @throws {RangeError} ERR_OUT_OF_RANGE for another protocol
 *
 * Blocks: the greenlet. Source: urllib.request.urlopen.
 *
 * @example console.log(urlopen("http://127.0.0.1:8080/").read().length);
 */
export function urlopen(url: string | URL, options: UrlOptions = {}): Response {
  checkOptions(options, FETCHING);
  checkTime({ signal: options.signal }, FETCHING);
  const { timeout } = options;
  if (timeout === undefined) return followed(checkedUrl(url), options);
  const limit = timeout instanceof Timeout ? timeout : new Timeout(timeout);
  return limit.run(() => followed(checkedUrl(url), options)) as Response;
}

function checkedUrl(url: string | URL): URL {
  if (typeof url !== "string" && !(url instanceof URL)) throw invalidType(FETCHING, "expected a URL", url);
  const parsed = new URL(url);
  if (!Object.hasOwn(PROTOCOLS, parsed.protocol)) throw outOfRange(FETCHING, "expected http: or https:", String(url));
  return parsed;
}

function followed(url: URL, options: UrlOptions): Response {
  let [from, how] = [url, options];
  for (let i = 0; i <= MOST_REDIRECTS; i++) {
    const response = asked(from, how);
    const { location } = response.headers;
    if (!REDIRECTS.has(response.status) || location === undefined) {
      if (response.status >= 400) throw new HTTPError(response);
      return response;
    }
    response.read();
    const next = checkedUrl(new URL(location, from));
    how = redirected(how, response.status, next.origin === from.origin);
    from = next;
  }
  throw new GeventError(
    "ERR_TOO_MANY_REDIRECTS",
    `cannot ${FETCHING}: more than ${MOST_REDIRECTS} redirections, from ${url}`,
  );
}

/** As browsers do it: what was sent is not sent again, unless the status says so; secrets stay with the host that they were for. */
function redirected(options: UrlOptions, status: number, isSameHost: boolean): UrlOptions {
  const keepsMethod = status === 307 || status === 308;
  const { data, method, headers = {}, ...others } = options;
  const safe = isSameHost ? headers : withoutSecrets(headers);
  return keepsMethod
    ? { ...others, headers: safe, data, method }
    : { ...others, headers: safe, method: method === "HEAD" ? "HEAD" : "GET" };
}

function withoutSecrets(headers: Record<string, string>): Record<string, string> {
  const secret = new Set(["authorization", "cookie", "proxy-authorization"]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !secret.has(name.toLowerCase())));
}

function asked(url: URL, { method, data, headers = {}, tls = {}, signal }: UrlOptions): Response {
  const protocol = url.protocol as Protocol;
  const length = data === undefined ? {} : { "content-length": String(Buffer.byteLength(data)) };
  const options: RequestOptions = {
    method: method ?? (data === undefined ? "GET" : "POST"),
    headers: { ...length, ...headers },
    agent: agentOf(protocol),
    ...tls,
  };
  const request = PROTOCOLS[protocol].request(url, options);
  try {
    const send = (done: Callback) => {
      request.once("response", (response) => done(null, response));
      request.on("error", done);
      request.end(data);
    };
    const message = calledBack<IncomingMessage>(FETCHING, send, { signal });
    return new Response(message, String(url));
  } catch (error) {
    request.destroy();
    throw error;
  }
}
