/** What sibling packages run in every child of theirs: `@cordage/process` has its fork server import it ahead. */
const urls = new Set<string>();

/** Takes effect with the next fork server; the module may do nothing when it is imported. */
export function preloadInForkserver(url: string): void {
  urls.add(url);
}

export function forkserverModules(): string[] {
  return [...urls];
}
