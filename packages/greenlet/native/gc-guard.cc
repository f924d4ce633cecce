#include "gc-guard.h"

#include "context-frame.h"

#if V8_MAJOR_VERSION >= 13

namespace {

void before(v8::Isolate *isolate, v8::GCType, v8::GCCallbackFlags, void *data) {
  auto *realm = static_cast<Realm *>(data);
  v8::HandleScope scope(isolate);
  ContextFrame frame = context_frame(isolate);
  if (frame.IsEmpty() || (frame->IsValue() && frame.As<v8::Value>()->IsUndefined())) return;
  realm->context_frame.Reset(isolate, frame);
  set_context_frame(isolate, v8::Undefined(isolate));
}

void after(v8::Isolate *isolate, v8::GCType, v8::GCCallbackFlags, void *data) {
  auto *realm = static_cast<Realm *>(data);
  if (realm->context_frame.IsEmpty()) return;
  v8::HandleScope scope(isolate);
  set_context_frame(isolate, realm->context_frame.Get(isolate));
  realm->context_frame.Reset();
}

}  // namespace

void guard_collections(Realm *realm) {
  realm->isolate->AddGCPrologueCallback(before, realm);
  realm->isolate->AddGCEpilogueCallback(after, realm);
}

void unguard_collections(Realm *realm) {
  realm->isolate->RemoveGCPrologueCallback(before, realm);
  realm->isolate->RemoveGCEpilogueCallback(after, realm);
}

#else

void guard_collections(Realm *) {}
void unguard_collections(Realm *) {}

#endif
