// Apart from the other tasks, whose workers would start later for an import that they do not use.
import { move } from "piscina";

export default (buffer) => move(buffer);
