// A project of a user who installs one package and tries the first example of its README.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { root } from "../workspace.mjs";
import { run } from "./run.mjs";

/** The first js or ts block of the README, with the text block right after it, which is what it prints. */
export function exampleOf(folder) {
  let readme;
  try {
    readme = readFileSync(path.join(root, folder, "README.md"), "utf8");
  } catch (error) {
    return error.message;
  }
  const block = /```(js|ts)\n([\s\S]*?)```(?:\s*```text\n([\s\S]*?)```)?/.exec(readme);
  if (!block) return "it has no js or ts block";
  const [, , source, output] = block;
  return { source, output };
}

/** Installs one package with npm; what the registry does not have yet, its siblings, comes from their tarballs. */
export function createProject(folder, name, tarballs) {
  const local = [...tarballs].map(([sibling, tarball]) => [sibling, `file:${tarball}`]);
  const overrides = Object.fromEntries(local.filter(([sibling]) => sibling !== name));
  mkdirSync(folder, { recursive: true });
  const manifest = { private: true, type: "module", dependencies: { [name]: `file:${tarballs.get(name)}` }, overrides };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
  const { problem } = run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder });
  return problem ?? { folder };
}

/** A user with TypeScript, strict, and the types of Node. */
export function compileExample({ folder }, { source }) {
  const file = path.join(folder, "example.ts");
  writeFileSync(file, source);
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    noEmit: true,
    types: ["node"],
    typeRoots: [path.join(root, "node_modules/@types")],
  });
  const found = ts.getPreEmitDiagnostics(program).map((one) => {
    const where = one.file ? `${path.relative(folder, one.file.fileName)}: ` : "";
    return where + ts.flattenDiagnosticMessageText(one.messageText, "\n");
  });
  return found.length > 0 ? found.join("\n") : undefined;
}

/** Runs the example as plain JavaScript, so that every Node that is supported can. */
export function runExample({ folder }, { source, output }) {
  const options = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };
  const { outputText } = ts.transpileModule(source, { compilerOptions: options });
  writeFileSync(path.join(folder, "example.mjs"), outputText);
  const { stdout, stderr, problem } = run(process.execPath, ["example.mjs"], { cwd: folder, timeout: 60_000 });
  if (problem) return problem;
  if (stderr !== "") return `it wrote to stderr: ${stderr}`;
  return output === undefined || stdout === output ? undefined : `it should print\n${output}but prints\n${stdout}`;
}
