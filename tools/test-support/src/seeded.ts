/** Whole numbers that look random, the same ones for the same seed: mulberry32. */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Another one for each run; CORDAGE_SEED repeats one. For the name of a test, so that it is printed. */
export const seed = Number(process.env.CORDAGE_SEED ?? Math.floor(Math.random() * 2 ** 31));
