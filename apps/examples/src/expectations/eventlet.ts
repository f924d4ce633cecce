/** 4.2.1: a pool of two begins the third GET when one of the first two has ended; results come in the order of the URLs. */
import { MORE_SITES } from "../gets/servers.js";
import { compare, exactly, numbered } from "../lines.js";
import type { Expectation } from "../program.js";
import { bar, received, saving, seconds } from "./gets.js";
import { picture } from "./recording.js";

const AT_A_TIME = 2;
const SUM = MORE_SITES.reduce((sum, { delay }) => sum + delay, 0) / 1000;

export const eventlet: Expectation = ({ lines }) => {
  const firstPart = lines.slice(0, 2 * MORE_SITES.length);
  const urls = firstPart.filter((line) => line.startsWith("GET: ")).map((line) => line.replace("GET: ", ""));
  const asked = urls.map((url) => exactly(`GET: ${url}`));
  const answered = urls.map((url, i) => received(url, MORE_SITES[i]));
  return (
    inOrder(firstPart, urls) ??
    compare(
      lines,
      asked.slice(0, AT_A_TIME),
      [...asked.slice(AT_A_TIME), ...answered],
      [seconds(SUM / AT_A_TIME)],
      [exactly(`at the same time: ${AT_A_TIME}`)],
      ...urls.flatMap((_, i) => [[asked[i]!], [answered[i]!]]),
      [seconds(SUM)],
      [saving()],
      ...["in a pool of two", "in turn"].flatMap((way) => urls.map(() => [bar(way)])),
      [exactly("turns of another while this one computes: 0")],
      [numbered("turns of another while a thread computes: ")],
      [picture("4.2.1-eventlet")],
    )
  );
};

/** Whatever else is printed between them. */
function inOrder(lines: readonly string[], urls: readonly string[]): string | undefined {
  const from = lines.flatMap((line) => / bytes received from (.*)\.$/.exec(line)?.[1] ?? []);
  const wrong = from.findIndex((url, i) => url !== urls[i]);
  return wrong < 0
    ? undefined
    : `it should print "<number> bytes received from ${urls[wrong]}." where it prints "${from[wrong]}"`;
}
