#include "engine.h"
#include "gc-guard.h"

namespace {

void unlist(Fiber *fiber) {
  (fiber->before ? fiber->before->after : fiber->realm->first) = fiber->after;
  if (fiber->after) fiber->after->before = fiber->before;
}

void discard(Fiber *fiber) {
  unlist(fiber);
  delete fiber;
}

// Nobody in JavaScript has the handle any more. The stack of a parked fiber is lost with it: nobody can go on with it.
void handle_collected(const v8::WeakCallbackInfo<Fiber> &info) {
  Fiber *fiber = info.GetParameter();
  fiber->handle.Reset();
  if (fiber->state == State::parked) fiber->realm->lost++;
  if (fiber->state == State::fresh) discard(fiber);  // else its stack has it still; see reap, close_realm
}

// Takes the stack of a finished fiber back: in whoever runs next, as it could not itself.
void reap(Realm *realm) {
  Fiber *finished = realm->finished;
  if (!finished) return;
  realm->finished = nullptr;
  realm->engine->reclaim(finished);
  realm->fibers--;
  finished->state = State::fresh;
  if (finished->handle.IsEmpty() && !realm->closing) discard(finished);  // collected while it was parked
}

size_t callback_depth(const Realm *realm) { return realm->callback_depth ? *realm->callback_depth : 0; }

void set_callback_depth(const Realm *realm, size_t depth) {
  if (realm->callback_depth) *realm->callback_depth = depth;
}

// The one that is next; nullptr if JavaScript was unwound. `unwound`: whether that is why it is called again.
Fiber *call_body(Realm *realm, bool unwound) {
  v8::Isolate *isolate = realm->isolate;
  v8::HandleScope scope(isolate);
  v8::Local<v8::Context> context = realm->context.Get(isolate);
  v8::Context::Scope context_scope(context);
  v8::TryCatch caught(isolate);
  v8::Local<v8::Value> argument = v8::Boolean::New(isolate, unwound), next;
  if (!realm->body.Get(isolate)->Call(context, v8::Undefined(isolate), 1, &argument).ToLocal(&next)) return nullptr;
  return fiber_of(realm, next);
}

// Has the main fiber unwound next.
Fiber *unwind_main(Realm *realm) {
  realm->terminating = true;
  return realm->main.get();
}

// JavaScript was unwound, because the thread or the program of a node:vm is being ended. So it is next in the fiber that is returned. Requests
// may come in between again and again, so that JavaScript cannot say who that is.
Fiber *next_unwound(Realm *realm) {
  Fiber *next = nullptr;
  for (int tries = 0; !next && !realm->closing && tries < 3; tries++) {
    realm->isolate->CancelTerminateExecution();
    next = call_body(realm, true);
  }
  realm->isolate->CancelTerminateExecution();
  realm->terminating = true;
  return next ? next : realm->main.get();
}

// What was to happen in a fiber at the end of a switch, and has not begun.
void unwind_if_asked(Realm *realm) {
  if (!realm->terminating && !realm->closing) return;
  realm->terminating = false;
  realm->isolate->TerminateExecution();
}

// The stack of a fiber ends. If fibers of other realms have switched in between, it may be another one of this realm that runs on it by
// now, while this one was parked elsewhere: then the other one goes on there.
void leave_stack(Fiber *fiber) {
  Realm *realm = fiber->realm;
  Fiber *running = realm->current;
  if (running != fiber) {
    realm->engine->replace(running, fiber);
    running->state = State::parked;
  }
  fiber->state = State::finished;
  realm->finished = fiber;
}

}  // namespace

void set_current(Realm *realm, Fiber *fiber) {
  fiber->state = State::running;
  realm->current = fiber;
  *realm->running = fiber->number;
}

void list(Fiber *fiber, v8::Local<v8::Object> handle) {
  Realm *realm = fiber->realm;
  fiber->after = realm->first;
  if (realm->first) realm->first->before = fiber;
  realm->first = fiber;
  fiber->handle.Reset(realm->isolate, handle);
  fiber->handle.SetWeak(fiber, handle_collected, v8::WeakCallbackType::kParameter);
}

void go_to(Realm *realm, Fiber *target) {
  Fiber *self = realm->current;
  self->state = State::parked;
  set_current(realm, target);
  const size_t depth = callback_depth(realm);
  realm->engine->transfer(self, target);
  set_callback_depth(realm, depth);
  reap(realm);
}

Fiber *fiber_of_this_stack(const Realm *realm) {
  if (realm->engine->is_here(realm->current)) return realm->current;
  Fiber *fiber = realm->first;
  while (fiber && !realm->engine->is_here(fiber)) fiber = fiber->after;
  return fiber;
}

Fiber *run_body(Fiber *fiber) {
  Realm *realm = fiber->realm;
  reap(realm);
  set_callback_depth(realm, 1);  // it never is the outermost: what is due runs in the main fiber
  unwind_if_asked(realm);
  Fiber *next = call_body(realm, false);
  if (!next) next = next_unwound(realm);
  leave_stack(fiber);
  if (next->state != State::parked) next = unwind_main(realm);
  set_current(realm, next);
  return next;
}

void end_fibers(void *data) {
  auto *realm = static_cast<Realm *>(data);
  if (realm->closing) return;
  v8::HandleScope scope(realm->isolate);
  realm->closing = true;
  for (Fiber *fiber = realm->first; fiber; fiber = fiber->after) {
    if (fiber->state != State::parked) continue;
    go_to(realm, fiber);
  }
  realm->isolate->CancelTerminateExecution();
}

void close_realm(void *data) {
  auto *realm = static_cast<Realm *>(data);
  end_fibers(realm);
  v8::HandleScope scope(realm->isolate);
  unguard_collections(realm);
  while (realm->first) discard(realm->first);
  delete realm;
}
