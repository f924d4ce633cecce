/** 5.1 to 5.5: one system call more or less is what tells the models apart. What is counted can be judged; times cannot, on a busy machine. */
import { compare, exactly, matching, type Pattern } from "../lines.js";
import type { Expectation } from "../program.js";
import { type Calls, callsIn, picture, recordingLines, sameCalls } from "./recording.js";

const messages = ["message 1", "message 2", "message 3"];

/** A call for each message, and one for the end. */
const blockingCalls = exact({ recvfrom: 4 });
const pollingCalls = {
  text: "<4 or more> recvfrom",
  holds: ({ recvfrom = 0, ...others }: Calls) => recvfrom >= 4 && none(others),
};
const asynchronousCalls = exact({ io_uring_enter: 4 });

export const blocking: Expectation = ({ lines }) =>
  compare(lines, ...recordingLines({ title: "blocking IO", names: messages, calls: blockingCalls, works: false }), [
    picture("5.1-blocking-io"),
  ]);

export const nonBlocking: Expectation = ({ lines }) =>
  compare(lines, ...recordingLines({ title: "non-blocking IO", names: messages, calls: pollingCalls, works: true }), [
    picture("5.2-non-blocking-io"),
  ]) ?? askedBetweenWork(lines);

/** Each question that came too early was followed by a unit of work. */
function askedBetweenWork(lines: readonly string[]): string | undefined {
  const { recvfrom } = callsIn(after("system calls: ", lines));
  const units = Number.parseInt(after("other work meanwhile: ", lines), 10);
  return recvfrom === units + 4
    ? undefined
    : `it should ask ${units + 4} times, once for each unit of work, each message and the end, not ${recvfrom}`;
}

function after(beginning: string, lines: readonly string[]): string {
  return lines.find((line) => line.startsWith(beginning))!.slice(beginning.length);
}

/** Three connections: each message and each end is read by a call of its own, after a call that may have found several. */
export const multiplexing: Expectation = ({ lines }) =>
  compare(lines, ...["select", "poll", "epoll_wait"].flatMap(multiplexingWith), [picture("5.3-io-multiplexing")]);

function multiplexingWith(name: string): Pattern[][] {
  const connections = ["connection 1", "connection 2", "connection 3"];
  return recordingLines({
    title: `IO multiplexing (${name})`,
    names: [...connections, ...connections, ...connections],
    unordered: true,
    calls: {
      text: `<4 to 12> ${name}, 12 recvfrom`,
      holds: ({ recvfrom, [name]: waits = 0, ...others }) =>
        recvfrom === 12 && waits >= 4 && waits <= 12 && none(others),
    },
    works: false,
  });
}

export const asynchronous: Expectation = ({ lines }) =>
  notShown.fits(lines[0] ?? "")
    ? compare(lines, [notShown])
    : compare(
        lines,
        ...recordingLines({ title: "asynchronous IO", names: messages, calls: asynchronousCalls, works: true }),
        [picture("5.4-asynchronous-io")],
      );

const notShown = matching("asynchronous IO: not shown, because <reason>", /^asynchronous IO: not shown, because .+/);

export const signalDriven: Expectation = ({ lines }) =>
  compare(
    lines,
    ...recordingLines({ title: "signal-driven IO", names: messages, calls: pollingCalls, signals: true, works: true }),
    [picture("5.5-signal-driven-io")],
  ) ?? askedOnSignals(lines);

/** It asks only when it was told, and until nothing is left. */
function askedOnSignals(lines: readonly string[]): string | undefined {
  const { recvfrom } = callsIn(after("system calls: ", lines));
  const signals = Number(after("signals heard: ", lines));
  return recvfrom! - 4 <= signals
    ? undefined
    : `it should find nothing at most once for each signal, not ${recvfrom! - 4} times`;
}

export const comparison: Expectation = ({ lines }) => {
  const missing = lines.some((line) => notShown.fits(line));
  const [head, ...models] = rows;
  return compare(
    lines,
    [exactly("five models: 3 messages of 1024 bytes for each connection, 40 ms apart")],
    [head!],
    ...models.slice(0, missing ? -1 : undefined).map((row) => [row]),
    ...(missing ? [[notShown]] : []),
    [picture("5.5-comparison")],
  );
};

const rows = [
  matching("model  system calls  ...", /^model +system calls +blocked waiting +blocked copying +other work$/),
  row("blocking IO", blockingCalls),
  row("non-blocking IO", pollingCalls),
  row("IO multiplexing (epoll_wait)", exact({ epoll_wait: 4, recvfrom: 4 })),
  row("signal-driven IO", pollingCalls),
  row("asynchronous IO", asynchronousCalls),
];

function row(title: string, { text, holds }: { text: string; holds(calls: Calls): boolean }): Pattern {
  return matching(
    `${title}  ${text}  <times>  <number> units`,
    /^(\S.*?) {2,}(\d.*?) {2,}\d+\.\d ms +\d+ µs +\d+ units$/,
    (name, calls) => name === title && holds(callsIn(calls!)),
  );
}

function exact(wanted: Calls) {
  const text = Object.entries(wanted)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
  return { text, holds: (calls: Calls) => sameCalls(calls, wanted) };
}

function none(calls: Calls): boolean {
  return Object.keys(calls).length === 0;
}
