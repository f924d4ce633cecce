#include "slabs.h"

#include "address-sanitizer.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

// A page that faults, without a mapping of its own. Linux 6.13; elsewhere V8's stack limit, well above the bottom, is all there is.
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

namespace {
constexpr size_t PER_SLAB = 64;
constexpr size_t MOST_WARM = 64;
}  // namespace

struct Slab {
  char *base;
  size_t in_use;
};

Slabs::Slabs(size_t size) : size_(size) {}

Slabs::~Slabs() {
  for (auto &slab : slabs_) unmap(slab.get());
}

bool Slabs::grow() {
  void *base = mmap(nullptr, PER_SLAB * size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (base == MAP_FAILED) return false;
  // A huge page for each stack would be 2 MB of memory for the few kilobytes that most of them touch.
  madvise(base, PER_SLAB * size_, MADV_NOHUGEPAGE);
  slabs_.push_back(std::make_unique<Slab>(Slab{static_cast<char *>(base), 0}));
  Slab *slab = slabs_.back().get();
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  for (size_t i = 0; i < PER_SLAB; i++) {
    Stack stack{slab->base + i * size_, size_, slab, page};
    madvise(stack.bottom, stack.guard, MADV_GUARD_INSTALL);
    cold_.push_back(stack);
  }
  return true;
}

bool Slabs::take(Stack *stack) {
  auto &from = warm_.empty() ? cold_ : warm_;
  if (from.empty() && !grow()) return false;
  auto &found = warm_.empty() ? cold_ : warm_;
  *stack = found.back();
  found.pop_back();
  stack->slab->in_use++;
  ASAN_UNPOISON_MEMORY_REGION(stack->bottom, stack->size);  // the last frames of a fiber never return, and have left their marks
  return true;
}

void Slabs::give_back(const Stack &stack) {
  stack.slab->in_use--;
  if (warm_.size() < MOST_WARM) {
    warm_.push_back(stack);
    return;
  }
  madvise(stack.bottom, stack.size, MADV_DONTNEED);
  cold_.push_back(stack);
  if (stack.slab->in_use == 0 && cold_.size() > 2 * PER_SLAB) release(stack.slab);
}

void Slabs::release(Slab *slab) {
  const auto of_slab = [slab](const Stack &stack) { return stack.slab == slab; };
  if (std::any_of(warm_.begin(), warm_.end(), of_slab)) return;
  cold_.erase(std::remove_if(cold_.begin(), cold_.end(), of_slab), cold_.end());
  unmap(slab);
  slabs_.erase(std::find_if(slabs_.begin(), slabs_.end(), [slab](auto &one) { return one.get() == slab; }));
}

void Slabs::unmap(Slab *slab) {
  ASAN_UNPOISON_MEMORY_REGION(slab->base, PER_SLAB * size_);
  munmap(slab->base, PER_SLAB * size_);
}

size_t Slabs::mapped() const { return slabs_.size() * PER_SLAB * size_; }
