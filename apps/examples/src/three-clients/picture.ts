/** Where the bytes of three clients lie that nobody reads. */
import { type Picture, picture } from "../pictures/picture.js";

/** What the kernel holds of one client, in bytes, and how large its buffers are. */
export interface Held {
  readonly client: number;
  /** In the server's receive buffer. */
  readonly received: number;
  /** SO_RCVBUF. */
  readonly receiveBuffer: number;
  /** In the client's send buffer. */
  readonly unsent: number;
  /** SO_SNDBUF. */
  readonly sendBuffer: number;
}

const KIB = 1024;
const PLACES = ["in the server's receive buffer (SO_RCVBUF)", "in the client's send buffer (SO_SNDBUF)"];
const LESSON = [
  "A full receive buffer closes TCP's window, then the client's own send buffer fills; when that is full too, send blocks.",
  "Each client has its own two buffers. Nothing is lost: when the server reads, everything arrives.",
];

export function pictureOf(held: readonly Held[]): Picture {
  const values = held.flatMap(({ client, received, receiveBuffer, unsent, sendBuffer }) => [
    bar(client, 0, received, receiveBuffer),
    bar(client, 1, unsent, sendBuffer),
  ]);
  const y = { field: "client", type: "nominal", axis: { title: null, ticks: false, domain: false, labelFontSize: 12 } };
  const scale = { domain: PLACES, range: ["#2256a8", "#e58a8c"] };
  const legend = { orient: "bottom", title: null, labelLimit: 0, labelFontSize: 11 };
  const bars = {
    mark: { type: "bar", height: { band: 0.7 } },
    encoding: {
      y,
      x: {
        field: "kib",
        type: "quantitative",
        stack: "zero",
        axis: { title: "KiB that fit before send blocks", grid: false, titleFontWeight: "normal" },
      },
      color: { field: "place", type: "nominal", scale, legend },
      order: { field: "order" },
    },
  };
  const labels = {
    mark: { type: "text", fontSize: 11 },
    encoding: {
      y,
      x: { field: "kib", type: "quantitative", stack: "zero", bandPosition: 0.5 },
      text: { field: "label" },
      order: { field: "order" },
      detail: { field: "place" },
      color: { condition: { test: "datum.order === 0", value: "white" }, value: "#1c1c1c" },
    },
  };
  const chart = { width: 700, height: 34 * held.length, data: { values }, layer: [bars, labels] };
  return picture("Three clients send, the server does not read", LESSON, chart, held);
}

function bar(client: number, order: 0 | 1, bytes: number, buffer: number) {
  const kib = bytes / KIB;
  const label = `${Math.round(kib)} of ${Math.round(buffer / KIB)} KiB`;
  return { client: `client ${client}`, order, place: PLACES[order], kib, label };
}
