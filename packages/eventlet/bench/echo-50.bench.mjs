// Round trips of 64 bytes over 50 connections: what each costs the server. The load is that of the selectors' benches.
import { fileURLToPath } from "node:url";
import { nodeNet, underLoad } from "../../selectors/bench/echo.mjs";

const beside = (file) => fileURLToPath(new URL(file, import.meta.url));
const server = underLoad("cpu", 50);

export default {
  title: "eventlet, echo over 50 connections: server CPU per round trip",
  unit: "us",
  better: "lower",
  contenders: [
    server("cordage, serve", [process.execPath, beside("programs/echo-server.mjs"), "PORT"]),
    server("CPython eventlet, serve", ["/usr/bin/python3", beside("peers/echo-eventlet.py"), "PORT"]),
    server("node:net", nodeNet),
  ],
};
