// What Philox needs beside Swift's operators: products of 32 x 32 bits, a lane of 64 bits each.
#pragma once
#include "vector.h"

#pragma clang assume_nonnull begin
typedef uint64_t tk_u64 __attribute__((ext_vector_type(TK_BYTES / 8)));
typedef uint32_t tk_u32 __attribute__((ext_vector_type(TK_BYTES / 4)));

#define TK_LOW_HALF 0xffffffffu

// The low halves of the lanes times k, in full. The mask tells the compiler that one instruction does it.
TK_INLINE tk_u64 tk_widening_product(tk_u64 a, uint32_t k) { return (a & TK_LOW_HALF) * (uint64_t)k; }

// `by` apart: first, first + 1, ..
TK_INLINE tk_u64 tk_count_up(uint64_t first) {
  tk_u64 v;
  for (size_t i = 0; i < TK_BYTES / 8; ++i) v[i] = first + i;
  return v;
}

TK_INLINE tk_u64 tk_splat_u64(uint64_t x) { return (tk_u64)(x); }
TK_INLINE tk_u64 tk_high_half(tk_u64 a) { return a >> 32; }

// The low halves of lane i of a, b, c, d as four words at out[4 i].
TK_INLINE void tk_store_words(uint32_t *out, tk_u64 a, tk_u64 b, tk_u64 c, tk_u64 d) {
  tk_u64 low = (a & TK_LOW_HALF) | b << 32, high = (c & TK_LOW_HALF) | d << 32;
#if TK_BYTES == 64
  tk_u64 first = __builtin_shufflevector(low, high, 0, 8, 1, 9, 2, 10, 3, 11);
  tk_u64 second = __builtin_shufflevector(low, high, 4, 12, 5, 13, 6, 14, 7, 15);
#elif TK_BYTES == 32
  tk_u64 first = __builtin_shufflevector(low, high, 0, 4, 1, 5);
  tk_u64 second = __builtin_shufflevector(low, high, 2, 6, 3, 7);
#else
  tk_u64 first = __builtin_shufflevector(low, high, 0, 2);
  tk_u64 second = __builtin_shufflevector(low, high, 1, 3);
#endif
  __builtin_memcpy(out, &first, sizeof first);
  __builtin_memcpy((char *)out + sizeof first, &second, sizeof second);
}

// Words as integers of the lanes of float32 and float64 vectors, without their lowest 8 bits: below 2^24.
TK_INLINE tk_i32 tk_load_words_f32(const uint32_t *words) {
  tk_u32 v;
  __builtin_memcpy(&v, words, sizeof v);
  return (tk_i32)(v >> 8);
}
TK_INLINE tk_i64 tk_load_words_f64(const uint32_t *words) {
  typedef uint32_t half __attribute__((ext_vector_type(TK_BYTES / 8)));
  half v;
  __builtin_memcpy(&v, words, sizeof v);
  return __builtin_convertvector(v >> 8, tk_i64);
}

// Lanes all ones where the word is `threshold` or more.
TK_INLINE tk_i32 tk_at_least_f32(tk_i32 words, int32_t threshold) { return (tk_i32)(words >= (tk_i32)(threshold)); }
TK_INLINE tk_i64 tk_at_least_f64(tk_i64 words, int32_t threshold) { return (tk_i64)(words >= (tk_i64)((int64_t)threshold)); }
#pragma clang assume_nonnull end
