/** Three servers in this process that take their time, in place of the document's, which not everybody can reach. */
import { sleep, wsgi } from "@cordage/gevent";

/** How long each thinks, in milliseconds, and what it answers, in bytes. */
export const SITES = [
  { delay: 600, size: 12_000 },
  { delay: 1000, size: 250_000 },
  { delay: 400, size: 3000 },
];

export const ONLINE = ["https://itk.org/", "https://www.github.com/", "https://zhihu.com/"];

export function startServers(): wsgi.Server[] {
  return SITES.map(({ delay, size }) => {
    const server = new wsgi.Server(["127.0.0.1", 0], (_, response) => {
      sleep(delay);
      response.end("x".repeat(size));
    });
    server.start();
    return server;
  });
}

export const urlOf = (server: wsgi.Server): string => `http://127.0.0.1:${server.address[1]}/`;
