/** What a program of chapter 5 prints of a recording. */
import { print } from "../builtins/print.js";
import { microseconds, milliseconds } from "./durations.js";
import { MESSAGE_SIZE, MESSAGES, PAUSE } from "./message.js";
import { blockedTimes, countCalls, length, type Message, type Recording } from "./recording.js";
import { LEGEND, textTimelines } from "./text-timeline.js";

export function printRecording(recording: Recording): void {
  printTitle(recording.title);
  print(recording.lesson);
  for (const [n, message] of recording.messages.entries()) print(phases(n, message, recording));
  print(LEGEND);
  for (const line of textTimelines(recording)) print(line);
  print(`system calls: ${callsOf(recording)}`);
  if (recording.signals > 0) print(`signals heard: ${recording.signals}`);
  const { waiting, copying } = blockedTimes(recording);
  print(`blocked in them: ${milliseconds(waiting)} while waiting, ${microseconds(copying)} while copying`);
  print(`other work meanwhile: ${recording.work.length} units`);
}

export function printTitle(title: string): void {
  print(`${title}: ${MESSAGES} messages of ${MESSAGE_SIZE} bytes for each connection, ${PAUSE} ms apart`);
}

function phases(n: number, { connection, asked, arrived, copied, byKernel }: Message, { messages }: Recording): string {
  const several = messages.some((message) => message.connection > 0);
  const name = several ? `connection ${connection + 1}` : `message ${n + 1}`;
  const late = copied.from - arrived;
  const asking = late > 0 ? ` noticed after ${microseconds(late)},` : "";
  const copying = byKernel ? "copied and reported within" : "copying";
  return `${name}: waiting ${milliseconds(arrived - asked)},${asking} ${copying} ${microseconds(length(copied))}`;
}

/** "4 recvfrom, 4 select" */
export function callsOf(recording: Recording): string {
  return [...countCalls(recording)].map(([name, count]) => `${count} ${name}`).join(", ");
}
