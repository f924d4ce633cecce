/**
 * The main module of the fork server. Has V8 compile all of our code as it loads it, and not function by function at their
 * first call: that would be in every child anew, for 1 ms each.
 */
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--no-lazy");
const { serve } = await import(new URL("./forkserver-service.js", import.meta.url).href);
setFlagsFromString("--lazy");
void serve();
