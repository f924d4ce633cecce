/** What this process has open: a test file ends with nothing that was not there when it began. */
import { readdirSync, readlinkSync } from "node:fs";

/** Open pipes, sockets, epoll instances and pidfds, by number. */
function openFiles(): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return /^(pipe|socket|anon_inode):/.test(target) ? [`${fd} ${target}`] : [];
    } catch {
      return []; // readdir's own
    }
  });
}

/** Tells what was opened since it was made; the garbage collector may close an earlier test file's at any time. */
export function newFiles(): () => string[] {
  const before = new Set(openFiles());
  return () => openFiles().filter((file) => !before.has(file));
}
