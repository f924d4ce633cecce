import { getContext, isMain, setForkserverPreload } from "@cordage/process";
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";

export function nothing() {}

if (isMain(import.meta)) {
  const method = process.argv[2];
  const { Process } = getContext(method);
  if (process.argv[3] === "preload") setForkserverPreload([import.meta.url]);
  const n = count(method === "spawn" ? 20 : 100);
  const startAndJoin = async () => {
    const child = new Process({ target: nothing });
    child.start();
    await child.join();
    if (child.exitcode !== 0) throw new Error(`the child ended with ${child.exitcode}`);
  };
  await startAndJoin(); // a fork server boots once
  const took = await seconds(async () => {
    for (let i = 0; i < n; i++) await startAndJoin();
  });
  report((took / n) * 1e3);
}
