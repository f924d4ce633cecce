// Round trips of 64 bytes over 10000 connections: what each costs the server.
import { echoServers } from "./echo.mjs";

export default {
  title: "selectors, echo over 10,000 connections: server CPU per round trip",
  unit: "us",
  better: "lower",
  contenders: echoServers("cpu", 10000),
};
