/** Which of this process's node flags hold in a child as well. */

/** Flags that are about the parent's own run, not about how its modules load. */
const OWN =
  /^--(inspect|debug-port|eval|print|check|interactive|test|watch|run|build-|prof$|cpu-prof|heap-prof|input-type)/;
const OWN_SHORT = /^-(e|p|pe|c|i)$/;
/** These take what follows, whatever it looks like. */
const TAKES_VALUE = /^(--eval|--print|-e|-p|-pe)$/;

/**
 * Without the parent's own: loaders, conditions and V8 settings hold in the child too.
 * @param flags as `process.execArgv` has them, where whatever is no flag is the value of the one before it
 */
export function inheritedFlags(flags: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i]!;
    if (!OWN.test(flag) && !OWN_SHORT.test(flag)) kept.push(flag);
    else if (TAKES_VALUE.test(flag) || isValue(flags[i + 1])) i++;
  }
  return kept;
}

function isValue(next: string | undefined): boolean {
  return next !== undefined && !next.startsWith("-");
}
