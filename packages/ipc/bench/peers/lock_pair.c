#include "bench.h"
#include <pthread.h>

int main(void) {
  pthread_mutexattr_t shared;
  pthread_mutexattr_init(&shared);
  pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
  pthread_mutex_t mutex;
  pthread_mutex_init(&mutex, &shared);
  long n = bench_count(20000000);
  double began = bench_now();
  for (long i = 0; i < n; i++) {
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
  }
  printf("%f\n", (bench_now() - began) / (double)n * 1e9);
  return 0;
}
