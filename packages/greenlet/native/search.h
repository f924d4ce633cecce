// What is not V8's interface is looked for, by what it contains, and may not be found in a V8 that has changed: each search says what is done
// then. A test has them all find nothing.
//
// What other threads do in the middle of it lets a search fail now and then: an interrupt that is requested, a thread that is new to V8. Seen: one
// in hundreds on a busy machine. So each is made again a few times before its failure is believed.
#ifndef CORDAGE_SEARCH_H
#define CORDAGE_SEARCH_H

#include <cstdlib>

constexpr int MOST_SEARCHES = 8;

inline bool finds_nothing() { return std::getenv("CORDAGE_GREENLET_FIND_NOTHING") != nullptr; }

#endif
