// Ten thousand connections that have echoed and wait, each with its greenlet: what each takes in the server.
import { echoServers } from "./echo.mjs";

export default {
  title: "gevent, memory of one of 10,000 connections",
  unit: "bytes",
  better: "lower",
  contenders: echoServers("memory", 10000),
};
