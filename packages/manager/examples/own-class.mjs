// Objects of a class of one's own, in the server. Methods whose names start with an underscore stay there.
import { BaseManager } from "@cordage/manager";
import { isMain, Process } from "@cordage/process";

export class Poll {
  #votes = new Map();

  constructor(question) {
    this.question = question;
  }

  vote(answer) {
    if (typeof answer !== "string") throw new TypeError("an answer must be a string");
    this.#votes.set(answer, this._votesFor(answer) + 1);
  }

  result() {
    return [this.question, Object.fromEntries(this.#votes)];
  }

  _votesFor(answer) {
    return this.#votes.get(answer) ?? 0;
  }
}

class Polls extends BaseManager {}
Polls.register("Poll", Poll);

export async function voter(poll, answer) {
  await poll.vote(answer);
}

if (isMain(import.meta)) {
  const manager = new Polls();
  await manager.start();
  const poll = await manager.Poll("tea or coffee?");
  const voters = ["tea", "coffee", "tea"].map((answer) => new Process({ target: voter, args: [poll, answer] }));
  for (const process of voters) process.start();
  for (const process of voters) await process.join();
  const [question, { tea, coffee }] = await poll.result();
  console.log(question, "tea", tea, "coffee", coffee);
  await poll.vote(1).catch((error) => console.log(error.name, error.message, "|", error.cause.code));
  console.log("_votesFor" in poll, await manager.numberOfObjects());
  await manager.shutdown();
}

// Prints:
// tea or coffee? tea 2 coffee 1
// TypeError an answer must be a string | ERR_REMOTE
// false 1
