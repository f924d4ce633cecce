import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { IoUring } from "@cordage/ipc/sys";
import { afterAll, describe, expect, test } from "@jest/globals";
import { barsOf } from "../dist/io-models/picture/bars.js";
import { blockedTimes, type Recording } from "../dist/io-models/recording.js";
import { textTimelines } from "../dist/io-models/text-timeline.js";

const folder = mkdtempSync(path.join(tmpdir(), "cordage-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a program. @returns its picture, and where it says that it is */
function pictureOf(name: string) {
  const program = fileURLToPath(new URL(`../dist/programs/${name}.js`, import.meta.url));
  const env = { ...process.env, CORDAGE_EXAMPLES_OUTPUT: folder };
  const { stdout } = spawnSync(process.execPath, [program], { encoding: "utf8", env, cwd: folder });
  const file = /^picture: (.*)$/m.exec(stdout)![1]!;
  return { file, svg: readFileSync(path.join(folder, file), "utf8") };
}

function recordingsIn(svg: string): Recording[] {
  const text = /<metadata>(.*)<\/metadata>/.exec(svg)![1]!;
  return JSON.parse(text.replaceAll("&lt;", "<").replaceAll("&amp;", "&"));
}

/** How many bars of a kind it has in a row. */
function bars(svg: string, row: string, kind: string): number {
  return svg.split(`row: ${row}; `).filter((after) => after.split('"')[0]!.endsWith(`kind: ${kind}`)).length;
}

test("a model's picture shows both phases of each message, and has the recording in it", () => {
  const { file, svg } = pictureOf("5.1-blocking-io");
  expect(file).toBe("5.1-blocking-io.svg");
  expect(readdirSync(folder).filter((name) => !name.endsWith(".svg"))).toEqual([]); // no draft is left
  expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  const [recording, ...others] = recordingsIn(svg);
  expect(others).toEqual([]);
  expect(recording!.calls.map(({ name }) => name)).toEqual(["recvfrom", "recvfrom", "recvfrom", "recvfrom"]);
  for (const { asked, arrived, copied } of recording!.messages) {
    expect(copied.from).toBeGreaterThanOrEqual(Math.max(asked, arrived));
    expect(copied.to).toBeGreaterThan(copied.from);
  }
  expect(bars(svg, "the data", "data: waiting for it")).toBeGreaterThanOrEqual(1);
  expect(bars(svg, "the data", "data: being copied")).toBeGreaterThanOrEqual(4); // the second one enlarged too
  expect(bars(svg, "the process", "process: blocked, copying")).toBeGreaterThanOrEqual(4);
  expect(bars(svg, "the process", "process: doing other work")).toBe(0);
});

test("select, poll and epoll are in one picture, with a row for each connection", () => {
  const { svg } = pictureOf("5.3-io-multiplexing");
  expect(recordingsIn(svg).map(({ title, messages }) => [title, messages.length])).toEqual([
    ["IO multiplexing (select)", 9],
    ["IO multiplexing (poll)", 9],
    ["IO multiplexing (epoll_wait)", 9],
  ]);
  for (const n of [1, 2, 3]) expect(bars(svg, `data of connection ${n}`, "data: being copied")).toBe(9);
});

describe("the comparison", () => {
  const { svg } = pictureOf("5.5-comparison");
  const recordings = recordingsIn(svg);

  test("has every model, in the document's order", () => {
    const titles = ["blocking IO", "non-blocking IO", "IO multiplexing (epoll_wait)", "signal-driven IO"];
    if (!IoUring.unavailable()) titles.push("asynchronous IO");
    expect(recordings.map(({ title }) => title)).toEqual(titles);
    for (const title of titles) expect(bars(svg, `${title}: data`, "data: being copied")).toBeGreaterThanOrEqual(3);
  });

  test("shows that copying blocks the process in every model but the asynchronous one", () => {
    for (const { title } of recordings.slice(0, 4))
      expect(bars(svg, `process|${title}`, "process: blocked, copying")).toBeGreaterThanOrEqual(3);
  });
});

describe("a recording", () => {
  const rows = { data: ["data"], process: "process" };
  const base = { title: "a model", lesson: "", work: [], signals: 0, end: 200 };
  const message = { connection: 0, asked: 0, arrived: 100, copied: { from: 100, to: 130 }, byKernel: false };
  const kinds = (recording: Recording) =>
    barsOf(recording, rows).map(({ row, kind, from, to }) => [row, kind, from, to]);

  test("of a call that waits and copies is blocked in both phases", () => {
    const recording = { ...base, calls: [{ name: "recvfrom", from: 0, to: 131 }], messages: [message] };
    expect(blockedTimes(recording)).toEqual({ waiting: 101, copying: 30 });
    expect(kinds(recording)).toEqual([
      ["process", "blockedWaiting", 0, 100],
      ["process", "blockedCopying", 100, 131],
      ["data", "waiting", 0, 100],
      ["data", "copying", 100, 130],
    ]);
  });

  test("of a call that comes after the data shows that it lay there, and is blocked for the copying only", () => {
    const calls = [{ name: "recvfrom", from: 120, to: 130 }];
    const recording = { ...base, calls, messages: [{ ...message, copied: { from: 120, to: 130 } }] };
    expect(blockedTimes(recording)).toEqual({ waiting: 0, copying: 10 });
    expect(kinds(recording)).toContainEqual(["data", "ready", 100, 120]);
    expect(kinds(recording)).toContainEqual(["process", "blockedCopying", 120, 130]);
  });

  test("of a read that was handed over is blocked in neither phase", () => {
    const work = [
      { from: 5, to: 90 },
      { from: 91, to: 130 },
    ];
    const calls = [{ name: "io_uring_enter", from: 0, to: 4 }];
    const recording = { ...base, calls, work, messages: [{ ...message, byKernel: true }] };
    expect(blockedTimes(recording)).toEqual({ waiting: 4, copying: 0 });
    expect(kinds(recording)).toEqual([
      ["process", "working", 5, 130], // one piece of work after the other is one bar
      ["process", "blockedWaiting", 0, 4],
      ["data", "waiting", 0, 100],
      ["data", "copying", 100, 130],
    ]);
  });

  test("is two lines of text", () => {
    const calls = [{ name: "recvfrom", from: 0, to: 100 }];
    const lines = textTimelines({ ...base, calls, work: [{ from: 100, to: 150 }], messages: [message] });
    expect(lines).toEqual([
      `data     |${".".repeat(32)}${"C".repeat(10)}${".".repeat(22)}|`,
      `process  |${"#".repeat(32)}${"w".repeat(16)}${" ".repeat(16)}|`,
    ]);
  });
});
