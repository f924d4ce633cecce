// Round trips of 64 bytes over 50 connections: what each costs the server. The load is that of the selectors' benches.
import { fileURLToPath } from "node:url";
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { c } = contendersOf(import.meta);
const beside = (file) => fileURLToPath(new URL(file, import.meta.url));
const server = (label, ...command) => c(label, "../../selectors/bench/peers/echo.c", "cpu", "50", ...command, "PORT");

export default {
  title: "eventlet, echo over 50 connections: server CPU per round trip",
  unit: "us",
  better: "lower",
  contenders: [
    server("cordage, serve", process.execPath, beside("programs/echo-server.mjs")),
    server("CPython eventlet, serve", "/usr/bin/python3", beside("peers/echo-eventlet.py")),
    server("node:net", process.execPath, beside("../../selectors/bench/peers/echo-net.mjs")),
  ],
};
