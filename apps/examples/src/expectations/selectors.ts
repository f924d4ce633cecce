/** 5.6: the server accepts, echoes each word to the client that got it, and closes. Python writes a socket and an address in its own way. */
import { compare, exactly, matching, type Pattern } from "../lines.js";
import type { Expectation } from "../program.js";

const socket = String.raw`<(?:socket\.socket|Socket) fd=\d+[^>]*>`;

export const selectors: Expectation = ({ lines }) =>
  compare(
    lines,
    [
      matching(
        "accepted <socket> from <address>",
        new RegExp(`^accepted ${socket} from [([]'127\\.0\\.0\\.1', \\d+[)\\]]$`),
      ),
    ],
    [echoing("hello")],
    [exactly("got b'hello'")],
    [echoing("world")],
    [exactly("got b'world'")],
    [matching("closing <socket>", new RegExp(`^closing ${socket}$`))],
  );

function echoing(word: string): Pattern {
  return matching(`echoing b'${word}' to <socket>`, new RegExp(`^echoing b'${word}' to ${socket}$`));
}
