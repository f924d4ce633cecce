// Round trips of 64 bytes over 50 connections, as many as the load manages beside the server.
import { echoServers } from "./echo.mjs";

export default {
  title: "selectors, echo over 50 connections",
  unit: "/s",
  better: "higher",
  contenders: echoServers("rate", 50),
};
