#include "bench.h"
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
  pthread_mutex_t mutex;
  volatile long value;
};

static void count_up(struct shared *s, long n) {
  for (long i = 0; i < n; i++) {
    pthread_mutex_lock(&s->mutex);
    s->value++;
    pthread_mutex_unlock(&s->mutex);
  }
}

int main(void) {
  struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&s->mutex, &attributes);
  long n = bench_count(2000000);
  double began = bench_now();
  if (fork() == 0) {
    count_up(s, n);
    _exit(0);
  }
  count_up(s, n);
  wait(NULL);
  printf("%f\n", 2.0 * (double)n / (bench_now() - began));
  return 0;
}
