// Stacks for the stack engine: cut from large mappings, because one mapping for each would pass vm.max_map_count at 65,000.
#ifndef CORDAGE_SLABS_H
#define CORDAGE_SLABS_H

#include <cstddef>
#include <memory>
#include <vector>

struct Slab;

struct Stack {
  char *bottom = nullptr;
  size_t size = 0;
  Slab *slab = nullptr;
  size_t guard = 0;  // bytes at the bottom that fault: a page, which is 64 KB in some systems on arm64
  char *lowest() const { return bottom + guard; }
  char *top() const { return bottom + size; }
};

// The stacks of one realm, all of one size. Not thread safe: a realm is one thread's.
class Slabs {
 public:
  explicit Slabs(size_t size);
  ~Slabs();
  // False if the system has no memory left.
  bool take(Stack *stack);
  void give_back(const Stack &stack);
  size_t mapped() const;  // bytes of address space

 private:
  bool grow();
  void release(Slab *slab);
  void unmap(Slab *slab);
  const size_t size_;
  std::vector<std::unique_ptr<Slab>> slabs_;
  std::vector<Stack> warm_;  // given back a moment ago: their first pages are there
  std::vector<Stack> cold_;  // without memory
};

#endif
