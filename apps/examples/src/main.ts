/** `npm start`: runs the document's programs and says whether each prints what the document says. */
import { catalogue } from "./catalogue.js";
import { runCommandLine } from "./command-line.js";

process.exitCode = await runCommandLine(catalogue, process.argv.slice(2));
