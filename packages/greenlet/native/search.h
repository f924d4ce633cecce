// What is not V8's interface is looked for, by what it contains, and may not be found in a V8 that has changed: each search says what is done
// then. A test has them all find nothing.
#ifndef CORDAGE_SEARCH_H
#define CORDAGE_SEARCH_H

#include <cstdlib>

inline bool finds_nothing() { return std::getenv("CORDAGE_GREENLET_FIND_NOTHING") != nullptr; }

#endif
