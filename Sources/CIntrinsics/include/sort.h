// Sorting unsigned numbers in registers: each vector by a bitonic network, then longer and longer runs of vectors
// merged (Batcher, Sorting networks and their applications, AFIPS 1968). Longer rows are partitioned about pivots by
// compressing vectors (as in Bramas, A novel hybrid quicksort algorithm vectorized using AVX-512, 2017).
#pragma once
#include "vector.h"

#pragma clang assume_nonnull begin
#if defined(__AVX512F__)
#define TK_HAS_SORT 1

typedef uint64_t tk_u64 __attribute__((ext_vector_type(8)));
typedef uint32_t tk_u32 __attribute__((ext_vector_type(16)));

TK_INLINE tk_u64 tk_compress_u64(tk_u64 x, uint32_t mask) {
  return (tk_u64)_mm512_maskz_compress_epi64((__mmask8)mask, (__m512i)x);
}
TK_INLINE tk_u32 tk_compress_u32(tk_u32 x, uint32_t mask) {
  return (tk_u32)_mm512_maskz_compress_epi32((__mmask16)mask, (__m512i)x);
}
// Which lanes of x are greater than y's, as bits.
TK_INLINE uint32_t tk_greater_u64(tk_u64 x, tk_u64 y) { return _mm512_cmpgt_epu64_mask((__m512i)x, (__m512i)y); }
TK_INLINE uint32_t tk_greater_u32(tk_u32 x, tk_u32 y) { return _mm512_cmpgt_epu32_mask((__m512i)x, (__m512i)y); }
// The lanes moved up by n: lane i gets lane i - n modulo the lanes.
TK_INLINE tk_u64 tk_raised_u64(tk_u64 x, uint32_t n) {
  tk_u64 lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  return (tk_u64)_mm512_permutexvar_epi64((__m512i)(lanes - n), (__m512i)x);
}
TK_INLINE tk_u32 tk_raised_u32(tk_u32 x, uint32_t n) {
  tk_u32 lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return (tk_u32)_mm512_permutexvar_epi32((__m512i)(lanes - n), (__m512i)x);
}
// The first n elements of memory, and all ones behind.
TK_INLINE tk_u64 tk_load_first_u64(const uint64_t *p, ptrdiff_t n) {
  uint32_t mask = n >= 8 ? 0xff : n <= 0 ? 0 : (1u << n) - 1;
  return (tk_u64)_mm512_mask_loadu_epi64(_mm512_set1_epi64(-1), (__mmask8)mask, p);
}
TK_INLINE tk_u32 tk_load_first_u32(const uint32_t *p, ptrdiff_t n) {
  uint32_t mask = n >= 16 ? 0xffff : n <= 0 ? 0 : (1u << n) - 1;
  return (tk_u32)_mm512_mask_loadu_epi32(_mm512_set1_epi32(-1), (__mmask16)mask, p);
}
TK_INLINE void tk_store_first_u64(uint64_t *p, ptrdiff_t n, tk_u64 x) {
  uint32_t mask = n >= 8 ? 0xff : n <= 0 ? 0 : (1u << n) - 1;
  _mm512_mask_storeu_epi64(p, (__mmask8)mask, (__m512i)x);
}
TK_INLINE void tk_store_first_u32(uint32_t *p, ptrdiff_t n, tk_u32 x) {
  uint32_t mask = n >= 16 ? 0xffff : n <= 0 ? 0 : (1u << n) - 1;
  _mm512_mask_storeu_epi32(p, (__mmask16)mask, (__m512i)x);
}

// Lane i ^ s of x in lane i. Where s has one bit, this is a step of a bitonic merge; where it is 2 ^ k - 1, the first
// one, of the halves of blocks of 2 ^ k lanes, which are both in ascending order.
#define TK_EXCHANGE_8(x, s)                                                                                      \
  __builtin_shufflevector(x, x, 0 ^ (s), 1 ^ (s), 2 ^ (s), 3 ^ (s), 4 ^ (s), 5 ^ (s), 6 ^ (s), 7 ^ (s))
#define TK_EXCHANGE_16(x, s)                                                                                     \
  __builtin_shufflevector(x, x, 0 ^ (s), 1 ^ (s), 2 ^ (s), 3 ^ (s), 4 ^ (s), 5 ^ (s), 6 ^ (s), 7 ^ (s), 8 ^ (s), \
                          9 ^ (s), 10 ^ (s), 11 ^ (s), 12 ^ (s), 13 ^ (s), 14 ^ (s), 15 ^ (s))
#define TK_LOW_8(b) (b) == 1 ? 0x55 : (b) == 2 ? 0x33 : 0x0f
#define TK_LOW_16(b) (b) == 1 ? 0x5555 : (b) == 2 ? 0x3333 : (b) == 4 ? 0x0f0f : 0x00ff
// The lesser of both in the lanes of the mask, the greater in the others.
#define TK_ORDERED_u64(mask, x, y)                                                                     \
  (tk_u64)_mm512_mask_min_epu64(_mm512_max_epu64((__m512i)(x), (__m512i)(y)), (__mmask8)(mask),        \
                                (__m512i)(x), (__m512i)(y))
#define TK_ORDERED_u32(mask, x, y)                                                                     \
  (tk_u32)_mm512_mask_min_epu32(_mm512_max_epu32((__m512i)(x), (__m512i)(y)), (__mmask16)(mask),       \
                                (__m512i)(x), (__m512i)(y))

// The step with lanes i ^ s, where bit b, the highest of s, tells the lower ones.
#define TK_SORT_STEP(S, N, s, b)                                        \
  _Pragma("clang loop unroll(full)")                                    \
  for (int i = 0; i < vectors; ++i) {                                   \
    tk_##S other = TK_EXCHANGE_##N(r[i], s);                            \
    r[i] = TK_ORDERED_##S(TK_LOW_##N(b), r[i], other);                      \
  }
#define TK_SORT_LANES_8(S)                                              \
  TK_SORT_STEP(S, 8, 1, 1)                                              \
  TK_SORT_STEP(S, 8, 3, 2) TK_SORT_STEP(S, 8, 1, 1)                     \
  TK_SORT_STEP(S, 8, 7, 4) TK_CLEAN_BELOW_4(S, 8)
#define TK_SORT_LANES_16(S)                                             \
  TK_SORT_STEP(S, 16, 1, 1)                                             \
  TK_SORT_STEP(S, 16, 3, 2) TK_SORT_STEP(S, 16, 1, 1)                   \
  TK_SORT_STEP(S, 16, 7, 4) TK_CLEAN_BELOW_4(S, 16)                     \
  TK_SORT_STEP(S, 16, 15, 8) TK_SORT_STEP(S, 16, 4, 4) TK_CLEAN_BELOW_4(S, 16)
#define TK_CLEAN_BELOW_4(S, N) TK_SORT_STEP(S, N, 2, 2) TK_SORT_STEP(S, N, 1, 1)
#define TK_CLEAN_LANES_8(S) TK_SORT_STEP(S, 8, 4, 4) TK_CLEAN_BELOW_4(S, 8)
#define TK_CLEAN_LANES_16(S) TK_SORT_STEP(S, 16, 8, 8) TK_SORT_STEP(S, 16, 4, 4) TK_CLEAN_BELOW_4(S, 16)
#define TK_REVERSED_8(x) TK_EXCHANGE_8(x, 7)
#define TK_REVERSED_16(x) TK_EXCHANGE_16(x, 15)

// S: the type's letters, T: the type, N: lanes. At most 16 vectors fit the registers.
#define TK_DEFINE_SORT(S, T, N)                                                                                \
  /* Sorts n elements, vectors * N at most, from one place to another. `vectors` is a power of two. */         \
  TK_INLINE void tk_sort_vectors_##S(ptrdiff_t n, const T *from, T *to, const int vectors) {                   \
    tk_##S r[16];                                                                                              \
    _Pragma("clang loop unroll(full)")                                                                         \
    for (int i = 0; i < vectors; ++i) r[i] = tk_load_first_##S(from + i * N, n - i * N);                       \
    TK_SORT_LANES_##N(S)                                                                                       \
    _Pragma("clang loop unroll(full)")                                                                         \
    for (int run = 1; run < vectors; run *= 2) {                                                               \
      _Pragma("clang loop unroll(full)")                                                                       \
      for (int i = 0; i < vectors; ++i)                                                                        \
        if (!(i & run)) { /* i of the first run with its mirror image in the second */                         \
          int j = i ^ (2 * run - 1);                                                                           \
          tk_##S x = r[i], y = TK_REVERSED_##N(r[j]);                                                          \
          r[i] = __builtin_elementwise_min(x, y);                                                              \
          r[j] = TK_REVERSED_##N(__builtin_elementwise_max(x, y));                                             \
        }                                                                                                      \
      _Pragma("clang loop unroll(full)")                                                                       \
      for (int step = run / 2; step > 0; step /= 2)                                                            \
        _Pragma("clang loop unroll(full)")                                                                     \
        for (int i = 0; i < vectors; ++i)                                                                      \
          if (!(i & step)) {                                                                                   \
            tk_##S x = r[i], y = r[i + step];                                                                  \
            r[i] = __builtin_elementwise_min(x, y);                                                            \
            r[i + step] = __builtin_elementwise_max(x, y);                                                     \
          }                                                                                                    \
      TK_CLEAN_LANES_##N(S)                                                                                    \
    }                                                                                                          \
    _Pragma("clang loop unroll(full)")                                                                         \
    for (int i = 0; i < vectors; ++i) tk_store_first_##S(to + i * N, n - i * N, r[i]);                         \
  }                                                                                                            \
  static inline void tk_sort_few_##S(ptrdiff_t n, const T *from, T *to) {                                             \
    if (n <= N) tk_sort_vectors_##S(n, from, to, 1);                                                           \
    else if (n <= 2 * N) tk_sort_vectors_##S(n, from, to, 2);                                                  \
    else if (n <= 4 * N) tk_sort_vectors_##S(n, from, to, 4);                                                  \
    else if (n <= 8 * N) tk_sort_vectors_##S(n, from, to, 8);                                                  \
    else tk_sort_vectors_##S(n, from, to, 16);                                                                 \
  }                                                                                                            \
  /* Those of n elements that are not greater than a pivot go to the beginning of `to`, the others to its end. \
     Gives how many are not. */                                                                                \
  TK_INLINE ptrdiff_t tk_partition_##S(ptrdiff_t n, const T *from, T *to, T pivot) {                           \
    T *low = to, *high = to + n;                                                                               \
    ptrdiff_t i = 0;                                                                                           \
    tk_##S pivots = pivot;                                                                                     \
    /* Whole vectors are stored on either side, as long as neither reaches what the other has. */              \
    for (; i + 2 * N <= n; i += N) {                                                                           \
      tk_##S x;                                                                                                \
      __builtin_memcpy(&x, from + i, sizeof x);                                                                \
      uint32_t greater = tk_greater_##S(x, pivots);                                                            \
      uint32_t count = (uint32_t)__builtin_popcount(greater);                                                  \
      tk_##S below = tk_compress_##S(x, ~greater);                                                             \
      tk_##S above = tk_raised_##S(tk_compress_##S(x, greater), N - count);                                    \
      __builtin_memcpy(low, &below, sizeof below);                                                             \
      low += N - count;                                                                                        \
      __builtin_memcpy(high - N, &above, sizeof above);                                                        \
      high -= count;                                                                                           \
    }                                                                                                          \
    for (; i < n; ++i) {                                                                                       \
      if (from[i] > pivot) *--high = from[i];                                                                  \
      else *low++ = from[i];                                                                                   \
    }                                                                                                          \
    return low - to;                                                                                           \
  }                                                                                                            \
  /* The median of some elements from all over the row. */                                                     \
  TK_INLINE T tk_pivot_##S(ptrdiff_t n, const T *keys) {                                                       \
    T some[8 * N];                                                                                             \
    ptrdiff_t count = n < 4096 ? 2 * N : 8 * N, step = n / count;                                              \
    uint32_t random = (uint32_t)n;                                                                             \
    for (ptrdiff_t i = 0; i < count; ++i) {                                                                    \
      random = random * 1664525u + 1013904223u;                                                                \
      some[i] = keys[i * step + (ptrdiff_t)((uint64_t)random * (uint64_t)step >> 32)];                         \
    }                                                                                                          \
    tk_sort_few_##S(count, some, some);                                                                        \
    return some[count / 2];                                                                                    \
  }                                                                                                            \
  static inline void tk_sift_##S(T *keys, ptrdiff_t n, ptrdiff_t i) {                                                 \
    T key = keys[i];                                                                                           \
    for (ptrdiff_t child; (child = 2 * i + 1) < n; i = child) {                                                \
      if (child + 1 < n && keys[child + 1] > keys[child]) ++child;                                             \
      if (keys[child] <= key) break;                                                                           \
      keys[i] = keys[child];                                                                                   \
    }                                                                                                          \
    keys[i] = key;                                                                                             \
  }                                                                                                            \
  /* Sorts n elements that lie in `from` into `to`; `other`, which may be `to`, has room for them as well. Where \
     pivots fail, a heap does not. */                                                                          \
  static inline void tk_sort_row_##S(ptrdiff_t n, T *from, T *other, T *to, int depth) {                              \
    while (n > 16 * N) {                                                                                       \
      if (depth-- == 0) {                                                                                      \
        for (ptrdiff_t i = n / 2; i-- > 0;) tk_sift_##S(from, n, i);                                           \
        for (ptrdiff_t last = n; last-- > 0;) {                                                                \
          T greatest = from[0];                                                                                \
          from[0] = from[last];                                                                                \
          tk_sift_##S(from, last, 0);                                                                          \
          from[last] = greatest;                                                                               \
        }                                                                                                      \
        if (to != from) __builtin_memcpy(to, from, (size_t)n * sizeof(T));                                     \
        return;                                                                                                \
      }                                                                                                        \
      T pivot = tk_pivot_##S(n, from);                                                                         \
      ptrdiff_t low = tk_partition_##S(n, from, other, pivot);                                                 \
      T *swapped = from;                                                                                       \
      from = other;                                                                                            \
      other = swapped;                                                                                         \
      if (low == n) { /* none is greater than the pivot: those equal to it are in place */                     \
        if (pivot == 0) {                                                                                      \
          if (to != from) __builtin_memcpy(to, from, (size_t)n * sizeof(T));                                   \
          return;                                                                                              \
        }                                                                                                      \
        low = tk_partition_##S(n, from, other, pivot - 1);                                                     \
        swapped = from;                                                                                        \
        from = other;                                                                                          \
        other = swapped;                                                                                       \
        for (ptrdiff_t i = low; i < n; ++i) to[i] = pivot;                                                     \
        n = low;                                                                                               \
        continue;                                                                                              \
      }                                                                                                        \
      tk_sort_row_##S(n - low, from + low, other + low, to + low, depth);                                      \
      n = low;                                                                                                 \
    }                                                                                                          \
    if (n > 0) tk_sort_few_##S(n, from, to);                                                                   \
  }                                                                                                            \
  TK_INLINE void tk_sort_##S(ptrdiff_t n, T *keys, T *other) {                                                 \
    int depth = 2;                                                                                             \
    for (ptrdiff_t left = n; left > 1; left /= 2) depth += 2;                                                  \
    tk_sort_row_##S(n, keys, other, keys, depth);                                                              \
  }

TK_DEFINE_SORT(u32, uint32_t, 16)
TK_DEFINE_SORT(u64, uint64_t, 8)
#else
#define TK_HAS_SORT 0
// Not called.
TK_INLINE void tk_sort_u32(ptrdiff_t n, uint32_t *keys, uint32_t *other) { (void)n, (void)keys, (void)other; }
TK_INLINE void tk_sort_u64(ptrdiff_t n, uint64_t *keys, uint64_t *other) { (void)n, (void)keys, (void)other; }
#endif
#pragma clang assume_nonnull end
