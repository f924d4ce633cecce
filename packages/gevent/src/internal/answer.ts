/** Runs an application for a request. */
import type { IncomingMessage, ServerResponse } from "node:http";

const REASON = "Internal Server Error";
const BODY = `${REASON}\n`;

/** Ends what the application has not. If it fails, the client is told, or, if the answer had begun, cut off. @throws what it throws */
export function answer(
  application: (request: IncomingMessage, response: ServerResponse) => void,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  try {
    application(request, response);
    if (!response.writableEnded) response.end();
  } catch (error) {
    if (response.headersSent) response.destroy();
    else fail(response);
    throw error;
  }
}

/** Without the headers of the application: they are about its own body, or for those whom it has served. */
function fail(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.writeHead(500, REASON, { "content-type": "text/plain", "content-length": BODY.length }).end(BODY);
}
