/** The other side of `peersOf`: what a peer's program does. */
import { parentPort } from "node:worker_threads";

interface Request {
  id: number;
  packed?: unknown;
  source?: string;
  args?: unknown[];
}

type Unpack = (packed: any) => unknown;

/**
 * Runs what the test hands over, as source text, on the objects that this process or thread was started with.
 *
 * @param unpack makes them of what the test's `pack` has made of its own
 */
export function serveAsPeer(unpack: Unpack): void {
  const port = parentPort ?? process;
  const reply = (message: object) => (parentPort ? parentPort.postMessage(message) : process.send?.(message));
  let objects: unknown;
  const perform = async ({ packed, source, args = [] }: Request) => {
    if (packed !== undefined) objects = await unpack(packed);
    return source && new Function(`return (${source})`)()(objects, ...args);
  };
  port.on("message", async (request: Request) => {
    const { id } = request;
    try {
      reply({ id, value: await perform(request) });
    } catch ({ name, code, message }: any) {
      reply({ id, error: { name, code, message } });
    }
  });
}
