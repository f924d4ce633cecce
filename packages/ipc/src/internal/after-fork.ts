/** What a fork must prepare and renew: threads do not survive it, and the child has another identity. */
const preparations: Array<() => void> = [];
const renewals: Array<() => void> = [];

/** Registers what the forking process does just before the fork, on behalf of the child. */
export function beforeFork(prepare: () => void): void {
  preparations.push(prepare);
}

/** Registers what a forked child runs, in order of registration, before anything else of its own. */
export function afterFork(renew: () => void): void {
  renewals.push(renew);
}

export function prepareFork(): void {
  for (const prepare of preparations) prepare();
}

/** Run once by the child, right after `native.fork()` returned 0. */
export function renewAfterFork(): void {
  for (const renew of renewals) renew();
}
