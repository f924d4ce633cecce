// Bundles a package into a few files and writes its types: `node ../../scripts/bundle.mjs index=src/index.ts ...`;
// `alone:name=...` is a program that shares no module with the others; `preload:name=...` one for node's --require.
//
// Why bundle: a child process that imports eighty small modules starts 70 ms later than one that imports three.
// Why the plugin: an `import` of a Node builtin evaluates all of its exports (node:fs alone takes 4 ms) before the
// module runs; process.getBuiltinModule, asked at the first use, costs nothing until then.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { build } from "esbuild";

const require = createRequire(import.meta.url);

const builtinsOnUse = {
  name: "builtins-on-use",
  setup(builder) {
    builder.onResolve({ filter: /^node:/ }, ({ path: name }) => ({ path: name, namespace: "builtin" }));
    builder.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path: name }) => ({
      contents: onUse(name),
      loader: "js",
    }));
  },
};

/** The names that this package's sources import from a builtin. */
function importedNames(name) {
  const whole = new RegExp(`import (?:\\w+|\\* as \\w+)(?:, \\{[^}]*\\})? from "${name}"`);
  if (sources().some((text) => whole.test(text))) return Object.keys(require(name)).filter((key) => key !== "default");
  const lists = sources().flatMap((text) => [
    ...text.matchAll(new RegExp(`import (?:\\w+, )?\\{([^}]*)\\} from "${name}"`, "g")),
  ]);
  const names = lists.flatMap(([, list]) => list.split(",").map((item) => item.trim().split(" as ")[0]));
  return [...new Set(names)].filter((item) => item !== "" && !item.startsWith("type "));
}

function sources() {
  const files = readdirSync("src", { recursive: true }).filter((file) => file.endsWith(".ts"));
  return files.map((file) => readFileSync(path.join("src", file), "utf8"));
}

function onUse(name) {
  const names = importedNames(name);
  return `let found;
const builtin = () => (found ??= process.getBuiltinModule(${JSON.stringify(name)}));
for (const key of ${JSON.stringify(names)}) Object.defineProperty(exports, key, { enumerable: true, get: () => builtin()[key] });`;
}

/** What is bundled is passed on, and its licence with it. */
function keepLicenses(inputs) {
  const folders = new Set(
    inputs.map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]).filter(Boolean),
  );
  const texts = [...folders].map((folder) => {
    const { name, version } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
    return `${name} ${version}\n\n${readFileSync(path.join(folder, "LICENSE"), "utf8")}`;
  });
  if (texts.length > 0) writeFileSync("dist/THIRD-PARTY-LICENSES.txt", texts.join("\n\n"));
}

/** What a package depends on is installed with it; what it only develops with is bundled. */
const { dependencies = {} } = JSON.parse(readFileSync("package.json", "utf8"));

const common = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  external: ["@cordage/*", ...Object.keys(dependencies)],
  plugins: [builtinsOnUse],
  // Not minified: Node prints the line that threw, and a stack should be readable without source maps.
  sourcemap: true,
  sourcesContent: false,
  outdir: "dist",
  logLevel: "warning",
  metafile: true,
};

/** Entries that share their modules: each imports the package's index, so that all they share is one file. */
const shared = {};
/** Programs of their own, which share nothing with whoever starts them. */
const alone = {};
/** As CommonJS, the only form that --require takes on every Node. */
const preloaded = {};
for (const argument of process.argv.slice(2)) {
  const [name, source] = argument.split("=");
  if (name.startsWith("alone:")) alone[name.slice("alone:".length)] = source;
  else if (name.startsWith("preload:")) preloaded[name.slice("preload:".length)] = source;
  else shared[name] = source;
}

rmSync("dist", { recursive: true, force: true });
const tsc = path.resolve(path.dirname(require.resolve("typescript")), "../bin/tsc");
const types = spawnSync(process.execPath, [tsc, "-p", "tsconfig.json", "--emitDeclarationOnly"], { stdio: "inherit" });
const { metafile } = await build({ ...common, entryPoints: shared, splitting: true });
await build({ ...common, entryPoints: alone });
await build({
  ...common,
  entryPoints: preloaded,
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  define: { "import.meta.url": "moduleUrl" },
  banner: { js: 'const moduleUrl = require("node:url").pathToFileURL(__filename).href;' },
});
keepLicenses(Object.keys(metafile.inputs));
process.exit(types.status ?? 1);
