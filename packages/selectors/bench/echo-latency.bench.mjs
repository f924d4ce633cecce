// One connection: how long a round trip of 64 bytes takes.
import { echoServers } from "./echo.mjs";

export default {
  title: "selectors, echo over 1 connection: median round trip",
  unit: "us",
  better: "lower",
  contenders: echoServers("latency", 1),
};
