// A server and its clients: each request is served by a greenlet of its own.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Agent, createServer, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { block, spawn } from "./hub.mjs";

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

function serve(incoming, outgoing) {
  const body = block(buffer(incoming));
  const packed = block(promisify(gzip)(body));
  outgoing.setHeader("digest", digest(body));
  outgoing.end(packed);
}

function send(server, agent, body) {
  const { promise, resolve, reject } = Promise.withResolvers?.() ?? withResolvers();
  const { port } = server.address();
  request({ port, agent, method: "POST" }, resolve).on("error", reject).end(body);
  return block(promise);
}

function withResolvers() {
  const all = {};
  all.promise = new Promise((resolve, reject) => Object.assign(all, { resolve, reject }));
  return all;
}

export const http = {
  atATime: 3,
  begin() {
    const server = createServer((incoming, outgoing) => {
      spawn(serve, incoming, outgoing).catch((error) => outgoing.destroy(error));
    });
    server.keepAliveTimeout = 0; // on a busy machine a connection that waits would be closed just when it is used again
    block(new Promise((listening) => server.listen(0, "127.0.0.1", listening)));
    return { server, agent: new Agent({ keepAlive: true }) };
  },
  round(random, { server, agent }) {
    const body = randomBytes(random(100_000));
    const answer = send(server, agent, body);
    const packed = block(buffer(answer));
    assert.equal(answer.headers.digest, digest(body));
    assert(block(promisify(gunzip)(packed)).equals(body));
  },
  end({ server, agent }) {
    agent.destroy();
    block(new Promise((closed) => server.close(closed)));
  },
};
