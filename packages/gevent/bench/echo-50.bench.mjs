// Round trips of 64 bytes over 50 connections: what each costs the server.
import { echoServers } from "./echo.mjs";

export default {
  title: "gevent, echo over 50 connections: server CPU per round trip",
  unit: "us",
  better: "lower",
  aim: "<= 9 us",
  contenders: echoServers("cpu", 50),
};
