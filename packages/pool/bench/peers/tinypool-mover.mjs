// Apart from the other tasks, whose workers would start later for an import that they do not use.
import { Tinypool } from "tinypool";

export default (buffer) => Tinypool.move(buffer);
