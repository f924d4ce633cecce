/** Fetching by HTTP. */
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest, type RequestOptions } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { invalidType, named, outOfRange } from "@cordage/ipc/sys";
import { GeventError } from "./errors.js";
import { type Callback, calledBack } from "./internal/callback.js";
import { onHub } from "./internal/on-hub.js";
import { checkOptions } from "./internal/options.js";
import { readMessage } from "./internal/read-message.js";
import { checkTime } from "./internal/time.js";
import { Timeout } from "./timeout.js";

const FETCHING = "open the URL";
const MOST_REDIRECTS = 10;
const SWITCHING = 101;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const SECRETS = new Set(["authorization", "cookie", "proxy-authorization"]);
const OF_DATA = new Set([
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-type",
  "transfer-encoding",
]);

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
  /** Ends the request with its reason, until the answer has begun, redirections included. */
  signal?: AbortSignal | undefined;
  /** For https: as those of node:tls, such as `ca`. */
  tls?: Pick<import("node:tls").ConnectionOptions, "ca" | "cert" | "key" | "rejectUnauthorized" | "servername">;
}

/** The server answered, and not with what was asked for: `status` is 400 or more, or 101: another protocol. `response` has the body. Source: urllib.error.HTTPError. */
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
   * At most `size` bytes, or what is left; empty at the end. Whoever is interrupted has taken nothing.
   * @param size from 0, or `Infinity`
   * @throws {Error} ECONNRESET if the connection ends before the body does, @throws {RangeError} ERR_OUT_OF_RANGE
   *
   * Blocks: the greenlet.
   */
  read(size = Number.POSITIVE_INFINITY): Buffer {
    if (!(size === Number.POSITIVE_INFINITY || (Number.isSafeInteger(size) && size >= 0)))
      throw outOfRange("read the response", "expected a number of bytes", size);
    return readMessage(this.#message, size);
  }

  /** Ends the connection, if it was not read to its end. */
  close(): void {
    this.#message.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Asks for a URL, http or https, and follows redirections; returns when the answer begins. Connections are used again.
 * @throws {HTTPError} ERR_HTTP for a status of 400 or more, and 101, @throws {GeventError} ERR_TOO_MANY_REDIRECTS
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
    const message = asked(from, how);
    const { location } = message.headers;
    const status = message.statusCode!;
    if (!REDIRECTS.has(status) || location === undefined) return answered(message, from);
    drain(message, how);
    const next = checkedUrl(new URL(location, from));
    how = redirected(how, status, next.origin === from.origin);
    from = next;
  }
  throw new GeventError(
    "ERR_TOO_MANY_REDIRECTS",
    `cannot ${FETCHING}: more than ${MOST_REDIRECTS} redirections, from ${url}`,
  );
}

function answered(message: IncomingMessage, url: URL): Response {
  const response = new Response(message, String(url));
  if (response.status >= 400 || response.status === SWITCHING) throw new HTTPError(response);
  return response;
}

/** So that the connection can be used again. */
function drain(message: IncomingMessage, { signal }: UrlOptions): void {
  try {
    readMessage(message, Number.POSITIVE_INFINITY, signal);
  } catch (error) {
    message.destroy(); // nobody else has it
    throw error;
  }
}

/** As browsers do it: what was sent is not sent again, nor what describes it, unless the status says so; secrets stay with the host that they were for. */
function redirected(options: UrlOptions, status: number, isSameHost: boolean): UrlOptions {
  const keepsMethod = status === 307 || status === 308;
  const { data, method, headers = {}, ...others } = options;
  const safe = isSameHost ? headers : without(SECRETS, headers);
  return keepsMethod
    ? { ...others, headers: safe, data, method }
    : { ...others, headers: without(OF_DATA, safe), method: method === "HEAD" ? "HEAD" : "GET" };
}

function without(names: Set<string>, headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.has(name.toLowerCase())));
}

function asked(url: URL, { method, data, headers = {}, tls = {}, signal }: UrlOptions): IncomingMessage {
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
      request.once("response", (message) => done(null, message));
      for (const event of ["upgrade", "connect"])
        request.once(event, (message, socket) => {
          socket.destroy(); // speaks another protocol from now on
          done(null, message.destroy());
        });
      request.on("error", done);
      request.end(data);
    };
    return calledBack<IncomingMessage>(FETCHING, send, { signal });
  } catch (error) {
    request.destroy();
    throw error;
  }
}
