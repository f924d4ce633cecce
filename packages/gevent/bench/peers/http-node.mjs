// Run: node http-node.mjs PORT
import { createServer } from "node:http";

const server = createServer((_, response) => {
  response.setHeader("Content-Type", "text/plain");
  response.end("Hello, world\n");
});
server.listen(Number(process.argv[2]), "127.0.0.1");
