// `npm run bench` in a package: every bench/*.bench.mjs, or those named. Ours, the peers and the floor take turns in
// one run, several rounds; the table shows medians and the ratio to ours. Results go to bench/results.
// --quick only tries that everything starts: one short round, nothing written.
import { readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { stage } from "./contenders.mjs";
import { machine, table, write } from "./results.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, rounds: { type: "string", default: "5" } },
});
const rounds = values.quick ? 1 : Number(values.rounds);
const folder = path.resolve("bench");
const names = readdirSync(folder).flatMap((file) => /^(.*)\.bench\.mjs$/.exec(file)?.[1] ?? []);
const wanted = names.filter((name) => positionals.length === 0 || positionals.includes(name)).sort();

async function measure(contenders, theater) {
  const runs = contenders.map(({ label }) => ({ label, values: [], problem: undefined }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      if (runs[i].problem) continue;
      const { value, problem } = await theater.run(contender);
      if (problem) runs[i].problem = problem;
      else runs[i].values.push(value);
    }
  }
  return runs;
}

async function runBench(name) {
  const { default: bench } = await import(pathToFileURL(path.join(folder, `${name}.bench.mjs`)).href);
  const theater = stage(values.quick ? 0.01 : 1);
  try {
    const runs = await measure(bench.contenders, theater);
    const result = { name, ...bench, contenders: runs, rounds, ...machine() };
    console.log(table(result));
    if (!values.quick) write(folder, result);
    return runs.every(({ problem }) => problem === undefined);
  } finally {
    theater.close();
  }
}

let ok = true;
for (const name of wanted) ok = (await runBench(name)) && ok;
process.exitCode = ok ? 0 : 1;
