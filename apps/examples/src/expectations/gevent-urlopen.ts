/** 4.2.1: three GETs at the same time take as long as the slowest, in turn as long as all. */
import { SITES } from "../gets/servers.js";
import { compare, exactly } from "../lines.js";
import type { Expectation } from "../program.js";
import { bar, received, saving, seconds } from "./gets.js";
import { picture } from "./recording.js";

const ONLINE = Boolean(process.env.CORDAGE_EXAMPLES_ONLINE);
const SLOWEST = Math.max(...SITES.map(({ delay }) => delay)) / 1000;
const SUM = SITES.reduce((sum, { delay }) => sum + delay, 0) / 1000;

const siteOf = (i: number) => (ONLINE ? undefined : SITES[i]);

export const geventUrlopen: Expectation = ({ lines }) => {
  const urls = lines.slice(0, SITES.length).map((line) => line.replace("GET: ", ""));
  return compare(
    lines,
    urls.map((url) => exactly(`GET: ${url}`)),
    urls.map((url, i) => received(url, siteOf(i))),
    [seconds(ONLINE ? 0 : SLOWEST)],
    ...urls.flatMap((url, i) => [[exactly(`GET: ${url}`)], [received(url, siteOf(i))]]),
    [seconds(ONLINE ? 0 : SUM)],
    [saving()],
    ...["at the same time", "in turn"].flatMap((way) => urls.map(() => [bar(way)])),
    [picture("4.2.1-gevent-urlopen")],
  );
};
