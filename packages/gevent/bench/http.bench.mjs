// Requests for a few bytes over 50 connections that stay open: how many a server answers.
import { fileURLToPath } from "node:url";
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node } = contendersOf(import.meta);
const beside = (file) => fileURLToPath(new URL(file, import.meta.url));
const server = (label, ...command) => node(label, "programs/http-load.mjs", ...command);

export default {
  title: "gevent, HTTP over 50 connections",
  unit: "/s",
  better: "higher",
  contenders: [
    server("cordage, wsgi.Server", process.execPath, beside("programs/http-server.mjs")),
    server("CPython gevent, pywsgi", "/usr/bin/python3", beside("peers/http-gevent.py")),
    server("node:http", process.execPath, beside("peers/http-node.mjs")),
  ],
};
