// Round trips of 64 bytes over 1 connection: what each costs the server.
import { echoServers } from "./echo.mjs";

export default {
  title: "selectors, echo over 1 connection: server CPU per round trip",
  unit: "us",
  better: "lower",
  contenders: echoServers("cpu", 1),
};
