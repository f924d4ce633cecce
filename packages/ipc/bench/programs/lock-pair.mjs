import { Lock } from "@cordage/ipc";
import { count, report, secondsSync } from "../../../../scripts/bench/program.mjs";

const how = process.argv[2];
const n = count(5_000_000);
const lock = new Lock();

function pairs(times) {
  for (let i = 0; i < times; i++) {
    lock[how]();
    lock.release();
  }
}

pairs(n / 10);
report((secondsSync(() => pairs(n)) / n) * 1e9);
