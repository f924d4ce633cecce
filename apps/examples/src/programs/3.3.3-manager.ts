// Section 3.3.3, "manager"; the Python original is python/3.3.3-manager.py.
import { type DictProxy, type ListProxy, Manager } from "@cordage/manager";
import { isMain, Process } from "@cordage/process";
import { print } from "../builtins/print.js";

export function f(d: DictProxy, l: ListProxy<number>, n: number) {
  d.sync[n] = n;
  // biome-ignore lint/complexity/useLiteralKeys: as the document writes it
  d.sync["name"] = "alvin";
  l.sync.push(n);
}

if (isMain(import.meta)) {
  await using manager = await Manager();
  const d = await manager.dict();
  const l = await manager.list([0, 1, 2, 3, 4]);
  const pList = [];
  for (let i = 0; i < 10; i++) {
    const p = new Process({ target: f, args: [d, l, i] });
    p.start();
    pList.push(p);
  }
  for (const res of pList) await res.join();
  print(await d.getValue());
  print(await l.getValue());
}
