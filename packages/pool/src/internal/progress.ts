/** A progress bar on a terminal; elsewhere nothing. */
import type { SingleBar } from "cli-progress";

/** Counts items as they are done, and draws. */
export class Progress {
  private bar: SingleBar | undefined;
  private done = 0;
  private ended = false;
  private readonly began = performance.now();

  constructor(
    private readonly total: number,
    title: string,
  ) {
    if (process.stderr.isTTY) void this.draw(title);
  }

  private async draw(title: string): Promise<void> {
    const { default: cliProgress } = await import("cli-progress");
    if (this.ended) return;
    this.bar = new cliProgress.SingleBar({
      stream: process.stderr,
      format: `${title} {bar} {percentage}% | {value}/{total} | {rate}/s | {eta_formatted} left`,
      barCompleteChar: "\u2588",
      barIncompleteChar: "\u2591",
      hideCursor: true,
      clearOnComplete: false,
      etaBuffer: 50,
    });
    this.bar.start(this.total, this.done, { rate: this.rate });
  }

  private get rate(): string {
    const seconds = (performance.now() - this.began) / 1000;
    return Math.round(this.done / Math.max(seconds, 1e-3)).toLocaleString("en-US");
  }

  advance(count: number): void {
    this.done += count;
    this.bar?.update(this.done, { rate: this.rate });
  }

  end(): void {
    this.ended = true;
    this.bar?.stop();
  }
}
