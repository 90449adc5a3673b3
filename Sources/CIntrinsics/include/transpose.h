// A square of lanes x lanes elements transposed in registers, in steps: after each, one more bit of the rows'
// and columns' numbers has changed places (Eklundh, A fast computer method for matrix transposing, 1972).
#pragma once
#include "vector.h"

#pragma clang assume_nonnull begin

// Rows a and b = a + S change places of blocks S wide. The lists are the lanes of the two results.
#define TK_SWAP(a, b, low, high)                                                                         \
  do {                                                                                                   \
    __typeof__(a) x = a, y = b;                                                                          \
    a = __builtin_shufflevector(x, y, low);                                                              \
    b = __builtin_shufflevector(x, y, high);                                                             \
  } while (0)

#define TK_L16_1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define TK_H16_1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define TK_L16_2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define TK_H16_2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define TK_L16_4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define TK_H16_4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define TK_L16_8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define TK_H16_8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define TK_L8_1 0, 8, 2, 10, 4, 12, 6, 14
#define TK_H8_1 1, 9, 3, 11, 5, 13, 7, 15
#define TK_L8_2 0, 1, 8, 9, 4, 5, 12, 13
#define TK_H8_2 2, 3, 10, 11, 6, 7, 14, 15
#define TK_L8_4 0, 1, 2, 3, 8, 9, 10, 11
#define TK_H8_4 4, 5, 6, 7, 12, 13, 14, 15
#define TK_L4_1 0, 4, 2, 6
#define TK_H4_1 1, 5, 3, 7
#define TK_L4_2 0, 1, 4, 5
#define TK_H4_2 2, 3, 6, 7
#define TK_L2_1 0, 2
#define TK_H2_1 1, 3

#define TK_STEP(N, S)                                                                                    \
  _Pragma("clang loop unroll(full)")                                                                     \
  for (int i = 0; i < N; ++i)                                                                            \
    if (!(i & S)) TK_SWAP(r[i], r[i + S], TK_L##N##_##S, TK_H##N##_##S);

#define TK_TRANSPOSE_2 TK_STEP(2, 1)
#define TK_TRANSPOSE_4 TK_STEP(4, 1) TK_STEP(4, 2)
#define TK_TRANSPOSE_8 TK_STEP(8, 1) TK_STEP(8, 2) TK_STEP(8, 4)
#define TK_TRANSPOSE_16 TK_STEP(16, 1) TK_STEP(16, 2) TK_STEP(16, 4) TK_STEP(16, 8)

// to[j * to_stride + i] = from[i * from_stride + j] for i, j < lanes
#define TK_DEFINE_TRANSPOSE(S, V, T, N)                                                                  \
  TK_INLINE void tk_transpose_##S(const T *from, ptrdiff_t from_stride, T *to, ptrdiff_t to_stride) {    \
    V r[N];                                                                                              \
    _Pragma("clang loop unroll(full)")                                                                   \
    for (int i = 0; i < N; ++i) r[i] = tk_load_##S(from + i * from_stride);                              \
    TK_TRANSPOSE_##N                                                                                     \
    _Pragma("clang loop unroll(full)")                                                                   \
    for (int i = 0; i < N; ++i) tk_store_##S(to + i * to_stride, r[i]);                                  \
  }

#if TK_BYTES == 64
TK_DEFINE_TRANSPOSE(f32, tk_f32, float, 16)
TK_DEFINE_TRANSPOSE(f64, tk_f64, double, 8)
#elif TK_BYTES == 32
TK_DEFINE_TRANSPOSE(f32, tk_f32, float, 8)
TK_DEFINE_TRANSPOSE(f64, tk_f64, double, 4)
#else
TK_DEFINE_TRANSPOSE(f32, tk_f32, float, 4)
TK_DEFINE_TRANSPOSE(f64, tk_f64, double, 2)
#endif

#pragma clang assume_nonnull end
