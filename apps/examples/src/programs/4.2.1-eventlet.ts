// Section 4.2.1, "eventlet", which the document describes: a GreenPool fetches from servers in this process, two at a time, and then it is done in turn.
// And what the document says of computing: nobody else runs meanwhile, unless a thread of tpool does it.
import { GreenPool, run, sleep, spawn, tpool } from "@cordage/eventlet";
import { setLongestHold, urlopen } from "@cordage/gevent";
import { print } from "../builtins/print.js";
import { countPrimes } from "../gets/primes.js";
import { MORE_SITES, startServers, urlOf } from "../gets/servers.js";
import { type Get, pictureOf, textTimeline } from "../gets/timeline.js";
import { writePicture } from "../pictures/output.js";

const PRIMES_BELOW = 500_000;
const pool = new GreenPool(2);
const gets: Get[] = [];
let way = "in a pool of two";
let start = 0;
let most = 0;
let running = 0;

function fetch(url: string): [string, number] {
  print(`GET: ${url}`);
  most = Math.max(most, ++running);
  const from = performance.now() - start;
  const { length } = urlopen(url).read();
  gets.push({ way, url, from, to: performance.now() - start });
  running--;
  return [url, length];
}

function timed(results: Iterable<[string, number]>): number {
  start = performance.now();
  for (const [url, length] of results) print(`${length} bytes received from ${url}.`);
  const seconds = (performance.now() - start) / 1000;
  print(seconds);
  return seconds;
}

function* inTurn(urls: string[]) {
  for (const url of urls) yield fetch(url);
}

/** How often another greenthread has had its turn while this one did something. */
function turnsOfAnother(work: () => unknown): number {
  let turns = 0;
  const other = spawn(() => {
    for (;;) {
      sleep(1);
      turns++;
    }
  });
  sleep(0);
  work();
  other.kill();
  return turns;
}

const saved = await run(() => {
  const servers = startServers(MORE_SITES);
  const urls = servers.map(urlOf);
  const pooled = timed(pool.imap(fetch, urls));
  print(`at the same time: ${most}`);
  way = "in turn";
  const alone = timed(inTurn(urls));
  for (const server of servers) server.stop();
  return `saved: ${(alone - pooled).toFixed(1)} of ${alone.toFixed(1)} seconds`;
});
print(saved);
for (const line of textTimeline(gets)) print(line);

setLongestHold(Number.POSITIVE_INFINITY); // it is the point here
await run(() => {
  print(`turns of another while this one computes: ${turnsOfAnother(() => countPrimes(PRIMES_BELOW))}`);
  print(`turns of another while a thread computes: ${turnsOfAnother(() => tpool.execute(countPrimes, PRIMES_BELOW))}`);
  tpool.killall();
});
const drawn = pictureOf("Five GETs in a pool of two greenthreads, and in turn", gets, saved);
print(`picture: ${await writePicture("4.2.1-eventlet", drawn)}`);
