/** How a sibling package that starts processes tells `@cordage/process` what would make that faster. */
const urls = new Set<string>();
const meanwhile = new Set<() => void>();

/** The fork server imports the module before it forks; the module may do nothing when it is imported. */
export function preloadInForkserver(url: string): void {
  urls.add(url);
}

export function forkserverModules(): string[] {
  return [...urls];
}

/** Something that will be needed soon, and is done while this process waits for its fork server. May not throw. */
export function whileForkserverStarts(work: () => void): void {
  meanwhile.add(work);
}

export function workWhileForkserverStarts(): void {
  for (const work of meanwhile) work();
}
