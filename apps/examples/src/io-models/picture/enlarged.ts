/** The moment at which a message arrives, enlarged. */
import type { Message, Recording, Span } from "../recording.js";
import { type Bar, barsOf, type Rows, shifted } from "./bars.js";

/** Nanoseconds: more would make what matters too small. */
const LONGEST = 2_000_000;

/** The second: the first is slower, as everything is that is done for the first time. */
function message({ messages }: Recording): Message {
  return messages[1]!;
}

/** The bars, in nanoseconds since that message arrived. */
export function enlargedBars(recording: Recording, rows: Rows): Bar[] {
  return shifted(barsOf(recording, rows), -message(recording).arrived);
}

/** From a little before it arrived until a little after it was copied, in all of the recordings. */
export function enlargedRange(recordings: readonly Recording[]): Span {
  const longest = Math.max(...recordings.map(message).map(({ arrived, copied }) => copied.to - arrived));
  const tenth = Math.min(longest, LONGEST) / 8;
  return { from: -tenth, to: 9 * tenth };
}
