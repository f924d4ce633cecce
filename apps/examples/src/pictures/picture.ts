/** A picture: what Vega-Lite is to draw, and the data that it shows, which stays in it. */
import type { TopLevelSpec } from "vega-lite";

/** A part of a specification; vega-lite checks the whole. */
export type Spec = Record<string, unknown>;

export interface Picture {
  readonly spec: TopLevelSpec;
  readonly data: unknown;
}

/** A picture with a title, of one chart or several. @param data what is kept in it, as JSON */
export function picture(title: string, subtitle: readonly string[], charts: Spec, data: unknown): Picture {
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
  return { spec: spec as TopLevelSpec, data };
}
