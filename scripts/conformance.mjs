// Writes packages/*/test/conformance/README.md: which entries of CPython's suite the tests cover, adapt, leave out and
// why. A test names its entries in a comment that begins with their numbers: // 52 _TestSemaphore.test_semaphore, 53 ...
// A test file that calls laws of tools/test-support covers what their tests name.
// What the numbers count is said in test/conformance/preface.md, or below where there is none.
// With --check it writes nothing and fails if a table is stale.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { manifest, projects, root } from "./workspace.mjs";

const checkOnly = process.argv.includes("--check");
const lawsFolder = path.join(root, "tools/test-support/src/laws");

/** Entry -> what the tests that name it call it, and their files. */
function namedIn(folder) {
  const named = new Map();
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith(".test.ts"));
  for (const file of files.sort()) {
    const text = readFileSync(path.join(folder, file), "utf8");
    for (const [, comment] of (text + lawsIn(text)).matchAll(/\/\/ (\d+[ ,-].*test.*)$/gim)) {
      for (const { entry, name } of entriesIn(comment)) remember(named, entry, name, file);
    }
  }
  return named;
}

/** The laws that a test file calls: semaphoreLaws(...) are those of semaphore.ts. */
function lawsIn(text) {
  if (!text.includes('from "@cordage/test-support/laws"')) return "";
  const files = [...text.matchAll(/\b(\w+)Laws\(/g)].map(([, concept]) => path.join(lawsFolder, `${concept}.ts`));
  return files
    .filter(existsSync)
    .map((file) => readFileSync(file, "utf8"))
    .join("");
}

/** "52 A.test_b, 53 test_c: why" -> 52 and 53; "216, 217 T.test_d" -> both; "130-132 over all" -> three. */
function entriesIn(comment) {
  return comment.split(/,\s*/).flatMap((part) => {
    const match = /^(\d{1,3})(?:-(\d{1,3}))?\b\s*(?:([\w.]*[tT]est\w*(?:\.\w+)?))?/.exec(part);
    if (!match) return [];
    const [, first, last = first, name] = match;
    return Array.from({ length: last - first + 1 }, (_, i) => ({ entry: Number(first) + i, name }));
  });
}

function remember(named, entry, name, file) {
  const known = named.get(entry) ?? { name, files: new Set() };
  known.name ??= name;
  known.files.add(file);
  named.set(entry, known);
}

function rows(folder) {
  const entries = JSON.parse(readFileSync(path.join(folder, "entries.json"), "utf8"));
  const named = namedIn(path.dirname(folder));
  const listed = new Set(entries.map(({ entry }) => entry));
  const extra = [...named].filter(([entry]) => !listed.has(entry));
  return [
    ...entries.map((one) => ({ ...one, files: [...(named.get(one.entry)?.files ?? [])] })),
    ...extra.map(([entry, { name = "", files }]) => ({ entry, name, mark: "", files: [...files] })),
  ].sort((a, b) => a.entry - b.entry);
}

function here({ files, leftOut }) {
  if (files.length > 0) return files.map((file) => `\`${path.basename(file)}\``).join(", ");
  return leftOut ? `left out: ${leftOut}` : "not yet";
}

const multiprocessing = `\
One entry for each test function of CPython's \`_test_multiprocessing.py\`. *as it is*: it holds here unchanged. *adapted*: it holds
after translation: three forms of each waiting call, milliseconds, structured clones in place of pickles. Numbers are those that the tests name in
their comments.
`;

function preface(folder) {
  const file = path.join(folder, "preface.md");
  return existsSync(file) ? readFileSync(file, "utf8") : multiprocessing;
}

function page(folder, name) {
  const all = rows(folder);
  const covered = all.filter(({ files }) => files.length > 0);
  const leftOut = all.filter(({ files, leftOut }) => files.length === 0 && leftOut);
  const open = all.length - covered.length - leftOut.length;
  return `<!-- Written by scripts/conformance.mjs from entries.json and the tests' comments: run it instead of editing this. -->
# ${name}: what of CPython's suite is covered

${preface(folder)}
${covered.length} covered, ${leftOut.length} left out, ${open} not yet.

| | entry | how | here |
|---|---|---|---|
${all.map((one) => `| ${one.entry} | ${one.name} | ${{ portable: "as it is", adapt: "adapted" }[one.mark] ?? ""} | ${here(one)} |`).join("\n")}
`;
}

let stale = 0;
for (const project of projects()) {
  const folder = path.join(root, project, "test/conformance");
  if (!existsSync(path.join(folder, "entries.json"))) continue;
  const file = path.join(folder, "README.md");
  const text = page(folder, manifest(project).name);
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  if (checkOnly) console.error(`stale: ${path.relative(root, file)}: run npm run conformance`);
  else writeFileSync(file, text);
  stale++;
}
process.exitCode = checkOnly && stale > 0 ? 1 : 0;
