/** 5.3, the question: how much fits depends on the buffers; that sends wait then, and that everything arrives, does not. */
import { compare, exactly, matching, type Pattern } from "../lines.js";
import type { Expectation } from "../program.js";
import { picture } from "./recording.js";

export const threeClients: Expectation = ({ lines }) =>
  compare(
    lines,
    [exactly("three clients send, the server does not read:")],
    ...[1, 2, 3].flatMap(full),
    [exactly("blocking sends: 3 of 3 clients wait in them")],
    [exactly("the server reads:")],
    ...[1, 2, 3].map((n) => [arrived(n)]),
    [matching("why: <reason>", /^why: /)],
    [matching("<the rest of the reason>", /^is full too/)],
    [picture("5.3-three-clients")],
  ) ?? bothBuffers(lines);

function full(n: number): Pattern[][] {
  return [
    [
      matching(
        `client ${n}: <number> bytes fit, ...`,
        new RegExp(`^client ${n}: [1-9]\\d* bytes fit, then send would block \\(EAGAIN\\)$`),
      ),
    ],
    [
      matching(
        "  <number> are in the server's receive buffer ...",
        /^ {2}[1-9]\d* are in the server's receive buffer \(SO_RCVBUF \d+\)$/,
      ),
    ],
    [
      matching(
        "  <number> are in its own send buffer ...",
        /^ {2}[1-9]\d* are in its own send buffer \(SO_SNDBUF \d+\)$/,
      ),
    ],
  ];
}

function arrived(n: number): Pattern {
  return matching(
    `client ${n}: <number> bytes sent, as many received, the same`,
    new RegExp(`^client ${n}: (\\d+) bytes sent, (\\d+) received, the same$`),
    (sent, received) => sent === received,
  );
}

/** A client with a larger send buffer puts more into it. */
function bothBuffers(lines: readonly string[]): string | undefined {
  const own = lines.flatMap((line) => /^ {2}(\d+) are in its own/.exec(line)?.slice(1) ?? []).map(Number);
  const growing = own.every((bytes, n) => n === 0 || bytes > own[n - 1]!);
  return growing ? undefined : `more should fit into larger send buffers, not ${own.join(", ")} bytes`;
}
