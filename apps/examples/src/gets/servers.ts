/** Servers in this process that take their time, in place of the document's, which not everybody can reach. */
import { sleep, wsgi } from "@cordage/gevent";

export interface Site {
  /** How long it thinks, in milliseconds. */
  readonly delay: number;
  /** What it answers, in bytes. */
  readonly size: number;
}

export const SITES: readonly Site[] = [
  { delay: 600, size: 12_000 },
  { delay: 1000, size: 250_000 },
  { delay: 400, size: 3000 },
];

/** Two more, so that a pool of two has something to wait for. */
export const MORE_SITES: readonly Site[] = [...SITES, { delay: 500, size: 50_000 }, { delay: 300, size: 700 }];

export const ONLINE = ["https://itk.org/", "https://www.github.com/", "https://zhihu.com/"];

export function startServers(sites: readonly Site[] = SITES): wsgi.Server[] {
  return sites.map(({ delay, size }) => {
    const server = new wsgi.Server(["127.0.0.1", 0], (_, response) => {
      sleep(delay);
      response.end("x".repeat(size));
    });
    server.start();
    return server;
  });
}

export const urlOf = (server: wsgi.Server): string => `http://127.0.0.1:${server.address[1]}/`;
