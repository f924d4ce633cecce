// Round trips of 64 bytes over 10000 connections, each with a greenlet that waits: what each costs the server.
import { echoServers } from "./echo.mjs";

export default {
  title: "gevent, echo over 10,000 connections: server CPU per round trip",
  unit: "us",
  better: "lower",
  contenders: echoServers("cpu", 10000),
};
