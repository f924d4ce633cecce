/**
 * When a thread ends, what is suspended in it is unwound, functions of addons too, while these are still there: Node cleans up in the opposite
 * order of loading, so that whoever loads an addon makes us the last ones again. Node does not tell that one is loaded.
 */

/** @param becomeLast has what is suspended unwound before what has been loaded by then is cleaned up */
export function watchAddons(becomeLast: () => void): void {
  const { dlopen } = process;
  process.dlopen = (...args) => {
    try {
      dlopen.apply(process, args);
    } finally {
      becomeLast();
    }
  };
}
