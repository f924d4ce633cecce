// @cordage/greenlet's native edge: stacks that JavaScript runs on, and going from one to another. Everything that is Python's
// (parents, values, errors, death) is TypeScript.
#include "callback-depth.h"
#include "context-frame.h"
#include "engine.h"
#include "gc-guard.h"

#include <cmath>
#include <cstring>
#include <vector>

namespace {

constexpr double PAGE = 4096;

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

v8::MaybeLocal<v8::Object> make_handle(Fiber *fiber) {
  v8::Isolate *isolate = fiber->realm->isolate;
  v8::Local<v8::ObjectTemplate> instances = fiber->realm->handle_class.Get(isolate)->InstanceTemplate();
  v8::Local<v8::Object> handle;
  if (!instances->NewInstance(isolate->GetCurrentContext()).ToLocal(&handle)) return {};
  set_pointer(handle, fiber);
  return handle;
}

// create() -> the handle of a fresh fiber
void create(const v8::FunctionCallbackInfo<v8::Value> &info) {
  auto fiber = std::make_unique<Fiber>(realm_of(info));
  v8::Local<v8::Object> handle;
  if (!make_handle(fiber.get()).ToLocal(&handle)) return;
  list(fiber.release(), handle);
  info.GetReturnValue().Set(handle);
}

// prepare(handle, number): gives a fresh fiber a stack, so that it can be switched to, and the number by which it is known
void prepare(const v8::FunctionCallbackInfo<v8::Value> &info) {
  Realm *realm = realm_of(info);
  v8::Isolate *isolate = info.GetIsolate();
  Fiber *fiber = fiber_of(realm, info[0]);
  if (!fiber) return fail(isolate, "ERR_INVALID_ARG_TYPE", "native edge: expected a fiber of this copy and thread");
  if (!info[1]->IsInt32() || info[1].As<v8::Int32>()->Value() < 1)
    return fail(isolate, "ERR_INVALID_ARG_VALUE", "native edge: a fiber's number is an int32 from 1 up");
  if (fiber->state != State::fresh) return fail(isolate, "ERR_INVALID_STATE", "native edge: the fiber has a stack, or had one");
  if (!realm->engine->prepare(fiber))
    return fail(isolate, "ERR_MEMORY_ALLOCATION_FAILED", "cannot start a greenlet: the system has no memory for another stack");
  fiber->state = State::parked;
  fiber->number = info[1].As<v8::Int32>()->Value();
  realm->fibers++;
}

// unwind(): ends JavaScript up to the next C++ frame, as what has just ended on another fiber
void unwind(const v8::FunctionCallbackInfo<v8::Value> &info) { info.GetIsolate()->TerminateExecution(); }

// Puts values into the array that is a property of `holder`. No JavaScript runs, that a request to stop could end in the middle.
void put(v8::Isolate *isolate, v8::Local<v8::Object> holder, const char *name, v8::Local<v8::Value> values) {
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::Local<v8::Value> target, value;
  if (!values->IsArray() || !holder->Get(context, text(isolate, name)).ToLocal(&target) || !target->IsObject()) return;
  v8::Local<v8::Array> array = values.As<v8::Array>();
  for (uint32_t i = 0; i < array->Length(); i++)
    if (!array->Get(context, i).ToLocal(&value) || target.As<v8::Object>()->Set(context, i, value).IsNothing()) return;
}

// kept: [object with the two arrays, ids, resources], or undefined
void put_back(v8::Isolate *isolate, v8::Local<v8::Value> kept) {
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::Local<v8::Value> parts[3];
  if (!kept->IsArray()) return;
  for (uint32_t i = 0; i < 3; i++)
    if (!kept.As<v8::Array>()->Get(context, i).ToLocal(&parts[i])) return;
  if (!parts[0]->IsObject()) return;
  put(isolate, parts[0].As<v8::Object>(), "async_ids_stack", parts[1]);
  put(isolate, parts[0].As<v8::Object>(), "execution_async_resources", parts[2]);
}

// handle.switchTo(kept) -> whether to call `unwind` soon: parks the running fiber, and returns when somebody switches to it. A method, because
// V8 then checks that it is a handle of this realm where it compiles the call, not each time.
void switch_to(const v8::FunctionCallbackInfo<v8::Value> &info) {
  Realm *realm = realm_of(info);
  v8::Isolate *isolate = info.GetIsolate();
  auto *target = static_cast<Fiber *>(pointer_in(info.This()));
  if (realm->closing) return void(isolate->TerminateExecution());
  if (target->state != State::parked) return fail(isolate, "ERR_INVALID_STATE", "native edge: the fiber is not parked");
  if (!realm->engine->works_here())
    return fail(isolate, "ERR_INVALID_STATE",
                "cannot switch: this is a greenlet of another copy of @cordage/greenlet with the other engine; give both the same "
                "CORDAGE_GREENLET_ENGINE");
  ContextFrame frame = context_frame(isolate);
  go_to(realm, target);
  if (realm->closing) return void(isolate->TerminateExecution());
  set_context_frame(isolate, frame);
  if (info.Length() > 0 && !info[0]->IsUndefined()) put_back(isolate, info[0]);
  info.GetReturnValue().Set(realm->terminating);
  realm->terminating = false;
}

// ownFiber() -> the handle of the fiber that the running stack was made for; undefined if nobody has it any more
void own_fiber(const v8::FunctionCallbackInfo<v8::Value> &info) {
  Realm *realm = realm_of(info);
  const Fiber *fiber = fiber_of_this_stack(realm);
  if (fiber && !fiber->handle.IsEmpty()) info.GetReturnValue().Set(fiber->handle.Get(realm->isolate));
}

// mainFiber() -> the handle of the fiber in which the realm was opened
void main_fiber(const v8::FunctionCallbackInfo<v8::Value> &info) {
  Realm *realm = realm_of(info);
  info.GetReturnValue().Set(realm->main->handle.Get(realm->isolate));
}

// runningFiber() -> the handle of the one that the array names; undefined if nobody has it any more
void running_fiber(const v8::FunctionCallbackInfo<v8::Value> &info) {
  Realm *realm = realm_of(info);
  if (!realm->current->handle.IsEmpty()) info.GetReturnValue().Set(realm->current->handle.Get(realm->isolate));
}

// statistics() -> [fibers that have stacks, the main one aside, parked ones that nobody can reach, bytes of address space for stacks]
void statistics(const v8::FunctionCallbackInfo<v8::Value> &info) {
  Realm *realm = realm_of(info);
  v8::Isolate *isolate = realm->isolate;
  const double numbers[] = {realm->fibers, realm->lost, static_cast<double>(realm->engine->mapped())};
  v8::Local<v8::Value> values[3];
  for (int i = 0; i < 3; i++) values[i] = v8::Number::New(isolate, numbers[i]);
  info.GetReturnValue().Set(v8::Array::New(isolate, values, 3));
}

v8::Local<v8::FunctionTemplate> make_handle_class(Realm *realm) {
  v8::Isolate *isolate = realm->isolate;
  v8::Local<v8::FunctionTemplate> handle_class = v8::FunctionTemplate::New(isolate);
  handle_class->SetClassName(text(isolate, "Fiber"));
  handle_class->InstanceTemplate()->SetInternalFieldCount(1);
  v8::Local<v8::Signature> own = v8::Signature::New(isolate, handle_class);
  v8::Local<v8::FunctionTemplate> method = v8::FunctionTemplate::New(isolate, switch_to, external(isolate, realm), own);
  handle_class->PrototypeTemplate()->Set(isolate, "switchTo", method);
  return handle_class;
}

std::unique_ptr<Realm> make_realm(v8::Isolate *isolate, v8::Local<v8::Function> body, v8::Local<v8::Int32Array> running) {
  auto realm = std::make_unique<Realm>();
  realm->isolate = isolate;
  realm->context.Reset(isolate, isolate->GetCurrentContext());
  realm->body.Reset(isolate, body);
  realm->shared = running->Buffer()->GetBackingStore();
  realm->running = reinterpret_cast<int32_t *>(static_cast<char *>(realm->shared->Data()) + running->ByteOffset());
  realm->handle_class.Reset(isolate, make_handle_class(realm.get()));
  realm->main = std::make_unique<Fiber>(realm.get());
  set_current(realm.get(), realm->main.get());
  v8::Local<v8::Object> handle;
  if (!make_handle(realm->main.get()).ToLocal(&handle)) return nullptr;
  realm->main->handle.Reset(isolate, handle);
  return realm;
}

// Names of what was looked for in V8 without success, and is not needed by all programs.
v8::Local<v8::Array> unfound(v8::Isolate *isolate) {
  std::vector<v8::Local<v8::Value>> names;
  if (!request_places().found) names.push_back(text(isolate, "requests"));
  if (!keeps_stack_limits()) names.push_back(text(isolate, "stackLimit"));
  return v8::Array::New(isolate, names.data(), names.size());
}

// [mutex, flags]; undefined where requests are not kept.
v8::Local<v8::Value> requests(v8::Isolate *isolate) {
  const RequestPlaces places = request_places();
  if (!places.found) return v8::Undefined(isolate);
  v8::Local<v8::Value> offsets[] = {v8::Number::New(isolate, static_cast<double>(places.mutex)),
                                    v8::Number::New(isolate, static_cast<double>(places.flags))};
  return v8::Array::New(isolate, offsets, 2);
}

v8::Local<v8::Object> make_edge(Realm *realm) {
  v8::Isolate *isolate = realm->isolate;
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::Local<v8::Object> edge = v8::Object::New(isolate);
  v8::Local<v8::External> data = external(isolate, realm);
  const auto add = [&](const char *name, v8::FunctionCallback callback) {
    v8::Local<v8::Function> function;
    if (v8::Function::New(context, callback, data).ToLocal(&function)) edge->Set(context, text(isolate, name), function).Check();
  };
  add("create", create);
  add("prepare", prepare);
  add("unwind", unwind);
  add("ownFiber", own_fiber);
  add("mainFiber", main_fiber);
  add("runningFiber", running_fiber);
  add("statistics", statistics);
  edge->Set(context, text(isolate, "unfound"), unfound(isolate)).Check();
  edge->Set(context, text(isolate, "requests"), requests(isolate)).Check();
  return edge;
}

bool recalls_requests(v8::Isolate *isolate, v8::Local<v8::Value> known) {
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::Local<v8::Value> mutex, flags;
  if (!known->IsArray() || !known.As<v8::Array>()->Get(context, 0).ToLocal(&mutex) || !known.As<v8::Array>()->Get(context, 1).ToLocal(&flags))
    return false;
  return mutex->IsNumber() && flags->IsNumber() &&
         recall_requests(mutex.As<v8::Number>()->Value(), flags.As<v8::Number>()->Value());
}

// Why `open` cannot take what it was given; nullptr if it can.
const char *refusal(const v8::FunctionCallbackInfo<v8::Value> &info) {
  v8::Isolate *isolate = info.GetIsolate();
  if (!info[0]->IsString() || !info[1]->IsNumber() || !info[2]->IsFunction() || !info[3]->IsInt32Array())
    return "native edge: expected a name, a size, a function and an Int32Array";
  if (info[3].As<v8::Int32Array>()->Length() < 1) return "native edge: the Int32Array is empty";
  v8::String::Utf8Value name(isolate, info[0]);
  if (!*name || (std::strcmp(*name, "stack") != 0 && std::strcmp(*name, "threads") != 0))
    return "native edge: the engines are stack and threads";
  const double size = info[1].As<v8::Number>()->Value();
  if (!info[6]->IsFunction()) return "native edge: expected a function that makes a handle";
  if (!info[5]->IsUndefined() && !recalls_requests(isolate, info[5]))
    return "native edge: what is known of requests is two offsets in an isolate";
  if (!(size >= LEAST_STACK && size <= MOST_STACK) || std::fmod(size, PAGE) != 0)
    return "native edge: a stack has 128 KiB to 1 GiB, in pages of 4 KiB";
  return nullptr;
}

// open(engine: "stack" or "threads", bytes of a stack, body: (whether it was unwound) => handle of the next fiber, Int32Array(1) that has the
// number of the fiber that runs, whether what V8 and Node do not promise may be looked for, what an
// earlier edge on the same executable had as `requests`, if known, () => makes and keeps a handle for Ending) -> an edge: a realm's functions; or, as a string, why it cannot be
void open(const v8::FunctionCallbackInfo<v8::Value> &info) {
  v8::Isolate *isolate = info.GetIsolate();
  if (const char *reason = refusal(info)) return fail(isolate, "ERR_INVALID_ARG_VALUE", reason);
  v8::Local<v8::Function> body = info[2].As<v8::Function>();
  v8::Local<v8::Context> context;
  if (!body->GetCreationContext().ToLocal(&context)) return fail(isolate, "ERR_INVALID_STATE", "native edge: the caller's context is gone");
  if (!v8::Locker::IsLocked(isolate))
    return info.GetReturnValue().Set(text(isolate, "its embedder has not locked the isolate, so that no stack can be parked"));
  // The caller may be in a context of node:vm, as under jest: what it is given, errors too, is of its own kind.
  v8::Context::Scope scope(context);
  std::unique_ptr<Realm> realm = make_realm(isolate, body, info[3].As<v8::Int32Array>());
  if (!realm) return;
  find_stack_limit(isolate);
  if (info[4]->IsTrue()) {
    find_requests(isolate);
    realm->callback_depth = find_callback_depth(isolate);
  }
  v8::String::Utf8Value name(isolate, info[0]);
  const auto make = std::strcmp(*name, "stack") == 0 ? make_stack_engine : make_threads_engine;
  const char *problem = nullptr;
  realm->engine = make(realm.get(), static_cast<size_t>(info[1].As<v8::Number>()->Value()), &problem);
  if (problem) return info.GetReturnValue().Set(text(isolate, problem));
  guard_collections(realm.get());
  realm->ending = std::make_unique<Ending>(isolate, info[6].As<v8::Function>(), end_fibers, realm.get());
  node::AddEnvironmentCleanupHook(isolate, close_realm, realm.get());
  info.GetReturnValue().Set(make_edge(realm.release()));
}

}  // namespace

Fiber *fiber_of(Realm *realm, v8::Local<v8::Value> value) {
  if (value.IsEmpty() || !value->IsObject()) return nullptr;
  if (!realm->handle_class.Get(realm->isolate)->HasInstance(value)) return nullptr;
  return static_cast<Fiber *>(pointer_in(value.As<v8::Object>()));
}

NODE_MODULE_INIT(/* exports, module, context */) {
  v8::Isolate *isolate = v8::Isolate::GetCurrent();
  v8::Local<v8::Function> function;
  if (v8::Function::New(context, open).ToLocal(&function)) exports->Set(context, text(isolate, "open"), function).Check();
}
