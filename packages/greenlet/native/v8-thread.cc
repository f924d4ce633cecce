#include "v8-thread.h"

#include "engine.h"
#include "search.h"

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

// The end, exclusive, of the calling thread's stack; nullptr where nobody knows it.
void *stack_top() {
  pthread_attr_t attributes;
  void *bottom = nullptr;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return nullptr;
  pthread_attr_getstack(&attributes, &bottom, &size);
  pthread_attr_destroy(&attributes);
  return static_cast<char *>(bottom) + size;
}

struct Sample {
  Snapshot before, after;
  int kernel_id;
  void *top;
};

constexpr int SAMPLES = 3;

// What fresh threads find in their block before and after they have had the isolate. Not what this one finds: it may be on the stack of
// another copy of this library, which has its own values there.
std::vector<Sample> sample(v8::Isolate *isolate) {
  std::vector<Sample> samples;
  const Outside outside(isolate);
  for (int i = 0; i < SAMPLES; i++) {
    std::thread([&] {
      Sample one{snapshot(), {}, gettid(), stack_top()};
      {
        const Inside inside(isolate);  // V8 looks up the start of the stack no later than now
        one.after = snapshot();
      }
      samples.push_back(std::move(one));
    }).join();
  }
  return samples;
}

template <typename Word>
Word word_at(const Snapshot &block, size_t offset) {
  Word word;
  std::memcpy(&word, &block[offset], sizeof word);
  return word;
}

// An integer that was 0, and then one more in each next thread; but not the kernel's, which may be that too.
bool is_id(const std::vector<Sample> &samples, size_t offset) {
  for (size_t i = 0; i < samples.size(); i++) {
    const Sample &one = samples[i];
    const int now = word_at<int>(one.after, offset);
    if (word_at<int>(one.before, offset) != 0 || now < 1 || now == one.kernel_id) return false;
    if (i > 0 && now != word_at<int>(samples[i - 1].after, offset) + 1) return false;
  }
  return true;
}

bool is_start(const std::vector<Sample> &samples, size_t offset) {
  for (const Sample &one : samples)
    if (!one.top || word_at<void *>(one.after, offset) != one.top) return false;
  return true;
}

// How many words in the block are what `is` asks for, and where the last of them is.
template <typename Word>
int count(const std::vector<Sample> &samples, bool (*is)(const std::vector<Sample> &, size_t), size_t *offset) {
  int found = 0;
  for (size_t at = 0; at + sizeof(Word) <= samples[0].after.size(); at += sizeof(Word)) {
    if (!is(samples, at)) continue;
    *offset = at;
    found++;
  }
  return found;
}

// Where in the block they are is a property of the executable.
struct Offsets {
  std::mutex mutex;
  bool known = false;
  const char *problem = nullptr;
  size_t id = 0, start = 0;
};
Offsets offsets;

const char *find_offsets(v8::Isolate *isolate) {
  if (finds_nothing()) return "V8's id of the running thread was not looked for";
  if (executable_block().size == 0) return "the executable has no thread-local variables";
  const std::vector<Sample> samples = sample(isolate);
  const int ids = count<int>(samples, is_id, &offsets.id), starts = count<void *>(samples, is_start, &offsets.start);
  if (ids != 1) return ids == 0 ? "V8's id of the running thread was not found" : "V8's id of the running thread was found more than once";
  if (starts != 1) return starts == 0 ? "V8's start of the stack was not found" : "V8's start of the stack was found more than once";
  return nullptr;
}

// Whether V8 may take this for the start of the running stack: that of this thread, or, on a stack that a copy of this library made, its
// top, which is not far.
bool plausible_start(void *start) {
  if (start && (start == stack_top() || start == __libc_stack_end)) return true;
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0)), end = reinterpret_cast<uintptr_t>(start);
  return end > here && end - here <= MOST_STACK;
}

}  // namespace

const char *find_v8_thread(v8::Isolate *isolate, V8Thread *thread) {
  const std::lock_guard<std::mutex> guard(offsets.mutex);
  for (int searches = 0; !offsets.known && searches < MOST_SEARCHES; searches++) {
    offsets.problem = find_offsets(isolate);
    offsets.known = !offsets.problem;
  }
  offsets.known = true;
  if (offsets.problem) return offsets.problem;
  char *base = executable_block().base;
  *thread = {reinterpret_cast<int *>(base + offsets.id), reinterpret_cast<void **>(base + offsets.start)};
  if (*thread->id < 1) return "V8's id of this thread is none";
  return plausible_start(*thread->stack_start) ? nullptr : "V8's start of this thread's stack is none";
}
