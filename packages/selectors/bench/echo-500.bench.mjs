// Round trips of 64 bytes over 500 connections: what each costs the server.
import { echoServers } from "./echo.mjs";

export default {
  title: "selectors, echo over 500 connections: server CPU per round trip",
  unit: "us",
  better: "lower",
  contenders: echoServers("cpu", 500),
};
