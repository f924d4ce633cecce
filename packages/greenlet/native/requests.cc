#include "requests.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <iterator>
#include <mutex>
#include <thread>
#include <vector>

#include "engine.h"
#include "search.h"

namespace {

// V8's bit for TerminateExecution; the others are interrupts.
constexpr uint32_t TERMINATE = 1;

// V8 keeps the flags at the beginning of an isolate, and the mutex somewhere: isolates have 40 KB and more.
constexpr size_t SEARCHED_FOR_FLAGS = 4096, SEARCHED_FOR_MUTEX = 128 * 1024;

// How often the whole isolate is looked at. The mutex is locked a good part of the time, so that one in three looks sees it.
constexpr int MOST_LOOKS = 300;

// V8's class of that mutex, whose functions the executable exports, and which is not the same in all versions. Until it is found: an object
// with all zeros is one of these, unlocked.
using Lock = void(void *mutex);
extern "C" [[gnu::weak]] Lock _ZN2v84base14RecursiveMutex4LockEv, _ZN2v84base14RecursiveMutex6UnlockEv;
Lock *const lock = _ZN2v84base14RecursiveMutex4LockEv, *const unlock = _ZN2v84base14RecursiveMutex6UnlockEv;

// More than it has.
struct alignas(16) MutexWords {
  int words[16] = {};
};

std::mutex searching;
int searches = 0;
RequestPlaces offsets;

char *at(v8::Isolate *isolate, size_t offset) { return reinterpret_cast<char *>(isolate) + offset; }
uint32_t &flags_at(v8::Isolate *isolate, size_t offset) { return *reinterpret_cast<uint32_t *>(at(isolate, offset)); }

// What is behind the isolate may be nobody's: the address sanitizer is not to mind.
[[gnu::no_sanitize_address]] int word_at(v8::Isolate *isolate, size_t offset) { return *reinterpret_cast<const volatile int *>(at(isolate, offset)); }

// How many bytes from the start of the isolate are there: its size is not known. The kernel looks, who does not crash.
size_t readable(v8::Isolate *isolate) {
  int ends[2];
  if (pipe(ends) != 0) return 0;
  constexpr size_t STEP = 4096;
  size_t bytes = 0;
  char drain;
  while (bytes < SEARCHED_FOR_MUTEX && syscall(SYS_write, ends[1], at(isolate, bytes + STEP - 1), 1) == 1 && read(ends[0], &drain, 1) == 1) bytes += STEP;
  close(ends[0]);
  close(ends[1]);
  return bytes;
}

// Where a mutex has the number of the thread that has locked it; the size of a mutex if nowhere.
size_t place_of_owner() {
  MutexWords mutex;
  lock(&mutex);
  const MutexWords locked = mutex;
  unlock(&mutex);
  const int *const end = std::end(locked.words);
  return static_cast<size_t>(std::find(locked.words, end, gettid()) - locked.words) * sizeof(int);
}

// Where the number of the calling thread comes and goes while it sets its limit, for which V8 locks the mutex of requests. 0 if nowhere.
size_t find_owner(v8::Isolate *isolate) {
  const int self = gettid();
  const size_t size = readable(isolate);
  std::vector<bool> always(size / sizeof(int));  // of what it has locked anyway
  for (size_t i = 0; i < always.size(); i++) always[i] = word_at(isolate, i * sizeof(int)) == self;
  std::atomic<bool> looking{true};
  std::atomic<unsigned> times_set{0};
  size_t found = 0;
  std::thread looker([&] {
    unsigned seen = 0;
    for (int looks = 0; looks < MOST_LOOKS && found == 0; looks++) {
      // The other thread may not run for long on a busy machine: looking again at what has not changed is no look.
      while (times_set == seen) std::this_thread::yield();
      seen = times_set;
      for (size_t offset = 0; offset < size && found == 0; offset += sizeof(void *))
        if (word_at(isolate, offset) == self && !always[offset / sizeof(int)]) found = offset;
    }
    looking = false;
  });
  const auto limit = reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) - LEAST_STACK;
  for (; looking; times_set++) isolate->SetStackLimit(limit);
  looker.join();
  return found;
}

// Whether a request waits for this mutex: it says so in the mutex.
bool keeps_out(v8::Isolate *isolate, size_t mutex) {
  const auto words = [&] {
    MutexWords now;
    for (size_t i = 0; i < 6; i++) now.words[i] = word_at(isolate, mutex + i * sizeof(int));
    return now;
  };
  std::atomic<bool> requested{false};
  lock(at(isolate, mutex));
  const MutexWords alone = words();
  std::thread requester([&] {
    isolate->RequestInterrupt([](v8::Isolate *, void *) {}, nullptr);
    requested = true;
  });
  while (!requested && std::equal(std::begin(alone.words), std::end(alone.words), words().words)) std::this_thread::yield();
  const bool waits = !requested;
  unlock(at(isolate, mutex));
  requester.join();
  return waits;
}

using Words = std::vector<uint32_t>;

Words beginning(v8::Isolate *isolate) {
  Words words(SEARCHED_FOR_FLAGS / sizeof(uint32_t));
  std::memcpy(words.data(), isolate, SEARCHED_FOR_FLAGS);
  return words;
}

// The word of which TerminateExecution sets the lowest bit, and nothing else, and CancelTerminateExecution clears it; the mutex is locked,
// so that nobody else requests anything. False if there is not exactly one, or if one was requested before.
bool find_flags(v8::Isolate *isolate, size_t *flags) {
  const Words before = beginning(isolate);
  isolate->TerminateExecution();
  const Words requested = beginning(isolate);
  isolate->CancelTerminateExecution();
  const Words cancelled = beginning(isolate);
  int found = 0;
  for (size_t i = 0; i < before.size(); i++) {
    if (requested[i] != (before[i] | TERMINATE) || requested[i] == before[i] || cancelled[i] != before[i]) continue;
    *flags = i * sizeof(uint32_t);
    found++;
  }
  return found == 1;
}

// By a thread that has the isolate to itself.
RequestPlaces search(v8::Isolate *isolate) {
  RequestPlaces result;
  const size_t owner = find_owner(isolate), place = place_of_owner();
  if (owner == 0 || place == sizeof(MutexWords)) return result;
  result.mutex = owner - place;
  lock(at(isolate, result.mutex));
  const bool found = find_flags(isolate, &result.flags);
  unlock(at(isolate, result.mutex));
  result.found = found && keeps_out(isolate, result.mutex);
  return result;
}

}  // namespace

void find_requests(v8::Isolate *isolate) {
  const std::lock_guard<std::mutex> guard(searching);
  if (!lock || !unlock || finds_nothing()) return;
  for (; !offsets.found && searches < MOST_SEARCHES; searches++) {
    const Outside outside(isolate);
    std::thread([isolate] {
      v8::Locker locker(isolate);
      v8::Isolate::Scope scope(isolate);
      offsets = search(isolate);
    }).join();
  }
}

bool recall_requests(double mutex, double flags) {
  const auto fits = [](double offset, size_t size, size_t alignment) {
    return offset >= 0 && offset + alignment <= size && std::fmod(offset, alignment) == 0;
  };
  if (!fits(mutex, SEARCHED_FOR_MUTEX, sizeof(void *)) || !fits(flags, SEARCHED_FOR_FLAGS, sizeof(uint32_t))) return false;
  const std::lock_guard<std::mutex> guard(searching);
  if (!offsets.found && lock && unlock && !finds_nothing()) offsets = {true, static_cast<size_t>(mutex), static_cast<size_t>(flags)};
  return true;
}

RequestPlaces request_places() { return offsets; }

void Requests::take() {
  if (!offsets.found) return;
  lock(at(isolate_, offsets.mutex));
  uint32_t &flags = flags_at(isolate_, offsets.flags);
  flags_ = flags;
  flags = 0;
}

// The last request has V8 look at all flags, and let the next check of the stack fail. What it was asked for before is in its queue.
void Requests::give() {
  if (!offsets.found) return;
  const uint32_t interrupts = flags_ & ~TERMINATE;
  flags_at(isolate_, offsets.flags) |= interrupts;
  unlock(at(isolate_, offsets.mutex));
  if (flags_ & TERMINATE) isolate_->TerminateExecution();
  if (interrupts) isolate_->RequestInterrupt([](v8::Isolate *, void *) {}, nullptr);
}
