/** Pictures as files. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Picture } from "./picture.js";

/** `apps/examples/output`, which git ignores; tests name another folder. */
const folder = process.env.CORDAGE_EXAMPLES_OUTPUT ?? fileURLToPath(new URL("../../output", import.meta.url));

/**
 * Draws a picture as SVG. What it shows stays in it as JSON, in its `<metadata>`.
 *
 * @returns the file's path, as seen from where the program runs
 */
export async function writePicture(name: string, picture: Picture): Promise<string> {
  const svg = await draw(picture);
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${name}.svg`);
  const draft = `${file}.${process.pid}`; // nobody sees half a picture
  await writeFile(draft, svg);
  await rename(draft, file);
  return path.relative("", file);
}

/** Loaded here, after everything has been measured: it takes longer than any program does. */
async function draw({ spec, data }: Picture): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return svg.replace(/(<svg[^>]*>)/, (start) => `${start}${metadata(data)}`);
}

function metadata(data: unknown): string {
  const json = JSON.stringify(data).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<metadata>${json}</metadata>`;
}
