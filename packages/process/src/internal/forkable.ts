/** What a node must be told so that it can fork: threads do not survive that. */

/** From V8 14 (Node 25) on, scavenges go to the pool's threads even when single-threaded; earlier ones leave them alone. */
export const POOL_COUNTS = Number(process.versions.node.split(".")[0]) >= 25;

/** Flags that are refused in NODE_OPTIONS: they must stand on the command line. */
export const FORKABLE = ["--single-threaded", "--v8-pool-size=0"];
