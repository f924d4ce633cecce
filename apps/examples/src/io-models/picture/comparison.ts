/** The picture that compares the models: the same rows for each, on the same scales, and what was counted. */

import { type Picture, picture, type Spec } from "../../pictures/picture.js";
import type { Recording } from "../recording.js";
import { barsOf, inWords, type Rows } from "./bars.js";
import { chart, ROW_HEIGHT, titleOf, yAxis } from "./chart.js";
import { enlargedBars, enlargedRange } from "./enlarged.js";

const LESSON = [
  "The first phase, waiting for the data, is what the first four differ in; the second, copying it, blocks the process in all of them.",
  "Only asynchronous IO blocks it in neither.",
];

export function pictureOfAll(recordings: readonly Recording[]): Picture {
  const names = recordings.map(rowsOfOne);
  const rows = names.flatMap(({ data, process }, n) => [...data, process, gap(names[n]!)]);
  const whole = chart(
    recordings.flatMap((recording, n) => barsOf(recording, names[n]!)),
    {
      title: "Three messages",
      rows,
      range: { from: 0, to: Math.max(...recordings.map(({ end }) => end)) },
      unit: "ms",
      width: 560,
    },
  );
  const enlarged = chart(
    recordings.flatMap((recording, n) => enlargedBars(recording, names[n]!)),
    {
      title: "The second message, enlarged",
      rows,
      range: enlargedRange(recordings),
      unit: "us",
      width: 270,
      named: false,
    },
  );
  return picture(
    "The five models compared",
    LESSON,
    { hconcat: [whole, enlarged, counts(recordings, names, rows)] },
    recordings,
  );
}

function rowsOfOne({ title }: Recording): Rows {
  return { data: [`${title}: data`], process: `process|${title}` };
}

/** An empty row: keeps the models apart. */
function gap({ process }: Rows): string {
  return `|after ${process}`;
}

/** The counts, beside the rows of their model. */
function counts(recordings: readonly Recording[], names: readonly Rows[], rows: readonly string[]): Spec {
  const values = recordings.flatMap((recording, n) => {
    const { data, process } = names[n]!;
    return inWords(recording).map((text, line) => ({ text, row: [data[0], process, gap(names[n]!)][line] }));
  });
  return {
    title: titleOf("Counted"),
    width: 340,
    height: rows.length * ROW_HEIGHT,
    data: { values },
    mark: { type: "text", align: "left", fontSize: 11.5, x: 0 },
    encoding: { y: { ...yAxis({ rows, named: false }), bandPosition: 0.5 }, text: { field: "text" } },
  };
}
