/** Bars as a chart of Vega-Lite: time from left to right, a row for everything that is watched. */

import type { Spec } from "../../pictures/picture.js";
import type { Span } from "../recording.js";
import { type Bar, KINDS } from "./bars.js";

export interface ChartOptions {
  readonly title: string;
  readonly rows: readonly string[];
  /** What is shown, in nanoseconds. */
  readonly range: Span;
  readonly unit: keyof typeof UNITS;
  /** Pixels. */
  readonly width: number;
  /** Whether the rows are named at the left. Default: they are. */
  readonly named?: boolean;
}

const UNITS = {
  ms: { nanoseconds: 1e6, title: "milliseconds" },
  us: { nanoseconds: 1e3, title: "microseconds since the data arrived" },
};
export const ROW_HEIGHT = 30;
/** Pixels of one letter of a label, about. */
const LETTER = 6.2;
/** Pixels by which even the shortest bar can be seen. */
const THINNEST = 1.5;
const DARK = new Set<Bar["kind"]>(["copying", "blockedCopying"]);

export function chart(bars: readonly Bar[], options: ChartOptions): Spec {
  const shown = bars.flatMap((bar) => within(bar, options.range));
  return {
    title: titleOf(options.title),
    width: options.width,
    height: options.rows.length * ROW_HEIGHT,
    layer: [rectangles(shown, options), labels(shown, options)],
  };
}

export function titleOf(text: string): Spec {
  return { text, anchor: "start", fontSize: 12, fontWeight: "normal", frame: "group" };
}

/** The part of a bar that is in the range, if there is one. */
function within(bar: Bar, range: Span): Bar[] {
  if (bar.from >= range.to || bar.to <= range.from) return [];
  return [{ ...bar, from: Math.max(bar.from, range.from), to: Math.min(bar.to, range.to) }];
}

function rectangles(bars: readonly Bar[], options: ChartOptions): Spec {
  const { nanoseconds } = UNITS[options.unit];
  const color = { field: "kind", type: "nominal", scale: colors(), legend: LEGEND };
  return {
    data: {
      values: bars.map(({ row, kind, from, to }) => ({
        row,
        kind: KINDS[kind].name,
        from: from / nanoseconds,
        to: to / nanoseconds,
      })),
    },
    mark: { type: "rect", strokeWidth: THINNEST, height: { band: 0.8 } },
    encoding: { x: xAxis(options), x2: { field: "to" }, y: yAxis(options), fill: color, stroke: color },
  };
}

const LEGEND = { orient: "bottom", title: null, columns: 3, symbolType: "square", labelLimit: 0, labelFontSize: 11 };

function colors(): Spec {
  const kinds = Object.values(KINDS);
  return { domain: kinds.map(({ name }) => name), range: kinds.map(({ color }) => color) };
}

function xAxis({ range, unit }: ChartOptions): Spec {
  const { nanoseconds, title } = UNITS[unit];
  const scale = { domain: [range.from / nanoseconds, range.to / nanoseconds], nice: false };
  return {
    field: "from",
    type: "quantitative",
    scale,
    axis: { title, titleFontWeight: "normal", grid: false, tickCount: 6 },
  };
}

export function yAxis({ rows, named = true }: Pick<ChartOptions, "rows" | "named">): Spec {
  const axis = {
    labelExpr: "split(datum.label, '|')[0]",
    title: null,
    ticks: false,
    domain: false,
    labels: named,
    labelFontSize: 12,
    labelLimit: 0,
    labelPadding: 8,
  };
  return { field: "row", type: "nominal", scale: { type: "band", domain: rows, padding: 0 }, axis };
}

/** Where there is room, at the bar's beginning; with a rim of the bar's colour, because thinner bars may lie below. */
function labels(bars: readonly Bar[], options: ChartOptions): Spec {
  const { range, width, unit } = options;
  const pixels = (bar: Bar) => ((bar.to - bar.from) * width) / (range.to - range.from);
  const values = bars
    .filter((bar) => pixels(bar) > (bar.label.length + 1) * LETTER)
    .map(({ row, kind, from, label }) => ({
      row,
      label,
      from: from / UNITS[unit].nanoseconds,
      text: DARK.has(kind) ? "white" : "#1c1c1c",
      rim: KINDS[kind].color,
    }));
  const encoding = { x: xAxis(options), y: { ...yAxis(options), bandPosition: 0.5 }, text: { field: "label" } };
  const rim = { ...encoding, stroke: { field: "rim", scale: null } };
  const text = { ...encoding, color: { field: "text", scale: null } };
  const mark = { type: "text", fontSize: 11, align: "left", dx: 5 };
  return {
    data: { values },
    layer: [
      { mark: { ...mark, strokeWidth: 4, strokeJoin: "round" }, encoding: rim },
      { mark, encoding: text },
    ],
  };
}
