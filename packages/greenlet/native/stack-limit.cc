#include "stack-limit.h"

#if V8_MAJOR_VERSION >= 14

#include <algorithm>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include "engine.h"
#include "search.h"

namespace {

// V8 keeps its limits at the beginning of an isolate, which is far larger.
constexpr size_t SEARCHED = 4096;

uintptr_t word_at(v8::Isolate *isolate, size_t offset) {
  uintptr_t word;
  std::memcpy(&word, reinterpret_cast<const char *>(isolate) + offset, sizeof word);
  return word;
}

std::vector<size_t> holding(v8::Isolate *isolate, uintptr_t limit) {
  isolate->SetStackLimit(limit);
  std::vector<size_t> offsets;
  for (size_t at = 0; at < SEARCHED; at += sizeof(uintptr_t))
    if (word_at(isolate, at) == limit) offsets.push_back(at);
  return offsets;
}

// Where the calling thread's limit is, by setting it to two values. V8 has it several times: while an interrupt is requested, a huge value
// is in some of these places.
std::vector<size_t> search(v8::Isolate *isolate) {
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const std::vector<size_t> one = holding(isolate, here - 128 * 1024 + 8), other = holding(isolate, here - 100 * 1024 + 24);
  return one == other ? one : std::vector<size_t>{};
}

std::mutex mutex;
bool searched = false;
std::vector<size_t> offsets;

void search_in_a_thread(v8::Isolate *isolate) {
  const Outside outside(isolate);
  std::thread([isolate] {
    const Inside inside(isolate);
    for (int searches = 0; offsets.empty() && searches < MOST_SEARCHES; searches++) offsets = search(isolate);
  }).join();
}

}  // namespace

void find_stack_limit(v8::Isolate *isolate) {
  const std::lock_guard<std::mutex> guard(mutex);
  if (searched || finds_nothing()) return;
  searched = true;
  search_in_a_thread(isolate);
  if (const uintptr_t own = stack_limit(isolate)) isolate->SetStackLimit(own);
}

uintptr_t stack_limit(v8::Isolate *isolate) {
  uintptr_t least = UINTPTR_MAX;
  for (const size_t offset : offsets) least = std::min(least, word_at(isolate, offset));
  return offsets.empty() ? 0 : least;
}

bool keeps_stack_limits() { return !offsets.empty(); }

#else

void find_stack_limit(v8::Isolate *) {}
uintptr_t stack_limit(v8::Isolate *) { return 0; }
bool keeps_stack_limits() { return true; }

#endif
