/** The picture of one model: the whole time, and one message enlarged. */

import { type Picture, picture } from "../../pictures/picture.js";
import type { Recording } from "../recording.js";
import { barsOf, inWords, rowsOf } from "./bars.js";
import { chart } from "./chart.js";
import { enlargedBars, enlargedRange } from "./enlarged.js";

export function pictureOf(recording: Recording): Picture {
  const names = rowsOf(recording);
  const rows = [...names.data, names.process];
  const whole = chart(barsOf(recording, names), {
    title: "Three messages",
    rows,
    range: { from: 0, to: recording.end },
    unit: "ms",
    width: 660,
  });
  const enlarged = chart(enlargedBars(recording, names), {
    title: "The second message, enlarged",
    rows,
    range: enlargedRange([recording]),
    unit: "us",
    width: 300,
    named: false,
  });
  return picture(recording.title, [recording.lesson, inWords(recording).join("; ")], { hconcat: [whole, enlarged] }, [
    recording,
  ]);
}
