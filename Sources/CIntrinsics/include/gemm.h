// What the matrix multiply needs beyond vector.h: its arguments as the kernels take them, loads and stores
// of a vector's first lanes that cost one instruction in a loop, and transposes within registers.
#pragma once
#include "vector.h"

#pragma clang assume_nonnull begin

// What is done to an element of C = alpha A B + beta C as it is stored. With i and j counted from C's corner
// and every stride in elements:
//   p = C[i][j] + bias[i * bias_row + j * bias_column] + residual[i * residual_row + j * residual_column]
//   linear[i * linear_row + j * linear_column] = p
//   C[i][j] = activation(p)
// A null pointer leaves its step out. A bias along the columns has the strides (0, 1), along the rows (1, 0).
typedef struct {
  const void *_Nullable bias;
  ptrdiff_t bias_row, bias_column;
  const void *_Nullable residual;
  ptrdiff_t residual_row, residual_column;
  // What went into the activation, which a backward pass may need.
  void *_Nullable linear;
  ptrdiff_t linear_row, linear_column;
  int32_t activation;  // a TK_ACTIVATION
} tk_gemm_epilogue;

enum {
  TK_ACTIVATION_IDENTITY = 0,
  TK_ACTIVATION_RELU = 1,
  TK_ACTIVATION_GELU = 2,  // by erf
  TK_ACTIVATION_TANH = 3,
  TK_ACTIVATION_SIGMOID = 4,
};

// C = alpha A B + beta C, then the epilogue: A is m x k, B k x n, C m x n, strides in elements, of any sign.
// C is not read if beta is 0, nor A and B if alpha is 0.
typedef struct {
  ptrdiff_t m, n, k;
  double alpha, beta;
  const void *a;
  ptrdiff_t a_row, a_column;
  const void *b;
  ptrdiff_t b_row, b_column;
  void *c;
  ptrdiff_t c_row, c_column;
  const tk_gemm_epilogue *_Nullable epilogue;
} tk_gemm;

// How a product is cut up for threads: see GemmPlan. Sizes in elements.
typedef struct {
  ptrdiff_t depth;                             // of a block along k
  ptrdiff_t row_block, column_block;           // of the part of C that is one piece of work
  ptrdiff_t row_group, column_group, k_group;  // of what is packed at a time
  int32_t packs_a, packs_b;                    // whether that is packed beforehand, or by each piece for itself
  int32_t down_columns;                        // pieces of C run down its columns of pieces; else along the rows
  ptrdiff_t b_offset;                          // bytes from A's room in the workspace to B's
} tk_gemm_plan;

// The first n lanes, 0 < n <= lanes, as a value that a loop reuses.
#if defined(__AVX512F__)
typedef __mmask16 tk_lanes_f32;
typedef __mmask8 tk_lanes_f64;
TK_INLINE tk_lanes_f32 tk_first_lanes_f32(ptrdiff_t n) { return (__mmask16)((1u << n) - 1); }
TK_INLINE tk_lanes_f64 tk_first_lanes_f64(ptrdiff_t n) { return (__mmask8)((1u << n) - 1); }
TK_INLINE tk_f32 tk_load_lanes_f32(const void *p, tk_lanes_f32 m) { return (tk_f32)_mm512_maskz_loadu_ps(m, p); }
TK_INLINE tk_f64 tk_load_lanes_f64(const void *p, tk_lanes_f64 m) { return (tk_f64)_mm512_maskz_loadu_pd(m, p); }
TK_INLINE void tk_store_lanes_f32(void *p, tk_lanes_f32 m, tk_f32 v) { _mm512_mask_storeu_ps(p, m, (__m512)v); }
TK_INLINE void tk_store_lanes_f64(void *p, tk_lanes_f64 m, tk_f64 v) { _mm512_mask_storeu_pd(p, m, (__m512d)v); }
#else
typedef ptrdiff_t tk_lanes_f32;
typedef ptrdiff_t tk_lanes_f64;
TK_INLINE tk_lanes_f32 tk_first_lanes_f32(ptrdiff_t n) { return n; }
TK_INLINE tk_lanes_f64 tk_first_lanes_f64(ptrdiff_t n) { return n; }
#if defined(__AVX2__)
TK_INLINE tk_f32 tk_load_lanes_f32(const void *p, tk_lanes_f32 n) {
  return (tk_f32)_mm256_maskload_ps(p, tk_first_mask_f32(n));
}
TK_INLINE tk_f64 tk_load_lanes_f64(const void *p, tk_lanes_f64 n) {
  return (tk_f64)_mm256_maskload_pd(p, tk_first_mask_f64(n));
}
#else
TK_INLINE tk_f32 tk_load_lanes_f32(const void *p, tk_lanes_f32 n) {
  return n == 4 ? tk_load_f32(p) : tk_load_partial_f32(p, n, 0);
}
TK_INLINE tk_f64 tk_load_lanes_f64(const void *p, tk_lanes_f64 n) {
  return n == 2 ? tk_load_f64(p) : tk_load_partial_f64(p, n, 0);
}
#endif
TK_INLINE void tk_store_lanes_f32(void *p, tk_lanes_f32 n, tk_f32 v) { tk_store_partial_f32(p, n, v); }
TK_INLINE void tk_store_lanes_f64(void *p, tk_lanes_f64 n, tk_f64 v) { tk_store_partial_f64(p, n, v); }
#endif

// The rows a, b (c, d) as columns: lane l of each goes to to[l * step], to[l * step + 1], ...
#if defined(__x86_64__)
#if defined(__AVX512F__)
#define TK_UNPACK_LOW_F32(a, b) (tk_f32) _mm512_unpacklo_ps((__m512)(a), (__m512)(b))
#define TK_UNPACK_HIGH_F32(a, b) (tk_f32) _mm512_unpackhi_ps((__m512)(a), (__m512)(b))
#define TK_UNPACK_LOW_F64(a, b) (tk_f64) _mm512_unpacklo_pd((__m512d)(a), (__m512d)(b))
#define TK_UNPACK_HIGH_F64(a, b) (tk_f64) _mm512_unpackhi_pd((__m512d)(a), (__m512d)(b))
#define TK_QUARTER(v, q) _mm512_extractf32x4_ps((__m512)(v), q)
#define TK_EACH_QUARTER(X) X(0) X(1) X(2) X(3)
#elif defined(__AVX2__)
#define TK_UNPACK_LOW_F32(a, b) (tk_f32) _mm256_unpacklo_ps((__m256)(a), (__m256)(b))
#define TK_UNPACK_HIGH_F32(a, b) (tk_f32) _mm256_unpackhi_ps((__m256)(a), (__m256)(b))
#define TK_UNPACK_LOW_F64(a, b) (tk_f64) _mm256_unpacklo_pd((__m256d)(a), (__m256d)(b))
#define TK_UNPACK_HIGH_F64(a, b) (tk_f64) _mm256_unpackhi_pd((__m256d)(a), (__m256d)(b))
#define TK_QUARTER(v, q) _mm256_extractf128_ps((__m256)(v), q)
#define TK_EACH_QUARTER(X) X(0) X(1)
#else
#define TK_UNPACK_LOW_F32(a, b) (tk_f32) _mm_unpacklo_ps((__m128)(a), (__m128)(b))
#define TK_UNPACK_HIGH_F32(a, b) (tk_f32) _mm_unpackhi_ps((__m128)(a), (__m128)(b))
#define TK_UNPACK_LOW_F64(a, b) (tk_f64) _mm_unpacklo_pd((__m128d)(a), (__m128d)(b))
#define TK_UNPACK_HIGH_F64(a, b) (tk_f64) _mm_unpackhi_pd((__m128d)(a), (__m128d)(b))
#define TK_QUARTER(v, q) ((__m128)(v))
#define TK_EACH_QUARTER(X) X(0)
#endif

TK_INLINE void tk_transpose2_f32(tk_f32 a, tk_f32 b, float *to, ptrdiff_t step) {
  tk_f32 low = TK_UNPACK_LOW_F32(a, b), high = TK_UNPACK_HIGH_F32(a, b);
#define TK_STORE(q)                                                          \
  _mm_storel_pi((__m64 *)(to + (4 * q) * step), TK_QUARTER(low, q));         \
  _mm_storeh_pi((__m64 *)(to + (4 * q + 1) * step), TK_QUARTER(low, q));     \
  _mm_storel_pi((__m64 *)(to + (4 * q + 2) * step), TK_QUARTER(high, q));    \
  _mm_storeh_pi((__m64 *)(to + (4 * q + 3) * step), TK_QUARTER(high, q));
  TK_EACH_QUARTER(TK_STORE)
#undef TK_STORE
}

TK_INLINE void tk_transpose4_f32(tk_f32 a, tk_f32 b, tk_f32 c, tk_f32 d, float *to, ptrdiff_t step) {
  tk_f64 ab = (tk_f64)TK_UNPACK_LOW_F32(a, b), AB = (tk_f64)TK_UNPACK_HIGH_F32(a, b);
  tk_f64 cd = (tk_f64)TK_UNPACK_LOW_F32(c, d), CD = (tk_f64)TK_UNPACK_HIGH_F32(c, d);
  tk_f64 first = TK_UNPACK_LOW_F64(ab, cd), second = TK_UNPACK_HIGH_F64(ab, cd);
  tk_f64 third = TK_UNPACK_LOW_F64(AB, CD), fourth = TK_UNPACK_HIGH_F64(AB, CD);
#define TK_STORE(q)                                                 \
  _mm_storeu_ps(to + (4 * q) * step, TK_QUARTER(first, q));         \
  _mm_storeu_ps(to + (4 * q + 1) * step, TK_QUARTER(second, q));    \
  _mm_storeu_ps(to + (4 * q + 2) * step, TK_QUARTER(third, q));     \
  _mm_storeu_ps(to + (4 * q + 3) * step, TK_QUARTER(fourth, q));
  TK_EACH_QUARTER(TK_STORE)
#undef TK_STORE
}

TK_INLINE void tk_transpose2_f64(tk_f64 a, tk_f64 b, double *to, ptrdiff_t step) {
  tk_f64 low = TK_UNPACK_LOW_F64(a, b), high = TK_UNPACK_HIGH_F64(a, b);
#define TK_STORE(q)                                                           \
  _mm_storeu_pd(to + (2 * q) * step, (__m128d)TK_QUARTER(low, q));            \
  _mm_storeu_pd(to + (2 * q + 1) * step, (__m128d)TK_QUARTER(high, q));
  TK_EACH_QUARTER(TK_STORE)
#undef TK_STORE
}
#else
TK_INLINE void tk_transpose2_f32(tk_f32 a, tk_f32 b, float *to, ptrdiff_t step) {
  for (int l = 0; l < 4; ++l) to[l * step] = a[l], to[l * step + 1] = b[l];
}
TK_INLINE void tk_transpose4_f32(tk_f32 a, tk_f32 b, tk_f32 c, tk_f32 d, float *to, ptrdiff_t step) {
  tk_transpose2_f32(a, b, to, step);
  tk_transpose2_f32(c, d, to + 2, step);
}
TK_INLINE void tk_transpose2_f64(tk_f64 a, tk_f64 b, double *to, ptrdiff_t step) {
  for (int l = 0; l < 2; ++l) to[l * step] = a[l], to[l * step + 1] = b[l];
}
#endif

// p, known to the compiler only once v is: what is read from it is not gathered in registers beforehand. No
// instruction.
#if defined(__AVX512F__)
#define TK_VECTOR_REGISTER "v"
#elif defined(__x86_64__)
#define TK_VECTOR_REGISTER "x"
#else
#define TK_VECTOR_REGISTER "w"
#endif
TK_INLINE const void *tk_after_f32(const void *p, tk_f32 v) {
  __asm__("" : "+r"(p) : TK_VECTOR_REGISTER(v));
  return p;
}
TK_INLINE const void *tk_after_f64(const void *p, tk_f64 v) {
  __asm__("" : "+r"(p) : TK_VECTOR_REGISTER(v));
  return p;
}

TK_INLINE void tk_prefetch(const void *p) { __builtin_prefetch(p, 0, 3); }
TK_INLINE void tk_prefetch_for_write(const void *p) { __builtin_prefetch(p, 1, 3); }
#pragma clang assume_nonnull end
