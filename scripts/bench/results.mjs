// A bench's results: as a table, and as files beside the bench.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import path from "node:path";

/** What a figure depends on besides the code. */
export function machine() {
  const version = (command) => spawnSync(command, ["--version"], { encoding: "utf8" }).stdout?.split("\n")[0];
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} x ${cpus()[0]?.model.trim()}, Linux ${release()}`,
    node: process.version,
    python: version("python3"),
    cc: version("cc"),
  };
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const figure = (value) =>
  value >= 1000 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));

/** How many times better the first of ours is: above 1 it is ahead. */
function ratio(value, ours, better) {
  if (!(value > 0 && ours > 0)) return "";
  return `${(better === "lower" ? value / ours : ours / value).toFixed(2)} x`;
}

/** A Markdown table that reads well on a terminal too. */
export function table({ title, unit, better, aim, contenders }) {
  const ours = contenders.find(({ label }) => label.startsWith("cordage"));
  const rows = contenders.map(({ label, values, problem }) => {
    if (problem) return [label, "-", "", "see below"];
    const range = `${figure(Math.min(...values))} to ${figure(Math.max(...values))}`;
    const vs = ours?.values.length ? ratio(median(values), median(ours.values), better) : "";
    return [label, figure(median(values)), vs, range];
  });
  const head = ["", unit, "ours is ahead by", "range"];
  const widths = head.map((text, i) => Math.max(3, text.length, ...rows.map((row) => row[i].length)));
  const line = (row) => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  const lines = [head, widths.map((width) => "-".repeat(width)), ...rows].map(line);
  const problems = contenders.filter(({ problem }) => problem).map(({ label, problem }) => `${label}: ${problem}\n`);
  return [`### ${title} (${better} is better${aim ? `; aim ${aim}` : ""})`, "", ...lines, "", ...problems].join("\n");
}

/** bench/results/NAME.json and NAME.md. */
export function write(folder, result) {
  const results = path.join(folder, "results");
  mkdirSync(results, { recursive: true });
  writeFileSync(path.join(results, `${result.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  const { date, machine, node, python, cc, rounds, name } = result;
  const how = [
    `Medians of ${rounds} rounds in which the contenders took turns, ${date}.`,
    `${machine}; Node ${node}, ${python}, ${cc}.`,
    `Repeat: \`npm run bench -- ${name}\` at the root.`,
  ];
  writeFileSync(path.join(results, `${name}.md`), `${table(result)}\n${how.join("  \n")}\n`);
}
