/** What the programs of chapter 5 print of a recording: times are whatever they are, counts are what the model says. */
import { exactly, matching, type Pattern } from "../lines.js";

/** How often each system call was made. */
export type Calls = Readonly<Record<string, number>>;

export interface RecordingExpectation {
  readonly title: string;
  /** How the messages are named, in order: "message 1". Any order if `unordered`. */
  readonly names: readonly string[];
  readonly unordered?: boolean;
  /** Whether these counts are the model's. `text` says what they should be. */
  readonly calls: { readonly text: string; holds(calls: Calls): boolean };
  /** Whether it counts signals. */
  readonly signals?: boolean;
  /** Whether the process did anything else meanwhile. */
  readonly works: boolean;
}

export function recordingLines(wanted: RecordingExpectation): Pattern[][] {
  const messages = wanted.names.map(message);
  return [
    [exactly(`${wanted.title}: 3 messages of 1024 bytes for each connection, 40 ms apart`)],
    [matching("<what the model is about>", /^\w+ \w+ .*[^.]$/)],
    ...(wanted.unordered ? [messages] : messages.map((one) => [one])),
    [exactly(". waiting for the data, C copying it; # blocked in a system call, w other work")],
    [matching("data     |<time line>|", /^data {5}\|[.C]{64}\|$/)],
    [matching("process  |<time line>|", /^process {2}\|[#w ]{64}\|$/)],
    [
      matching(`system calls: ${wanted.calls.text}`, /^system calls: (.*)$/, (text) =>
        wanted.calls.holds(callsIn(text!)),
      ),
    ],
    ...(wanted.signals ? [[matching("signals heard: <1 or more>", /^signals heard: [1-9]\d*$/)]] : []),
    [matching("blocked in them: <time>", /^blocked in them: \d+\.\d ms while waiting, \d+ µs while copying$/)],
    [work(wanted.works)],
  ];
}

function message(name: string): Pattern {
  const times = String.raw`waiting -?\d+\.\d ms,( noticed after \d+ µs,)? (copying|copied and reported within) \d+ µs`;
  return matching(`${name}: waiting <time>, copying <time>`, new RegExp(`^${name}: ${times}$`));
}

function work(works: boolean): Pattern {
  return matching(
    `other work meanwhile: ${works ? "<number>" : 0} units`,
    /^other work meanwhile: (\d+) units$/,
    (units) => works || units === "0",
  );
}

export function picture(name: string): Pattern {
  return matching(`picture: <folder>/${name}.svg`, new RegExp(`^picture: (.*/)?${name.replaceAll(".", "\\.")}\\.svg$`));
}

/** "4 select, 12 recvfrom" */
export function callsIn(text: string): Calls {
  return Object.fromEntries(
    text
      .split(", ")
      .map((part) => part.split(" ").reverse())
      .map(([name, count]) => [name, Number(count)]),
  );
}

export function sameCalls(calls: Calls, wanted: Calls): boolean {
  const sorted = (some: Calls) => JSON.stringify(Object.entries(some).sort());
  return sorted(calls) === sorted(wanted);
}
