// A map and a list behind messages, as one writes it by hand: [id, operation, key, value] and [id, result].

/** The server's side: answers a request. */
export function makeStore() {
  const map = new Map(Array.from({ length: 1000 }, (_, i) => [i, i]));
  const list = [];
  const operations = {
    set: (key, value) => void map.set(key, value),
    get: (key) => map.get(key),
    push: (value) => list.push(value),
  };
  return ([id, operation, ...args]) => [id, operations[operation](...args)];
}

/** The client's side, over whatever sends a request; `answered` is to be called with each answer. */
export function makeClient(send) {
  const waiting = new Map();
  let last = 0;
  const call = (...request) =>
    new Promise((resolve) => {
      waiting.set(++last, resolve);
      send([last, ...request]);
    });
  return {
    set: (key, value) => call("set", key, value),
    get: (key) => call("get", key),
    push: (value) => call("push", value),
    answered([id, result]) {
      waiting.get(id)(result);
      waiting.delete(id);
    },
  };
}
