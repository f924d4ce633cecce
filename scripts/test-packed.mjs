// `npm run test:packed`: the packages as their users get them. Packs every public package, looks into the tarballs,
// installs each alone into an empty project and runs the first example of its README there.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { compileExample, createProject, exampleOf, runExample } from "./packed/project.mjs";
import { leaked, lintPackage, pack, typesProblem } from "./packed/tarball.mjs";
import { Tally } from "./tally.mjs";
import { manifest, projects } from "./workspace.mjs";

const tally = new Tally();
const temporary = mkdtempSync(path.join(tmpdir(), "cordage-packed-"));

function tryAlone(name, folder, tarballs) {
  const example = exampleOf(folder);
  if (typeof example === "string") return tally.check(`${name}: its README has an example`, example);
  const project = createProject(path.join(temporary, "alone", name), name, tarballs);
  if (typeof project === "string") return tally.check(`${name}: it installs alone`, project);
  tally.check(`${name}: its README's first example has the types it says`, compileExample(project, example));
  tally.check(`${name}: its README's first example runs`, runExample(project, example));
}

try {
  const folders = projects().filter((folder) => !manifest(folder).private);
  const tarballs = new Map(folders.map((folder) => [manifest(folder).name, pack(folder, temporary)]));
  for (const folder of folders) {
    const { name } = manifest(folder);
    const tarball = tarballs.get(name);
    console.log(`# ${name}`);
    tally.check(`${name}: its tarball holds what it should`, leaked(tarball));
    tally.check(`${name}: publint`, lintPackage(tarball));
    tally.check(`${name}: are the types wrong`, typesProblem(tarball));
    tryAlone(name, folder, tarballs);
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
tally.close();
