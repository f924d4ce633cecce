// What the pools are given to do.

export const identity = (value) => value;

/** How many primes there are from `from` to below `to`, by trial division: nothing but processor time. */
export function countPrimes([from, to]) {
  let found = 0;
  for (let n = from; n < to; n++) if (isPrime(n)) found++;
  return found;
}

function isPrime(n) {
  if (n % 2 === 0) return n === 2;
  for (let divisor = 3; divisor * divisor <= n; divisor += 2) if (n % divisor === 0) return false;
  return n > 1;
}
