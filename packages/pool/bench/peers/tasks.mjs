// What the peers' workers do. piscina and tinypool find a task by the name of its export.
export { countPrimes, identity } from "../programs/tasks.mjs";

import { identity } from "../programs/tasks.mjs";

/** For pools without a map: their users send chunks. */
export const mapIdentity = (items) => items.map(identity);
