/** 4.2.1: three GETs at the same time take as long as the slowest, in turn as long as all. */
import { SITES } from "../gets/servers.js";
import { compare, exactly, matching, type Pattern } from "../lines.js";
import type { Expectation } from "../program.js";
import { picture } from "./recording.js";

const ONLINE = Boolean(process.env.CORDAGE_EXAMPLES_ONLINE);
const SLOWEST = Math.max(...SITES.map(({ delay }) => delay)) / 1000;
const SUM = SITES.reduce((sum, { delay }) => sum + delay, 0) / 1000;

export const geventUrlopen: Expectation = ({ lines }) => {
  const urls = lines.slice(0, SITES.length).map((line) => line.replace("GET: ", ""));
  return compare(
    lines,
    urls.map((url) => exactly(`GET: ${url}`)),
    urls.map(received),
    [seconds(ONLINE ? 0 : SLOWEST)],
    ...urls.flatMap((url, i) => [[exactly(`GET: ${url}`)], [received(url, i)]]),
    [seconds(ONLINE ? 0 : SUM)],
    [saving()],
    ...["at the same time", "in turn"].flatMap((way) => urls.map(() => [bar(way)])),
    [picture("4.2.1-gevent-urlopen")],
  );
};

function received(url: string, i: number): Pattern {
  const size = ONLINE ? "<number>" : SITES[i]!.size;
  return matching(
    `${size} bytes received from ${url}.`,
    /^(\d+) bytes received from (.*)\.$/,
    (bytes, from) => from === url && (ONLINE || Number(bytes) === SITES[i]!.size),
  );
}

function seconds(least: number): Pattern {
  return matching(`<${least} seconds or more>`, /^(\d+(?:\.\d+)?)$/, (time) => Number(time) >= least);
}

/** Whatever the machine is busy with: what is saved is most of the time that the others took. */
function saving(): Pattern {
  return matching(
    "saved: <some> of <more> seconds",
    /^saved: (\d+\.\d) of (\d+\.\d) seconds$/,
    (some, all) => Number(some) > 0 && Number(some) < Number(all),
  );
}

function bar(way: string): Pattern {
  return matching(`${way} |<time line>|`, new RegExp(`^${way.padEnd(16)} \\| *#+ *\\|$`));
}
