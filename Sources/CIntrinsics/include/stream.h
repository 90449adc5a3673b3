// Stores that go past the caches, for results too large to be read from them.
#pragma once
#include "vector.h"

#pragma clang assume_nonnull begin
// p is a multiple of the vector's size.
TK_INLINE void tk_stream_f32(void *p, tk_f32 v) { __builtin_nontemporal_store(v, (tk_f32 *)p); }
TK_INLINE void tk_stream_f64(void *p, tk_f64 v) { __builtin_nontemporal_store(v, (tk_f64 *)p); }
// Streamed stores become visible to other threads before what follows it.
TK_INLINE void tk_stream_fence(void) {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}
#pragma clang assume_nonnull end
