#include "callback-depth.h"

#include <node.h>

#include <cstring>
#include <iterator>
#include <mutex>
#include <vector>

namespace {

// Node has it in the middle of an environment, which is a little larger.
constexpr size_t SEARCHED = 3000 / sizeof(size_t);

using Snapshot = std::vector<size_t>;

Snapshot snapshot(const void *environment) {
  Snapshot words(SEARCHED);
  std::memcpy(words.data(), environment, SEARCHED * sizeof(size_t));
  return words;
}

// What is there before, in and after callbacks in callbacks.
void nest(v8::Isolate *isolate, const void *environment, int levels, std::vector<Snapshot> *seen) {
  seen->push_back(snapshot(environment));
  if (levels == 0) return;
  {
    const node::CallbackScope scope(isolate, v8::Object::New(isolate), {0, 0});
    nest(isolate, environment, levels - 1, seen);
  }
  seen->push_back(snapshot(environment));
}

bool counts(const std::vector<Snapshot> &seen, size_t at) {
  constexpr size_t EXPECTED[] = {0, 1, 2, 3, 2, 1, 0}, MOST = 1000;
  const size_t first = seen[0][at];
  for (size_t i = 0; i < std::size(EXPECTED); i++)
    if (seen[i][at] != first + EXPECTED[i]) return false;
  return first < MOST;
}

// Where in an environment is a property of the executable; 0 for nowhere.
size_t search(v8::Isolate *isolate, const void *environment) {
  std::vector<Snapshot> seen;
  nest(isolate, environment, 3, &seen);
  size_t found = 0, where = 0;
  for (size_t at = 1; at < SEARCHED; at++) {
    if (!counts(seen, at)) continue;
    where = at;
    found++;
  }
  return found == 1 ? where : 0;
}

std::mutex mutex;
bool searched = false;
size_t offset = 0;

}  // namespace

size_t *find_callback_depth(v8::Isolate *isolate) {
  const v8::HandleScope scope(isolate);
  auto *environment = reinterpret_cast<size_t *>(node::GetCurrentEnvironment(isolate->GetCurrentContext()));
  if (!environment) return nullptr;
  const std::lock_guard<std::mutex> guard(mutex);
  if (!searched) offset = search(isolate, environment);
  searched = true;
  return offset ? environment + offset : nullptr;
}
