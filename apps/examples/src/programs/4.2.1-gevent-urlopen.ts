// Section 4.2.1, "gevent": three GETs at the same time; the Python original is python/4.2.1-gevent-urlopen.py. With `npm start -- --online 4.2.1`
// from the document's hosts, otherwise from servers in this process; and then in turn, to see what was saved.
import { joinAll, monkey, run, spawn, urlopen } from "@cordage/gevent";
import { print } from "../builtins/print.js";
import { ONLINE, startServers, urlOf } from "../gets/servers.js";
import { type Get, pictureOf, textTimeline } from "../gets/timeline.js";
import { writePicture } from "../pictures/output.js";

monkey.patchAll();

const gets: Get[] = [];
let way = "at the same time";
let start = 0;

function f(url: string) {
  print(`GET: ${url}`);
  const from = performance.now() - start;
  const data = urlopen(url).read();
  gets.push({ way, url, from, to: performance.now() - start });
  print(`${data.length} bytes received from ${url}.`);
}

function timed(work: () => void): number {
  start = performance.now();
  work();
  const seconds = (performance.now() - start) / 1000;
  print(seconds);
  return seconds;
}

const saved = await run(() => {
  const servers = process.env.CORDAGE_EXAMPLES_ONLINE ? [] : startServers();
  const urls = servers.length > 0 ? servers.map(urlOf) : ONLINE;
  const together = timed(() =>
    joinAll(
      urls.map((url) => spawn(f, url)),
      { raiseError: true },
    ),
  );
  way = "in turn";
  const inTurn = timed(() => urls.forEach(f));
  for (const server of servers) server.stop();
  return `saved: ${(inTurn - together).toFixed(1)} of ${inTurn.toFixed(1)} seconds`;
});
print(saved);
for (const line of textTimeline(gets)) print(line);
const drawn = pictureOf("Three GETs in greenlets, and in turn", gets, saved);
print(`picture: ${await writePicture("4.2.1-gevent-urlopen", drawn)}`);
