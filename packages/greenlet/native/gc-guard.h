// Keeps AsyncLocalStorage whole in V8 13.6 and later (Node 24).
//
// Observed, not promised: the collector visits the continuation-preserved embedder data, where AsyncLocalStorage lives, once for the running
// thread and once for each archived one. A scavenge that visits a young root twice corrupts the heap. While a collection lasts, the value is
// therefore kept in a handle of our own, and the field is undefined.
//
// Each realm has a guard, and other copies of this library have theirs: whichever finds the value first keeps it and puts it back; the
// others find nothing to keep.
#ifndef CORDAGE_GC_GUARD_H
#define CORDAGE_GC_GUARD_H

#include "fiber.h"

void guard_collections(Realm *realm);
void unguard_collections(Realm *realm);

#endif
