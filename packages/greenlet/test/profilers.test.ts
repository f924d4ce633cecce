/** V8's own tools that look at stacks: the CPU profiler, and heap snapshots. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { endLeftOver, fixturesIn } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";

const { report, run } = fixturesIn(new URL("fixtures/", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "cordage-profiles-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterAll(endLeftOver);

interface Profile {
  nodes: { callFrame: { functionName: string }; hitCount: number }[];
}

/** Functions of that program's in which time was spent. */
function spenders({ nodes }: Profile): string[] {
  const names = nodes.filter(({ hitCount }) => hitCount > 0).map(({ callFrame }) => callFrame.functionName);
  return [...new Set(names)].filter((name) => name.startsWith("spend"));
}

interface Snapshot {
  snapshot: { meta: { node_fields: string[]; node_types: [string[], ...unknown[]] } };
  nodes: number[];
  strings: string[];
}

/** How many there are of a class. */
function objectsNamed(name: string, { snapshot: { meta }, nodes, strings }: Snapshot): number {
  const [fields, types] = [meta.node_fields, meta.node_types[0]];
  const [typeAt, nameAt] = [fields.indexOf("type"), fields.indexOf("name")];
  let count = 0;
  for (let node = 0; node < nodes.length; node += fields.length)
    if (types[nodes[node + typeAt]!] === "object" && strings[nodes[node + nameAt]!] === name) count++;
  return count;
}

// V8 takes samples of the thread that has started the profiler, and of no greenlet, then: see README.md.
describe("a CPU profile of what switches all the time has the main greenlet's functions", () => {
  const INTERVAL = ["--cpu-prof-interval=100"];

  test("of the whole process", async () => {
    const flags = ["--cpu-prof", `--cpu-prof-dir=${folder}`, ...INTERVAL];
    expect(await run("profiled.mjs", ["500"], { flags })).toMatchObject({ code: 0, signal: null, stderr: "" });
    const [file] = readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"));
    expect(spenders(JSON.parse(readFileSync(path.join(folder, file!), "utf8")))).toEqual(["spendOnMain"]);
  });

  test("of a session of its own", async () => {
    expect(spenders(await report("profiled.mjs", ["500", "session"]))).toEqual(["spendOnMain"]);
  });
});

test.each(["main", "greenlet"])("a heap snapshot that is taken on a %s has what is on stacks only", async (where) => {
  const file = path.join(folder, `${where}.heapsnapshot`);
  const said = Array.from({ length: 20 }, (_, n) => `only on the stack of ${n}`);
  expect(await report("snapshots.mjs", [where, file])).toEqual(said);
  expect(objectsNamed("OnlyOnAStack", JSON.parse(readFileSync(file, "utf8")))).toBe(20);
});
