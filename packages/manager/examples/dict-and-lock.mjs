// Four processes pay into one account. Reading, adding and writing are three steps: a lock makes them one.
import { Manager } from "@cordage/manager";
import { isMain, Process } from "@cordage/process";

export async function pay(accounts, lock, who) {
  for (let i = 0; i < 25; i++) {
    await lock.acquire();
    try {
      const balance = await accounts.get("balance");
      await accounts.set("balance", balance + 1);
    } finally {
      await lock.release();
    }
  }
  accounts.sync[who] = "done"; // what follows `sync` blocks the thread, as in Python
}

if (isMain(import.meta)) {
  const manager = await Manager();
  const accounts = await manager.dict({ balance: 0 });
  const lock = await manager.Lock();
  const people = ["ann", "bob", "cy", "di"].map((who) => new Process({ target: pay, args: [accounts, lock, who] }));
  for (const person of people) person.start();
  for (const person of people) await person.join();
  console.log("balance", await accounts.get("balance"));
  console.log("done", (await accounts.keys()).filter((key) => key !== "balance").sort());
  console.log("by one step", await accounts.increment("balance", 10));
  await manager.shutdown();
}

// Prints:
// balance 100
// done [ 'ann', 'bob', 'cy', 'di' ]
// by one step 110
