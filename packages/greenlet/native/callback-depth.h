// Keeps Node's ticks and the reactions of promises going while a fiber is parked inside of a callback from C++.
//
// What Node promises: they run when the outermost callback from C++ (node::CallbackScope, napi_make_callback) has ended. What it does, seen in
// Node 20 to 26: an environment counts the callbacks that have not ended. One in which a fiber is parked would keep it above zero, and
// everybody's promises waiting, until that fiber goes on. So each stack has a count of its own. Node has no function that tells it: it is
// read and written where callbacks are seen to change it.
#ifndef CORDAGE_CALLBACK_DEPTH_H
#define CORDAGE_CALLBACK_DEPTH_H

#include <v8.h>

// Where the count of the environment that is entered is; nullptr where that was not found, so that all stacks share it.
size_t *find_callback_depth(v8::Isolate *isolate);

#endif
