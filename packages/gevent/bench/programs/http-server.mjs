// Run: node http-server.mjs PORT
import { run, wsgi } from "@cordage/gevent";

function hello(_, response) {
  response.setHeader("Content-Type", "text/plain");
  response.end("Hello, world\n");
}

await run(() => new wsgi.Server(["127.0.0.1", Number(process.argv[2])], hello).serveForever());
