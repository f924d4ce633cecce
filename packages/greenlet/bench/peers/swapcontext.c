/* CASE: glibc's contexts, which save the signal mask with a system call at each switch. Prints nanoseconds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

#define STACK (64 * 1024)

static ucontext_t outside, inside;
static long turns;

static void take_turns(void) {
  for (;;) {
    turns++;
    swapcontext(&inside, &outside);
  }
}

static void end_at_once(void) { turns++; }

static void make(void (*run)(void), void *stack) {
  getcontext(&inside);
  inside.uc_stack.ss_sp = stack;
  inside.uc_stack.ss_size = STACK;
  inside.uc_link = &outside;
  makecontext(&inside, run, 0);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  const char *scale = getenv("BENCH_SCALE");
  long n = 1000000 * (scale ? atof(scale) : 1);
  void *stack = malloc(STACK);
  int create = strcmp(argv[1], "create") == 0;
  make(take_turns, stack);
  double began = now();
  for (long i = 0; i < n; i++) {
    if (create) make(end_at_once, stack);
    swapcontext(&outside, &inside);
  }
  double took = now() - began;
  if (turns != n) return 1;
  printf("%f\n", took / n / (create ? 1 : 2));
  return 0;
}
