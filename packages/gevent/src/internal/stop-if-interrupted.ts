/** For servers that are served by whoever waits for their end. */
import { Greenlet } from "../greenlet.js";

/** Waits. Whoever is interrupted there, killed or timed out, has the server stopped first. @throws what `wait` throws. Blocks: the greenlet. */
export function stopIfInterrupted(wait: () => void, stop: () => void): void {
  try {
    wait();
  } catch (interruption) {
    Greenlet.spawn(stop).join(); // of its own: another interruption does not end it
    throw interruption;
  }
}
