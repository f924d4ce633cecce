#include "v8-thread.h"

#include <link.h>
#include <pthread.h>
#include <unistd.h>

#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

extern "C" void *__libc_stack_end;

namespace {

struct Block {
  char *base;
  size_t size;
};

// The thread-local variables of the executable, of which V8 is a part, in the calling thread.
Block executable_block() {
  Block found{nullptr, 0};
  dl_iterate_phdr(
      [](dl_phdr_info *info, size_t, void *data) {
        auto *block = static_cast<Block *>(data);
        for (int i = 0; i < info->dlpi_phnum; i++)
          if (info->dlpi_phdr[i].p_type == PT_TLS) *block = {static_cast<char *>(info->dlpi_tls_data), info->dlpi_phdr[i].p_memsz};
        return 1;  // the first one is the executable
      },
      &found);
  return found.base ? found : Block{nullptr, 0};
}

using Snapshot = std::vector<char>;

Snapshot snapshot() {
  const Block block = executable_block();
  return Snapshot(block.base, block.base + block.size);
}

struct Sample {
  Snapshot before, after;
  int kernel_id;
};

constexpr int SAMPLES = 3;

// What fresh threads find in their block before and after they have had the isolate.
std::vector<Sample> sample(v8::Isolate *isolate) {
  std::vector<Sample> samples;
  isolate->Exit();
  {
    v8::Unlocker unlocker(isolate);
    for (int i = 0; i < SAMPLES; i++) {
      std::thread([&] {
        Sample one{snapshot(), {}, gettid()};
        {
          v8::Locker locker(isolate);
          one.after = snapshot();
        }
        samples.push_back(std::move(one));
      }).join();
    }
  }
  isolate->Enter();
  return samples;
}

int word_at(const Snapshot &block, size_t offset) {
  int word;
  std::memcpy(&word, &block[offset], sizeof word);
  return word;
}

// An integer that was 0, and then one more in each next thread; but not the kernel's, which may be that too.
bool counts(const std::vector<Sample> &samples, size_t offset) {
  for (size_t i = 0; i < samples.size(); i++) {
    const Sample &one = samples[i];
    const int now = word_at(one.after, offset);
    if (word_at(one.before, offset) != 0 || now < 1 || now == one.kernel_id) return false;
    if (i > 0 && now != word_at(samples[i - 1].after, offset) + 1) return false;
  }
  return true;
}

const char *find_id(v8::Isolate *isolate, size_t *offset) {
  const std::vector<Sample> samples = sample(isolate);
  int found = 0;
  for (size_t at = 0; at + sizeof(int) <= samples[0].before.size(); at += sizeof(int)) {
    if (!counts(samples, at)) continue;
    *offset = at;
    found++;
  }
  if (found == 0) return "V8's id of the running thread was not found";
  return found == 1 ? nullptr : "V8's id of the running thread was found more than once";
}

void *stack_top() {
  pthread_attr_t attributes;
  void *bottom = nullptr;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return nullptr;
  pthread_attr_getstack(&attributes, &bottom, &size);
  pthread_attr_destroy(&attributes);
  return static_cast<char *>(bottom) + size;
}

bool is_start(void *value) { return value && (value == stack_top() || value == __libc_stack_end); }

const char *find_start(v8::Isolate *isolate, size_t *offset) {
  isolate->Enter();  // V8 looks it up no later than now
  isolate->Exit();
  const Block block = executable_block();
  int found = 0;
  for (size_t at = 0; at + sizeof(void *) <= block.size; at += sizeof(void *)) {
    void *value;
    std::memcpy(&value, block.base + at, sizeof value);
    if (!is_start(value)) continue;
    *offset = at;
    found++;
  }
  if (found == 0) return "V8's start of the stack was not found";
  return found == 1 ? nullptr : "V8's start of the stack was found more than once";
}

// Where in the block they are is a property of the executable.
struct Offsets {
  std::mutex mutex;
  bool known = false;
  const char *problem = nullptr;
  size_t id = 0, start = 0;
};
Offsets offsets;

}  // namespace

const char *find_v8_thread(v8::Isolate *isolate, V8Thread *thread) {
  const std::lock_guard<std::mutex> guard(offsets.mutex);
  if (!offsets.known) {
    offsets.problem = executable_block().size == 0 ? "the executable has no thread-local variables" : find_id(isolate, &offsets.id);
    if (!offsets.problem) offsets.problem = find_start(isolate, &offsets.start);
    offsets.known = true;
  }
  if (offsets.problem) return offsets.problem;
  isolate->Enter();
  isolate->Exit();
  char *base = executable_block().base;
  *thread = {reinterpret_cast<int *>(base + offsets.id), reinterpret_cast<void **>(base + offsets.start)};
  if (*thread->id < 1) return "V8's id of this thread is none";
  return is_start(*thread->stack_start) ? nullptr : "V8's start of this thread's stack is none";
}
