/** When each URL was asked for and answered, as text and as a picture. */
import { type Picture, picture } from "../pictures/picture.js";

export interface Get {
  /** "at the same time", "in a pool of two" or "in turn". */
  readonly way: string;
  readonly url: string;
  /** Milliseconds from the way's beginning. */
  readonly from: number;
  readonly to: number;
}

const WIDTH = 48;

/** A line for each: when it began, and how long it took, on the scale of the slower way. */
export function textTimeline(gets: readonly Get[]): string[] {
  const scale = WIDTH / Math.max(...gets.map(({ to }) => to));
  return gets.map(({ way, from, to }) => {
    const [begin, end] = [Math.floor(from * scale), Math.max(Math.ceil(to * scale), Math.floor(from * scale) + 1)];
    return `${way.padEnd(16)} |${" ".repeat(begin)}${"#".repeat(end - begin)}`.padEnd(WIDTH + 18).concat("|");
  });
}

export function pictureOf(title: string, gets: readonly Get[], saved: string): Picture {
  const values = gets.map((one) => ({
    ...one,
    row: `${one.way} | ${one.url}`,
    time: `${Math.round(one.to - one.from)} ms`,
  }));
  const y = {
    field: "row",
    type: "nominal",
    sort: null,
    axis: { title: null, ticks: false, domain: false, labelLimit: 420 },
  };
  const x = {
    field: "from",
    type: "quantitative",
    axis: { title: "milliseconds", grid: true, titleFontWeight: "normal" },
  };
  const color = { field: "way", type: "nominal", legend: null, scale: { range: ["#86bd88", "#e58a8c"] } };
  const bars = { mark: { type: "bar", height: { band: 0.6 } }, encoding: { y, x, x2: { field: "to" }, color } };
  const labels = {
    mark: { type: "text", align: "left", dx: 4, fontSize: 11 },
    encoding: { y, x: { field: "from", type: "quantitative" }, text: { field: "time" } },
  };
  const chart = { width: 560, height: 28 * gets.length, data: { values }, layer: [bars, labels] };
  return picture(title, [saved], chart, gets);
}
