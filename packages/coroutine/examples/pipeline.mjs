// A pipeline as the generator tutorials build them: lines of this package's licence are pushed into it, each stage sends on.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { primed } from "@cordage/coroutine";

/** Pushes the lines of a file. The end of the file closes the pipeline, stage by stage. */
async function source(file, target) {
  for await (const line of createInterface({ input: createReadStream(file) })) target.send(line);
  target.close();
}

const words = primed(function* (target) {
  try {
    for (;;) for (const word of (yield).toLowerCase().match(/[a-z]+/g) ?? []) target.send(word);
  } finally {
    target.close();
  }
});

const filter = primed(function* (wanted, target) {
  try {
    for (let item = yield; ; item = yield) if (wanted(item)) target.send(item);
  } finally {
    target.close();
  }
});

const broadcast = primed(function* (...targets) {
  try {
    for (;;) {
      const item = yield;
      for (const target of targets) target.send(item);
    }
  } finally {
    for (const target of targets) target.close();
  }
});

/** Counts until it is closed; then it says what it has counted. */
const counter = primed(function* (title, keyOf) {
  const counts = new Map();
  try {
    for (let key = keyOf(yield); ; key = keyOf(yield)) counts.set(key, (counts.get(key) ?? 0) + 1);
  } finally {
    const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3);
    console.log(`${title}: ${most.map(([key, count]) => `${key} (${count})`).join(", ")}`);
  }
});

const sinks = broadcast(
  counter("words", String),
  counter("first letters", (word) => word[0]),
);
await source(new URL("../LICENSE", import.meta.url), words(filter((word) => word.length > 3, sinks)));

// Prints:
// words: software (9), copyright (3), without (3)
// first letters: s (15), c (13), p (10)
