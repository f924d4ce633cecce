/** An extra of 3.3.3: what one client put, the other gets, in order; the client that does not know the key is refused. */
import { compare, exactly } from "../lines.js";
import type { Expectation } from "../program.js";

export const managerRemote: Expectation = ({ lines }) =>
  compare(lines, [exactly("got 0")], [exactly("got 1")], [exactly("got 2")], [exactly("refused")]);
