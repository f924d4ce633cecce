/** What the programs that fetch from servers print: what came from whom; times are whatever they are. */
import type { Site } from "../gets/servers.js";
import { matching, type Pattern } from "../lines.js";

/** @param site undefined: whatever it answers */
export function received(url: string, site: Site | undefined): Pattern {
  return matching(
    `${site?.size ?? "<number>"} bytes received from ${url}.`,
    /^(\d+) bytes received from (.*)\.$/,
    (bytes, from) => from === url && (!site || Number(bytes) === site.size),
  );
}

export function seconds(least: number): Pattern {
  return matching(`<${least} seconds or more>`, /^(\d+(?:\.\d+)?)$/, (time) => Number(time) >= least);
}

/** Whatever the machine is busy with: what is saved is some of the time that the others took. */
export function saving(): Pattern {
  return matching(
    "saved: <some> of <more> seconds",
    /^saved: (\d+\.\d) of (\d+\.\d) seconds$/,
    (some, all) => Number(some) > 0 && Number(some) < Number(all),
  );
}

export function bar(way: string): Pattern {
  return matching(`${way} |<time line>|`, new RegExp(`^${way.padEnd(16)} \\| *#+ *\\|$`));
}
