// What the floors share: how much work, and a clock.
#pragma once
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline long bench_count(long full) {
  const char *scale = getenv("BENCH_SCALE");
  long n = (long)((double)full * (scale ? atof(scale) : 1));
  return n < 2 ? 2 : n;
}

static inline double bench_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
