// SIZE bytes to another process and back over a socket pair: microseconds, or MB/s for more than a page.
#include "bench.h"
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void all(int fd, char *bytes, long size, int writing) {
  for (long done = 0; done < size;) {
    ssize_t r = writing ? write(fd, bytes + done, (size_t)(size - done)) : read(fd, bytes + done, (size_t)(size - done));
    if (r <= 0) _exit(0);
    done += r;
  }
}

int main(int argc, char **argv) {
  long size = argc > 1 ? atol(argv[1]) : 32;
  long n = bench_count(size > 4096 ? 500 : 30000);
  char *bytes = malloc((size_t)size);
  memset(bytes, 1, (size_t)size);
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 1;
  if (fork() == 0) {
    close(ends[0]);
    for (;;) {
      all(ends[1], bytes, size, 0);
      all(ends[1], bytes, size, 1);
    }
  }
  close(ends[1]);
  double began = bench_now();
  for (long i = 0; i < n; i++) {
    all(ends[0], bytes, size, 1);
    all(ends[0], bytes, size, 0);
  }
  double took = bench_now() - began;
  printf("%f\n", size > 4096 ? 2.0 * (double)size * (double)n / took / 1e6 : took / (double)n * 1e6);
  close(ends[0]);
  wait(NULL);
  return 0;
}
