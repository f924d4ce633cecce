/** A picture: what Vega-Lite is to draw, and the recordings that it shows, which stay in it as data. */
import type { TopLevelSpec } from "vega-lite";
import type { Recording } from "../recording.js";
import type { Spec } from "./chart.js";

export interface Picture {
  readonly spec: TopLevelSpec;
  readonly recordings: readonly Recording[];
}

export function picture(
  title: string,
  subtitle: readonly string[],
  charts: Spec,
  recordings: readonly Recording[],
): Picture {
  const spec = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    background: "white",
    padding: 16,
    title: {
      text: title,
      subtitle,
      anchor: "start",
      fontSize: 17,
      subtitleFontSize: 12,
      subtitlePadding: 6,
      offset: 14,
    },
    spacing: 24,
    ...charts,
    config: { font: "sans-serif", view: { stroke: null } },
  };
  return { spec: spec as TopLevelSpec, recordings };
}
