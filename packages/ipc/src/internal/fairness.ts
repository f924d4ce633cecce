/**
 * A loop that awaits calls which are all done at once would never let the event loop turn: timers and other sockets
 * would starve. Every so many results one is handed over on the loop's next turn.
 */
const MOST_IN_A_ROW = 256;

export class Fairness {
  private inARow = 0;

  resolve<T>(resolve: (value: T) => void, value: T): void {
    this.inARow = (this.inARow + 1) % MOST_IN_A_ROW;
    if (this.inARow > 0) resolve(value);
    else setImmediate(resolve, value);
  }
}
