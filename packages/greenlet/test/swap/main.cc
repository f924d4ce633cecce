// Switches among stacks at random, without V8: what a callee must keep is kept, a fresh stack is aligned and has an end that debuggers find.
// Prints what was done; ends with 1 where something is wrong. argv: a seed.
#include <execinfo.h>

#include <cfenv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "../../native/slabs.h"
#include "../../native/swap.h"
#include "hold.h"

namespace {

constexpr int STACKS = 8, SWITCHES = 20'000;
constexpr int ROUNDING[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};

struct Task {
  void *parked = nullptr;
  int rounding = FE_TONEAREST;
  int rounds = 0;
};

// The last one is the main stack.
Task tasks[STACKS + 1];
size_t running = STACKS;
uint64_t seed;

// Source: splitmix64, Vigna.
uint64_t number() {
  uint64_t mixed = seed += 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

void check(bool right, const char *what) {
  if (right) return;
  std::printf("wrong: %s, on stack %zu in its round %d\n", what, running, tasks[running].rounds);
  std::fflush(stdout);
  std::_Exit(1);
}

size_t other() {
  const size_t next = number() % STACKS;
  return next < running ? next : next + 1;
}

// Goes to another stack with all registers full, and compares when somebody has come back.
void visit(size_t next) {
  const size_t self = running;
  Registers written, read;
  uint64_t words[sizeof written / sizeof(uint64_t)];
  for (uint64_t &word : words) word = number();
  std::memcpy(&written, words, sizeof written);
  read = written;
  running = next;
  hold(&tasks[self].parked, tasks[next].parked, &read);
  check(running == self, "another stack goes on");
  check(std::memcmp(&written, &read, sizeof read) == 0, "a register has changed");
  check(std::fegetround() == tasks[self].rounding, "another stack's rounding");
  tasks[self].rounds++;
}

// Not only the control word: what the processor does with it.
bool rounds_as(int rounding) {
  volatile double one = 1, three = 3;
  const double third = one / three, minus = -one / three;
  const bool up = third > 1.0 / 3.0, minus_down = minus < -1.0 / 3.0;
  return up == (rounding == FE_UPWARD) && minus_down == (rounding == FE_DOWNWARD);
}

// This function, `enter`, and where a fresh stack begins: whoever looks further reads what is not the stack's.
[[gnu::noinline]] void find_end() {
  void *frames[64];
  check(backtrace(frames, 64) == 3, "a backtrace does not end with the stack");
}

[[gnu::noinline]] void deep(int n) {
  volatile char frame[512];
  std::memset(const_cast<char *>(frame), n, sizeof frame);
  if (n > 0) deep(n - 1);
  else visit(other());
  for (const volatile char &byte : frame) check(byte == static_cast<char>(n), "a frame has changed");
}

void enter() {
  check(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) % 16 == 0, "the stack is not aligned");
  check(std::fegetround() == FE_UPWARD, "a fresh stack has not its maker's rounding");
  find_end();
  Task &self = tasks[running];
  self.rounding = ROUNDING[running % 4];
  std::fesetround(self.rounding);
  for (;;) {
    deep(static_cast<int>(number() % 40));
    check(rounds_as(self.rounding), "rounds as another stack");
  }
}

}  // namespace

int main(int argc, char **argv) {
  seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  Slabs slabs(128 * 1024);
  std::fesetround(FE_UPWARD);
  tasks[STACKS].rounding = FE_UPWARD;
  for (int i = 0; i < STACKS; i++) {
    Stack stack;
    check(slabs.take(&stack), "there is no memory");
    tasks[static_cast<size_t>(i)].parked = fresh_stack(stack.top() - 8 * i, enter);
  }
  for (int total = 0; total < SWITCHES;) {
    visit(other());
    total = 0;
    for (const Task &task : tasks) total += task.rounds;
  }
  for (const Task &task : tasks) check(task.rounds > SWITCHES / STACKS / 2, "a stack was left out");
  std::puts("switched");
}
