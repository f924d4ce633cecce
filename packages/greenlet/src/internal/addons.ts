/**
 * When a worker ends, what is suspended in it is unwound, C++ functions of addons too, while these are still there: cleaning up goes in the
 * opposite order of loading, so that whoever loads an addon makes us the last ones again. Node does not tell who loads one.
 */
import { isMainThread } from "node:worker_threads";

/** @param becomeLast makes what has been loaded before outlive what is suspended */
export function watchAddons(becomeLast: () => void): void {
  if (isMainThread) return; // there it stays as it is
  const { dlopen } = process;
  process.dlopen = (...args) => {
    try {
      dlopen.apply(process, args);
    } finally {
      becomeLast();
    }
  };
}
