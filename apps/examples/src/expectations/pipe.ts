/** 3.3.2: the child's list arrives whole, and the child gets the answer after that. */
import { compare, exactly } from "../lines.js";
import type { Expectation } from "../program.js";

export const pipe: Expectation = ({ lines }) =>
  compare(lines, [exactly("[12, {'name': 'yuan'}, 'hello']")], [exactly("response 儿子你好!")]);
