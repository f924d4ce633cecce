/**
 * A process that imports modules to find a function in them must not start others for what stands in those modules: each
 * of them would import the same, and so on without end. The packages that start something have a guard each.
 */
export interface ImportGuard {
  /** Whether such an import is under way. */
  importing(): boolean;
  whileImporting<T>(work: () => T | PromiseLike<T>): Promise<T>;
  /** @throws the guard's error while an import is under way */
  refuseWhileImporting(): void;
}

/** @param doing what is refused, and what is being imported */
export function importGuard(Refusal: new (message: string) => Error, doing: string): ImportGuard {
  let underWay = 0;
  return {
    importing: () => underWay > 0,
    async whileImporting(work) {
      underWay++;
      try {
        return await work();
      } catch (error) {
        // Why a module could not be imported matters more than what was looked for in it.
        throw (error as Error).cause instanceof Refusal ? (error as Error).cause : error;
      } finally {
        underWay--;
      }
    },
    refuseWhileImporting() {
      if (underWay === 0) return;
      throw new Refusal(`${doing}. Guard what only the main program should do: if (isMain(import.meta)) { ... }`);
    },
  };
}
