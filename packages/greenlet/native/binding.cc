// @cordage/greenlet's native edge: stacks that JavaScript runs on, and going from one to another. Everything that is Python's
// (parents, values, errors, death) is TypeScript.
#include "context-frame.h"
#include "engine.h"
#include "gc-guard.h"

#include <cmath>
#include <cstring>

namespace {

constexpr double LEAST_STACK = 96 * 1024, MOST_STACK = 1 << 30;

v8::Local<v8::String> text(v8::Isolate *isolate, const char *chars) {
  return v8::String::NewFromUtf8(isolate, chars).ToLocalChecked();
}

void fail(v8::Isolate *isolate, const char *code, const char *message) {
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::Local<v8::Object> error = v8::Exception::Error(text(isolate, message)).As<v8::Object>();
  if (error->Set(context, text(isolate, "code"), text(isolate, code)).IsNothing()) return;
  isolate->ThrowException(error);
}

#if V8_MAJOR_VERSION >= 14
constexpr v8::EmbedderDataTypeTag TAG = 0;
void *pointer_in(v8::Local<v8::Object> object) { return object->GetAlignedPointerFromInternalField(0, TAG); }
void set_pointer(v8::Local<v8::Object> object, void *pointer) { object->SetAlignedPointerInInternalField(0, pointer, TAG); }
Realm *realm_of(const v8::FunctionCallbackInfo<v8::Value> &info) {
  return static_cast<Realm *>(info.Data().As<v8::External>()->Value(v8::kExternalPointerTypeTagDefault));
}
v8::Local<v8::External> external(v8::Isolate *isolate, void *pointer) {
  return v8::External::New(isolate, pointer, v8::kExternalPointerTypeTagDefault);
}
#else
void *pointer_in(v8::Local<v8::Object> object) { return object->GetAlignedPointerFromInternalField(0); }
void set_pointer(v8::Local<v8::Object> object, void *pointer) { object->SetAlignedPointerInInternalField(0, pointer); }
Realm *realm_of(const v8::FunctionCallbackInfo<v8::Value> &info) {
  return static_cast<Realm *>(info.Data().As<v8::External>()->Value());
}
v8::Local<v8::External> external(v8::Isolate *isolate, void *pointer) { return v8::External::New(isolate, pointer); }
#endif

// The fiber of a handle that this realm made; nullptr for anything else.
Fiber *fiber_of(Realm *realm, v8::Local<v8::Value> value) {
  if (value.IsEmpty() || !value->IsObject()) return nullptr;
  if (!realm->handle_class.Get(realm->isolate)->HasInstance(value)) return nullptr;
  return static_cast<Fiber *>(pointer_in(value.As<v8::Object>()));
}

void list(Fiber *fiber) {
  Realm *realm = fiber->realm;
  fiber->after = realm->first;
  if (realm->first) realm->first->before = fiber;
  realm->first = fiber;
}

void unlist(Fiber *fiber) {
  (fiber->before ? fiber->before->after : fiber->realm->first) = fiber->after;
  if (fiber->after) fiber->after->before = fiber->before;
}

void discard(Fiber *fiber) {
  fiber->realm->fibers--;
  unlist(fiber);
  delete fiber;
}

// Nobody in JavaScript has the handle any more. The stack of a parked fiber is lost with it: nobody can go on with it.
void handle_collected(const v8::WeakCallbackInfo<Fiber> &info) {
  Fiber *fiber = info.GetParameter();
  fiber->handle.Reset();
  if (fiber->state == State::parked) {
    fiber->realm->lost++;
    return;  // its stack has it still; see close_realm
  }
  discard(fiber);
}

v8::MaybeLocal<v8::Object> make_handle(Realm *realm, Fiber *fiber) {
  v8::Isolate *isolate = realm->isolate;
  v8::Local<v8::Object> handle;
  if (!realm->handle_class.Get(isolate)->InstanceTemplate()->NewInstance(isolate->GetCurrentContext()).ToLocal(&handle)) return {};
  set_pointer(handle, fiber);
  fiber->handle.Reset(isolate, handle);
  return handle;
}

// create() -> the handle of a fresh fiber
void create(const v8::FunctionCallbackInfo<v8::Value> &info) {
  Realm *realm = realm_of(info);
  auto fiber = std::make_unique<Fiber>(realm);
  v8::Local<v8::Object> handle;
  if (!make_handle(realm, fiber.get()).ToLocal(&handle)) return;
  realm->fibers++;
  Fiber *made = fiber.release();
  list(made);
  made->handle.SetWeak(made, handle_collected, v8::WeakCallbackType::kParameter);
  info.GetReturnValue().Set(handle);
}

void reap(Realm *realm) {
  Fiber *finished = realm->finished;
  if (!finished) return;
  realm->finished = nullptr;
  realm->engine->reclaim(finished);
  if (finished->handle.IsEmpty() && !realm->closing) discard(finished);  // collected while it was parked
}

void go_to(Realm *realm, Fiber *target) {
  Fiber *self = realm->current;
  self->state = State::parked;
  target->state = State::running;
  realm->current = target;
  realm->engine->transfer(self, target);
  reap(realm);
}

// prepare(handle): gives a fresh fiber a stack, so that it can be switched to
void prepare(const v8::FunctionCallbackInfo<v8::Value> &info) {
  Realm *realm = realm_of(info);
  v8::Isolate *isolate = info.GetIsolate();
  Fiber *fiber = fiber_of(realm, info[0]);
  if (!fiber || !realm->engine) return fail(isolate, "ERR_INVALID_ARG_TYPE", "native edge: expected a fiber of this thread");
  if (fiber->state != State::fresh) return fail(isolate, "ERR_INVALID_STATE", "native edge: the fiber has a stack, or had one");
  if (!realm->engine->prepare(fiber))
    return fail(isolate, "ERR_MEMORY_ALLOCATION_FAILED", "cannot start a greenlet: the system has no memory for another stack");
  fiber->state = State::parked;
}

// switchTo(handle): parks the running fiber, and returns when somebody switches to it
void switch_to(const v8::FunctionCallbackInfo<v8::Value> &info) {
  Realm *realm = realm_of(info);
  v8::Isolate *isolate = info.GetIsolate();
  Fiber *target = fiber_of(realm, info[0]);
  if (realm->closing) return void(isolate->TerminateExecution());
  if (!target) return fail(isolate, "ERR_INVALID_ARG_TYPE", "native edge: expected a fiber of this thread");
  if (target->state != State::parked) return fail(isolate, "ERR_INVALID_STATE", "native edge: the fiber is not parked");
  ContextFrame frame = context_frame(isolate);
  go_to(realm, target);
  if (realm->terminating) {
    realm->terminating = realm->closing;
    isolate->TerminateExecution();
    return;
  }
  set_context_frame(isolate, frame);
}

// mainFiber() -> the handle of the fiber on the thread's own stack
void main_fiber(const v8::FunctionCallbackInfo<v8::Value> &info) {
  Realm *realm = realm_of(info);
  info.GetReturnValue().Set(realm->main->handle.Get(realm->isolate));
}

// statistics() -> [fibers that exist, parked ones that nobody can reach, bytes of address space for stacks]
void statistics(const v8::FunctionCallbackInfo<v8::Value> &info) {
  Realm *realm = realm_of(info);
  v8::Isolate *isolate = realm->isolate;
  const double numbers[] = {realm->fibers, realm->lost, realm->engine ? static_cast<double>(realm->engine->mapped()) : 0};
  v8::Local<v8::Value> values[3];
  for (int i = 0; i < 3; i++) values[i] = v8::Number::New(isolate, numbers[i]);
  info.GetReturnValue().Set(v8::Array::New(isolate, values, 3));
}

// open(engine: "stack" or "threads", bytes of a stack, body: () => handle of the next fiber, Int32Array(1) that becomes 1 when a fiber was
// terminated) -> undefined, or why it cannot be
void open(const v8::FunctionCallbackInfo<v8::Value> &info) {
  Realm *realm = realm_of(info);
  v8::Isolate *isolate = info.GetIsolate();
  if (realm->engine) return fail(isolate, "ERR_INVALID_STATE", "native edge: it is open");
  if (!info[0]->IsString() || !info[1]->IsNumber() || !info[2]->IsFunction() || !info[3]->IsInt32Array())
    return fail(isolate, "ERR_INVALID_ARG_TYPE", "native edge: expected a name, a size, a function and an Int32Array");
  const double size = info[1].As<v8::Number>()->Value();
  if (!(size >= LEAST_STACK && size <= MOST_STACK) || std::fmod(size, 4096) != 0)
    return fail(isolate, "ERR_OUT_OF_RANGE", "native edge: a stack has 96 KiB to 1 GiB, in pages of 4 KiB");
  v8::String::Utf8Value name(isolate, info[0]);
  const bool stack = *name && std::strcmp(*name, "stack") == 0;
  if (!stack && !(*name && std::strcmp(*name, "threads") == 0))
    return fail(isolate, "ERR_OUT_OF_RANGE", "native edge: the engines are stack and threads");
  const char *problem = nullptr;
  realm->engine = (stack ? make_stack_engine : make_threads_engine)(realm, static_cast<size_t>(size), &problem);
  if (problem) return info.GetReturnValue().Set(text(isolate, problem));
  realm->body.Reset(isolate, info[2].As<v8::Function>());
  realm->terminated.Reset(isolate, info[3].As<v8::Int32Array>());
  guard_collections(realm);
}

// Ends what is parked, so that no thread and no stack outlives the environment: JavaScript is unwound as by worker.terminate().
void close_realm(void *data) {
  auto *realm = static_cast<Realm *>(data);
  if (realm->engine) {
    v8::HandleScope scope(realm->isolate);
    realm->closing = true;
    for (Fiber *fiber = realm->first; fiber; fiber = fiber->after) {
      if (fiber->state != State::parked) continue;
      realm->terminating = true;
      go_to(realm, fiber);
    }
    realm->isolate->CancelTerminateExecution();
    unguard_collections(realm);
  }
  while (realm->first) discard(realm->first);
  delete realm;
}

}  // namespace

Fiber *run_body(Fiber *fiber) {
  Realm *realm = fiber->realm;
  v8::Isolate *isolate = realm->isolate;
  v8::HandleScope scope(isolate);
  v8::Local<v8::Context> context = realm->context.Get(isolate);
  v8::Context::Scope context_scope(context);
  v8::TryCatch caught(isolate);
  v8::Local<v8::Value> result;
  Fiber *next = nullptr;
  if (realm->body.Get(isolate)->Call(context, v8::Undefined(isolate), 0, nullptr).ToLocal(&result)) next = fiber_of(realm, result);
  if (!next || next->state != State::parked) {
    // The body returns a parked fiber; anything else means that the thread is being ended.
    realm->terminating = true;
    isolate->CancelTerminateExecution();
    v8::Local<v8::Value> yes = v8::Integer::New(isolate, 1);
    if (!realm->closing) realm->terminated.Get(isolate)->Set(context, 0, yes).Check();
    next = realm->main.get();
  }
  fiber->state = State::finished;
  realm->finished = fiber;
  next->state = State::running;
  realm->current = next;
  return next;
}

NODE_MODULE_INIT(/* exports, module, context */) {
  v8::Isolate *isolate = v8::Isolate::GetCurrent();
  auto *realm = new Realm;
  realm->isolate = isolate;
  realm->context.Reset(isolate, context);
  realm->main = std::make_unique<Fiber>(realm);
  realm->main->state = State::running;
  realm->current = realm->main.get();
  v8::Local<v8::FunctionTemplate> handle_class = v8::FunctionTemplate::New(isolate);
  handle_class->SetClassName(text(isolate, "Fiber"));
  handle_class->InstanceTemplate()->SetInternalFieldCount(1);
  realm->handle_class.Reset(isolate, handle_class);
  if (make_handle(realm, realm->main.get()).IsEmpty()) return;
  v8::Local<v8::External> data = external(isolate, realm);
  const auto add = [&](const char *name, v8::FunctionCallback callback) {
    v8::Local<v8::Function> function;
    if (v8::Function::New(context, callback, data).ToLocal(&function)) exports->Set(context, text(isolate, name), function).Check();
  };
  add("open", open);
  add("create", create);
  add("prepare", prepare);
  add("switchTo", switch_to);
  add("mainFiber", main_fiber);
  add("statistics", statistics);
  node::AddEnvironmentCleanupHook(isolate, close_realm, realm);
}
