/** The picture of several recordings, one below the other. */

import { type Picture, picture } from "../../pictures/picture.js";
import type { Recording } from "../recording.js";
import { barsOf, inWords, rowsOf } from "./bars.js";
import { chart } from "./chart.js";

export function pictureOfSeveral(title: string, recordings: readonly Recording[]): Picture {
  const range = { from: 0, to: Math.max(...recordings.map(({ end }) => end)) };
  const charts = recordings.map((recording) => {
    const rows = rowsOf(recording);
    return chart(barsOf(recording, rows), {
      title: `${recording.title}: ${inWords(recording).slice(0, 2).join("; ")}`,
      rows: [...rows.data, rows.process],
      range,
      unit: "ms",
      width: 860,
    });
  });
  return picture(title, [recordings[0]!.lesson], { vconcat: charts }, recordings);
}
