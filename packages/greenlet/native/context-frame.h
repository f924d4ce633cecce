// The continuation-preserved embedder data, where Node 24 and later keep what AsyncLocalStorage holds. Under another name, or missing,
// in other versions of V8.
#ifndef CORDAGE_CONTEXT_FRAME_H
#define CORDAGE_CONTEXT_FRAME_H

#include <v8.h>

#if V8_MAJOR_VERSION >= 14
using FrameType = v8::Data;
using ContextFrame = v8::Local<FrameType>;
inline ContextFrame context_frame(v8::Isolate *isolate) { return isolate->GetContinuationPreservedEmbedderDataV2(); }
inline void set_context_frame(v8::Isolate *isolate, ContextFrame frame) { isolate->SetContinuationPreservedEmbedderDataV2(frame); }
#elif V8_MAJOR_VERSION >= 12
using FrameType = v8::Value;
using ContextFrame = v8::Local<FrameType>;
inline ContextFrame context_frame(v8::Isolate *isolate) { return isolate->GetContinuationPreservedEmbedderData(); }
inline void set_context_frame(v8::Isolate *isolate, ContextFrame frame) { isolate->SetContinuationPreservedEmbedderData(frame); }
#else
using FrameType = v8::Value;
struct ContextFrame {};
inline ContextFrame context_frame(v8::Isolate *) { return {}; }
inline void set_context_frame(v8::Isolate *, ContextFrame) {}
#endif

#endif
