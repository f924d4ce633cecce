/** The document's programs, in its order. A new one is one line here, a file in programs/ and one in expectations/. */
import { eventlet } from "./expectations/eventlet.js";
import { geventSleep } from "./expectations/gevent-sleep.js";
import { geventUrlopen } from "./expectations/gevent-urlopen.js";
import { greenlets } from "./expectations/greenlet.js";
import {
  asynchronous,
  blocking,
  comparison,
  multiplexing,
  nonBlocking,
  signalDriven,
} from "./expectations/io-models.js";
import { manager } from "./expectations/manager.js";
import { managerRemote } from "./expectations/manager-remote.js";
import { pipe } from "./expectations/pipe.js";
import { pool } from "./expectations/pool.js";
import { processFunction } from "./expectations/process-function.js";
import { processInfo } from "./expectations/process-info.js";
import { processSubclass } from "./expectations/process-subclass.js";
import { queue } from "./expectations/queue.js";
import { selectors } from "./expectations/selectors.js";
import { threeClients } from "./expectations/three-clients.js";
import { yielding } from "./expectations/yield.js";
import type { Expectation, Program } from "./program.js";

export const catalogue: readonly Program[] = [
  program("3.1-process-function", "a process that runs a function", processFunction),
  program("3.1-process-subclass", "a process that is a subclass", processSubclass),
  program("3.2-process-info", "names, parents and process ids", processInfo),
  program("3.3.1-queue", "a queue between processes", queue),
  program("3.3.2-pipe", "a pipe between two processes", pipe),
  program("3.3.3-manager", "a dict and a list that processes share", manager),
  program("3.3.3-manager-remote", "extra: a queue over TCP, for those who know the key", managerRemote),
  program("3.4-pool", "a pool of processes", pool),
  program("4.1-yield", "a producer and a consumer that take turns", yielding),
  program("4.2-greenlet", "two functions that go on in the middle of each other", greenlets),
  program("4.2.1-gevent-sleep", "two that sleep at the same time", geventSleep),
  remote("4.2.1-gevent-urlopen", "three GETs at the same time", geventUrlopen),
  described("4.2.1-eventlet", "a pool of green threads, two at a time, and what holds them all", eventlet),
  described("5.1-blocking-io", "blocking IO: both phases in one call", blocking),
  described("5.2-non-blocking-io", "non-blocking IO: asking again and again", nonBlocking),
  described("5.3-io-multiplexing", "select, poll and epoll: many sockets in one process", multiplexing),
  described("5.3-three-clients", "a question: three clients send, nobody reads", threeClients),
  described("5.4-asynchronous-io", "asynchronous IO: io_uring waits and copies", asynchronous),
  described("5.5-signal-driven-io", "signal-driven IO: SIGIO says that there is data", signalDriven),
  described("5.5-comparison", "the five models compared", comparison),
  program("5.6-selectors", "an echo server with selectors", selectors),
];

/** A program of the document; its file in programs/ has its name, and its original in python/ too. */
function program(name: string, title: string, expectation: Expectation): Program {
  const section = name.slice(0, name.indexOf("-"));
  const module = new URL(`./programs/${name}.js`, import.meta.url);
  return { name, section, title, expectation, module, hasOriginal: true };
}

/** A program that does what the document only describes: without an original. */
function described(name: string, title: string, expectation: Expectation): Program {
  return { ...program(name, title, expectation), hasOriginal: false };
}

/** A program whose original asks hosts. */
function remote(name: string, title: string, expectation: Expectation): Program {
  return { ...program(name, title, expectation), originalAsksHosts: true };
}
