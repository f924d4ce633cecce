/** What the runner knows of a program of the document. */

/** What a program did, for its expectation to judge. */
export interface Observed {
  /** What it printed, line by line, in the order in which the lines arrived. */
  readonly lines: readonly string[];
  /** The process id of its main process. */
  readonly pid: number;
  /** The process id of the process that started it. */
  readonly parentPid: number;
}

/** Returns what is wrong with the output, in one sentence; undefined if it is what the document says. */
export type Expectation = (observed: Observed) => string | undefined;

/** One program of the document. */
export interface Program {
  /** Unique; begins with the section: "3.1-process-function". */
  readonly name: string;
  /** The document's section: "3.1". */
  readonly section: string;
  /** What it shows, in a few words. */
  readonly title: string;
  /** The module to run in a node of its own. */
  readonly module: URL;
  readonly expectation: Expectation;
  /** Whether the document has its text, in Python. */
  readonly hasOriginal: boolean;
  /** Whether that asks hosts that not everybody can reach: then nobody runs it to compare. */
  readonly originalAsksHosts?: boolean;
}
