// Compares the leaves of two trees of different shapes, one by one: the walk is an ordinary recursive function, suspended at each leaf.
import { getCurrent, greenlet } from "@cordage/greenlet";

const END = Symbol("end");

function walk(tree) {
  if (Array.isArray(tree)) tree.forEach(walk);
  else getCurrent().parent.switch(tree);
}

function leavesOf(tree) {
  return greenlet(() => {
    walk(tree);
    return END;
  });
}

function sameFringe(a, b) {
  const [left, right] = [leavesOf(a), leavesOf(b)];
  try {
    for (;;) {
      const leaves = [left.switch(), right.switch()];
      if (leaves[0] !== leaves[1]) return `no: ${leaves.map(String).join(" is not ")}`;
      if (leaves[0] === END) return "yes";
    }
  } finally {
    for (const one of [left, right]) one.throw(); // whoever is suspended still is not forgotten
  }
}

console.log(sameFringe([1, [2, [3]]], [[1, 2], 3]));
console.log(sameFringe([1, [2, [3]]], [[1, 3], 3]));
console.log(sameFringe([1, 2], [1, [2, 4]]));

// Prints:
// yes
// no: 2 is not 3
// no: Symbol(end) is not 4
