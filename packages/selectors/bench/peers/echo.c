// Load for an echo server, and the floor: an epoll server of its own.
// ./echo MODE CONNECTIONS floor | ./echo MODE CONNECTIONS COMMAND ... PORT, where PORT is replaced by a free port.
// MODE cpu: microseconds of the server's CPU per round trip of 64 bytes; rate: round trips per second; latency: microseconds
// of the median round trip; memory: bytes of the server's resident memory per connection that has echoed once and waits.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SIZE 64
#define MOST_LATENCIES (1 << 22)

static pid_t server;

static void fail(const char *what) {
  fprintf(stderr, "Error: %s: %s\n", what, strerror(errno));
  if (server > 0) kill(server, SIGKILL);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static int listener(int *port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  struct sockaddr_in address = loopback(*port);
  socklen_t size = sizeof address;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&address, size) || listen(fd, 1000) || getsockname(fd, (struct sockaddr *)&address, &size)) fail("listen");
  *port = ntohs(address.sin_port);
  return fd;
}

static void floor_server(int port) {
  int accepts = listener(&port), epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = accepts}, events[256];
  epoll_ctl(epoll, EPOLL_CTL_ADD, accepts, &event);
  static char buffer[1 << 16];
  for (;;) {
    int count = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd == accepts) {
        event.data.fd = accept4(accepts, NULL, NULL, SOCK_NONBLOCK);
        if (event.data.fd >= 0) epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
        continue;
      }
      ssize_t got = recv(fd, buffer, sizeof buffer, 0);
      if (got <= 0 || send(fd, buffer, (size_t)got, MSG_NOSIGNAL) != got) close(fd);
    }
  }
}

static void start(char **command, int words, int port) {
  server = fork();
  if (server < 0) fail("fork");
  if (server > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (strcmp(command[0], "floor") == 0) floor_server(port);
  char text[8];
  snprintf(text, sizeof text, "%d", port);
  for (int i = 0; i < words; i++)
    if (strcmp(command[i], "PORT") == 0) command[i] = text;
  execvp(command[0], command);
  fail(command[0]);
}

static int connected(int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  struct sockaddr_in address = loopback(port);
  if (fd < 0) fail("socket");
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) {
    close(fd);
    return -1;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct linger reset = {1, 0};  // no TIME_WAIT of ten thousand connections
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  return fd;
}

static int first_connection(int port) {
  for (int tries = 0; tries < 3000; tries++) {
    int fd = connected(port);
    if (fd >= 0) return fd;
    if (waitpid(server, NULL, WNOHANG) == server) fail("the server has ended");
    usleep(10000);
  }
  fail("the server does not listen");
  return -1;
}

// On-CPU time of all threads of the server, in microseconds: /proc/PID/task/TID/schedstat has it in nanoseconds.
static double cpu(void) {
  char path[300];
  snprintf(path, sizeof path, "/proc/%d/task", server);
  DIR *tasks = opendir(path);
  if (!tasks) fail(path);
  double total = 0;
  for (struct dirent *task; (task = readdir(tasks));) {
    unsigned long long nanoseconds;
    snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", server, task->d_name);
    FILE *file = task->d_name[0] == '.' ? NULL : fopen(path, "r");
    if (!file) continue;
    if (fscanf(file, "%llu", &nanoseconds) == 1) total += (double)nanoseconds / 1e3;
    fclose(file);
  }
  closedir(tasks);
  return total;
}

static double resident(void) {
  char path[64], line[200];
  long kilobytes = -1;
  snprintf(path, sizeof path, "/proc/%d/status", server);
  FILE *file = fopen(path, "r");
  while (file && fgets(line, sizeof line, file)) sscanf(line, "VmRSS: %ld", &kilobytes);
  if (!file || kilobytes < 0) fail(path);
  fclose(file);
  return (double)kilobytes * 1024;
}

typedef struct { int fd; int got; double sent; } connection_t;

static void ping(connection_t *c) {
  static char bytes[SIZE];
  c->got = 0;
  c->sent = now();
  if (send(c->fd, bytes, SIZE, MSG_NOSIGNAL) != SIZE) fail("send");
}

static float *latencies;
static size_t measured;

// Each connection sends, and sends again once everything has come back; for so many seconds, or once. Returns the round trips.
static double load(int epoll, connection_t *connections, int count, double seconds) {
  static char bytes[1 << 16];
  struct epoll_event events[256];
  double rounds = 0, end = now() + seconds;
  measured = 0;
  for (int i = 0; i < count; i++) ping(&connections[i]);
  for (int open = count; open > 0;) {
    int ready = epoll_wait(epoll, events, 256, 10000);
    if (ready <= 0) fail("an echo does not come");
    for (int i = 0; i < ready; i++) {
      connection_t *c = events[i].data.ptr;
      ssize_t got = recv(c->fd, bytes, sizeof bytes, 0);
      if (got <= 0) fail("the server closed a connection");
      if ((c->got += (int)got) < SIZE) continue;
      rounds++;
      double t = now();
      if (measured < MOST_LATENCIES) latencies[measured++] = (float)((t - c->sent) * 1e6);
      if (t < end) ping(c);
      else open--;
    }
  }
  return rounds;
}

static int compare(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  const char *mode = argv[1], *scaled = getenv("BENCH_SCALE");
  int count = atoi(argv[2]), port = 0;
  double scale = scaled ? atof(scaled) : 1;
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < (rlim_t)count + 100) {
    errno = EMFILE;
    fail("the limit of open files (ulimit -Hn) is too low");
  }
  close(listener(&port));
  start(argv + 3, argc - 3, port);
  connection_t *connections = calloc((size_t)count, sizeof *connections), once;
  latencies = malloc(MOST_LATENCIES * sizeof *latencies);
  int epoll = epoll_create1(0);
  once.fd = first_connection(port);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = &once};
  epoll_ctl(epoll, EPOLL_CTL_ADD, once.fd, &event);
  load(epoll, &once, 1, 0.5 * scale);
  double before = resident();
  for (int i = 0; i < count; i++) {
    if ((connections[i].fd = connected(port)) < 0) fail("connect");
    event.data.ptr = &connections[i];
    epoll_ctl(epoll, EPOLL_CTL_ADD, connections[i].fd, &event);
  }
  load(epoll, connections, count, 1 * scale);
  double after = resident(), used = cpu(), began = now();
  double rounds = load(epoll, connections, count, 2 * scale);
  double seconds = now() - began;
  used = cpu() - used;
  qsort(latencies, measured, sizeof *latencies, compare);
  double results[] = {used / rounds, rounds / seconds, latencies[measured / 2], (after - before) / count};
  const char *modes[] = {"cpu", "rate", "latency", "memory"};
  for (int i = 0; i < 4; i++)
    if (strcmp(mode, modes[i]) == 0) printf("%.3f\n", results[i]);
  kill(server, SIGKILL);
  waitpid(server, NULL, 0);
  return 0;
}
