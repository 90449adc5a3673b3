// The vector algebra that the kernels' bodies are written with: one register of float, one of double,
// as wide as the target that includes this header may use. Only what Swift's SIMD types cannot spell,
// or do not reliably lower to one instruction, is here.
#pragma once
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define TK_BYTES 64
#elif defined(__AVX2__)
#define TK_BYTES 32
#else
#define TK_BYTES 16
#endif

#pragma clang assume_nonnull begin
#define TK_INLINE static inline __attribute__((always_inline))

typedef float tk_f32 __attribute__((ext_vector_type(TK_BYTES / 4)));
typedef int32_t tk_i32 __attribute__((ext_vector_type(TK_BYTES / 4)));
typedef double tk_f64 __attribute__((ext_vector_type(TK_BYTES / 8)));
typedef int64_t tk_i64 __attribute__((ext_vector_type(TK_BYTES / 8)));

// Fused multiply-add where the target has the instruction; elsewhere two roundings, because a fused one
// would be a library call for each lane.
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
#define TK_MADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#else
#define TK_MADD(a, b, c) ((a) * (b) + (c))
#endif

// Lane i gets lane (i + n) modulo the lanes.
#define TK_ROTATED_2(a, n) __builtin_shufflevector(a, a, (n) % 2, ((n) + 1) % 2)
#define TK_ROTATED_4(a, n) \
  __builtin_shufflevector(a, a, (n) % 4, ((n) + 1) % 4, ((n) + 2) % 4, ((n) + 3) % 4)
#define TK_ROTATED_8(a, n)                                                                              \
  __builtin_shufflevector(a, a, (n) % 8, ((n) + 1) % 8, ((n) + 2) % 8, ((n) + 3) % 8, ((n) + 4) % 8,    \
                          ((n) + 5) % 8, ((n) + 6) % 8, ((n) + 7) % 8)
#define TK_ROTATED_16(a, n)                                                                             \
  __builtin_shufflevector(a, a, (n) % 16, ((n) + 1) % 16, ((n) + 2) % 16, ((n) + 3) % 16,               \
                          ((n) + 4) % 16, ((n) + 5) % 16, ((n) + 6) % 16, ((n) + 7) % 16,               \
                          ((n) + 8) % 16, ((n) + 9) % 16, ((n) + 10) % 16, ((n) + 11) % 16,             \
                          ((n) + 12) % 16, ((n) + 13) % 16, ((n) + 14) % 16, ((n) + 15) % 16)
#if TK_BYTES == 64
#define TK_ROTATED_f32(a, n) TK_ROTATED_16(a, n)
#define TK_ROTATED_f64(a, n) TK_ROTATED_8(a, n)
#elif TK_BYTES == 32
#define TK_ROTATED_f32(a, n) TK_ROTATED_8(a, n)
#define TK_ROTATED_f64(a, n) TK_ROTATED_4(a, n)
#else
#define TK_ROTATED_f32(a, n) TK_ROTATED_4(a, n)
#define TK_ROTATED_f64(a, n) TK_ROTATED_2(a, n)
#endif

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
#define TK_HAS_FMA 1
#else
#define TK_HAS_FMA 0
#endif

// A mask is a vector of integers, all ones where true. The helpers for a vector type V of scalar T with
// masks M and bytes B, suffix S:
#define TK_DEFINE_VECTOR(S, V, T, M, B)                                                                  \
  typedef uint8_t B __attribute__((ext_vector_type(sizeof(V) / sizeof(T))));                             \
  TK_INLINE V tk_splat_##S(T x) { return (V)(x); }                                                       \
  TK_INLINE V tk_load_##S(const void *p) { V v; __builtin_memcpy(&v, p, sizeof v); return v; }           \
  TK_INLINE void tk_store_##S(void *p, V v) { __builtin_memcpy(p, &v, sizeof v); }                       \
  TK_INLINE V tk_madd_##S(V a, V b, V c) { return TK_MADD(a, b, c); }                                    \
  TK_INLINE V tk_neg_##S(V a) { return -a; }                                                            \
  TK_INLINE V tk_sqrt_##S(V a) { return __builtin_elementwise_sqrt(a); }                                 \
  TK_INLINE V tk_floor_##S(V a) { return __builtin_elementwise_floor(a); }                               \
  TK_INLINE V tk_ceil_##S(V a) { return __builtin_elementwise_ceil(a); }                                 \
  TK_INLINE V tk_trunc_##S(V a) { return __builtin_elementwise_trunc(a); }                               \
  TK_INLINE V tk_round_##S(V a) { return __builtin_elementwise_roundeven(a); }                           \
  TK_INLINE V tk_abs_##S(V a) { return __builtin_elementwise_abs(a); }                                   \
  TK_INLINE V tk_copysign_##S(V a, V b) { return __builtin_elementwise_copysign(a, b); }                 \
  TK_INLINE M tk_eq_##S(V a, V b) { return (M)(a == b); }                                                \
  TK_INLINE M tk_ne_##S(V a, V b) { return (M)(a != b); }                                                \
  TK_INLINE M tk_lt_##S(V a, V b) { return (M)(a < b); }                                                 \
  TK_INLINE M tk_le_##S(V a, V b) { return (M)(a <= b); }                                                \
  /* lane i gets lane i + by, by a power of two below the lanes; each is a shuffle of its own */         \
  TK_INLINE V tk_rotate_##S(V a, ptrdiff_t by) {                                                         \
    switch (by) {                                                                                        \
      case 1: return TK_ROTATED_##S(a, 1);                                                               \
      case 2: return TK_ROTATED_##S(a, 2);                                                               \
      case 4: return TK_ROTATED_##S(a, 4);                                                               \
      default: return TK_ROTATED_##S(a, 8);                                                              \
    }                                                                                                    \
  }                                                                                                      \
  TK_INLINE V tk_select_##S(M m, V a, V b) { return m ? a : b; }                                         \
  TK_INLINE _Bool tk_any_##S(M m) { return __builtin_reduce_or(m) != 0; }                                \
  TK_INLINE M tk_bits_##S(V a) { return (M)a; }                                                          \
  TK_INLINE V tk_from_bits_##S(M a) { return (V)a; }                                                     \
  /* a must be an integer within the range of the lanes of M */                                          \
  TK_INLINE M tk_to_int_##S(V a) { return __builtin_convertvector(a, M); }                               \
  TK_INLINE V tk_from_int_##S(M a) { return __builtin_convertvector(a, V); }                             \
  TK_INLINE V tk_load_strided_##S(const void *p, ptrdiff_t stride, ptrdiff_t n, T fill) {                \
    V v = (V)(fill);                                                                                     \
    for (ptrdiff_t i = 0; i < n; ++i) v[i] = ((const T *)p)[i * stride];                                 \
    return v;                                                                                            \
  }                                                                                                      \
  TK_INLINE void tk_store_strided_##S(void *p, ptrdiff_t stride, ptrdiff_t n, V v) {                     \
    for (ptrdiff_t i = 0; i < n; ++i) ((T *)p)[i * stride] = v[i];                                       \
  }                                                                                                      \
  /* one byte a lane, 1 where the mask is set */                                                         \
  TK_INLINE void tk_store_mask_##S(void *p, M m) {                                                       \
    B b = __builtin_convertvector(m & 1, B);                                                             \
    __builtin_memcpy(p, &b, sizeof(V) / sizeof(T));                                                      \
  }                                                                                                      \
  TK_INLINE void tk_store_mask_strided_##S(void *p, ptrdiff_t stride, ptrdiff_t n, M m) {                \
    for (ptrdiff_t i = 0; i < n; ++i) ((uint8_t *)p)[i * stride] = (uint8_t)(m[i] & 1);                  \
  }

TK_DEFINE_VECTOR(f32, tk_f32, float, tk_i32, tk_b32)
TK_DEFINE_VECTOR(f64, tk_f64, double, tk_i64, tk_b64)

// The greater, or the lesser, of a and b, which is no NaN; a NaN a stays. The instructions give their second
// operand where one is NaN.
#if defined(__AVX512F__)
TK_INLINE tk_f32 tk_clamp_low_f32(tk_f32 a, tk_f32 b) { return (tk_f32)_mm512_max_ps((__m512)b, (__m512)a); }
TK_INLINE tk_f32 tk_clamp_high_f32(tk_f32 a, tk_f32 b) { return (tk_f32)_mm512_min_ps((__m512)b, (__m512)a); }
TK_INLINE tk_f64 tk_clamp_low_f64(tk_f64 a, tk_f64 b) { return (tk_f64)_mm512_max_pd((__m512d)b, (__m512d)a); }
TK_INLINE tk_f64 tk_clamp_high_f64(tk_f64 a, tk_f64 b) { return (tk_f64)_mm512_min_pd((__m512d)b, (__m512d)a); }
#else
TK_INLINE tk_f32 tk_clamp_low_f32(tk_f32 a, tk_f32 b) { return a < b ? b : a; }
TK_INLINE tk_f32 tk_clamp_high_f32(tk_f32 a, tk_f32 b) { return b < a ? b : a; }
TK_INLINE tk_f64 tk_clamp_low_f64(tk_f64 a, tk_f64 b) { return a < b ? b : a; }
TK_INLINE tk_f64 tk_clamp_high_f64(tk_f64 a, tk_f64 b) { return b < a ? b : a; }
#endif

// a times 2 to the whole number n, rounded once: by an instruction, or by two factors, for |n| below 2000
// (float32: 250).
#if defined(__AVX512F__)
TK_INLINE tk_f32 tk_scale_f32(tk_f32 a, tk_f32 n) { return (tk_f32)_mm512_scalef_ps((__m512)a, (__m512)n); }
TK_INLINE tk_f64 tk_scale_f64(tk_f64 a, tk_f64 n) { return (tk_f64)_mm512_scalef_pd((__m512d)a, (__m512d)n); }
#else
TK_INLINE tk_f32 tk_scale_f32(tk_f32 a, tk_f32 n) {
  tk_i32 e = __builtin_convertvector(n, tk_i32), half = e >> 1;
  return a * (tk_f32)((half + 127) << 23) * (tk_f32)((e - half + 127) << 23);
}
// n is rounded to an integer in the low bits of a sum: there may be no conversion to 64 bits.
TK_INLINE tk_f64 tk_scale_f64(tk_f64 a, tk_f64 n) {
  tk_f64 magic = (tk_f64)(0x1.8p52);
  tk_i64 e = (tk_i64)(n + magic) - (tk_i64)magic, half = e >> 1;
  return a * (tk_f64)((half + 1023) << 52) * (tk_f64)((e - half + 1023) << 52);
}
#endif

// float32 as float64 and back, half a vector each.
TK_INLINE tk_f64 tk_widen_low(tk_f32 v) { return __builtin_convertvector(v.lo, tk_f64); }
TK_INLINE tk_f64 tk_widen_high(tk_f32 v) { return __builtin_convertvector(v.hi, tk_f64); }
TK_INLINE tk_f32 tk_narrow(tk_f64 low, tk_f64 high) {
  tk_f32 v;
  v.lo = __builtin_convertvector(low, __typeof__(v.lo));
  v.hi = __builtin_convertvector(high, __typeof__(v.hi));
  return v;
}

// The first n lanes, 0 < n <= lanes; the others get `fill`. Nothing outside the n elements is touched.
#if defined(__AVX512F__)
TK_INLINE tk_f32 tk_load_partial_f32(const void *p, ptrdiff_t n, float fill) {
  return (tk_f32)_mm512_mask_loadu_ps(_mm512_set1_ps(fill), (__mmask16)((1u << n) - 1), p);
}
TK_INLINE void tk_store_partial_f32(void *p, ptrdiff_t n, tk_f32 v) {
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
}
TK_INLINE tk_f64 tk_load_partial_f64(const void *p, ptrdiff_t n, double fill) {
  return (tk_f64)_mm512_mask_loadu_pd(_mm512_set1_pd(fill), (__mmask8)((1u << n) - 1), p);
}
TK_INLINE void tk_store_partial_f64(void *p, ptrdiff_t n, tk_f64 v) {
  _mm512_mask_storeu_pd(p, (__mmask8)((1u << n) - 1), (__m512d)v);
}
#elif defined(__AVX2__)
TK_INLINE __m256i tk_first_mask_f32(ptrdiff_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
TK_INLINE __m256i tk_first_mask_f64(ptrdiff_t n) {
  return _mm256_cmpgt_epi64(_mm256_set1_epi64x(n), _mm256_setr_epi64x(0, 1, 2, 3));
}
TK_INLINE tk_f32 tk_load_partial_f32(const void *p, ptrdiff_t n, float fill) {
  __m256i mask = tk_first_mask_f32(n);
  return (tk_f32)_mm256_blendv_ps(_mm256_set1_ps(fill), _mm256_maskload_ps(p, mask), _mm256_castsi256_ps(mask));
}
TK_INLINE tk_f64 tk_load_partial_f64(const void *p, ptrdiff_t n, double fill) {
  __m256i mask = tk_first_mask_f64(n);
  return (tk_f64)_mm256_blendv_pd(_mm256_set1_pd(fill), _mm256_maskload_pd(p, mask), _mm256_castsi256_pd(mask));
}
// By halves: a masked store is many micro-operations on some processors.
TK_INLINE void tk_store_partial_f32(void *p, ptrdiff_t n, tk_f32 v) {
  if (n == 8) {
    tk_store_f32(p, v);
    return;
  }
  __m128 part = _mm256_castps256_ps128((__m256)v);
  if (n & 4) {
    _mm_storeu_ps(p, part);
    p = (char *)p + 16;
    part = _mm256_extractf128_ps((__m256)v, 1);
  }
  if (n & 2) {
    _mm_storel_pi(p, part);
    p = (char *)p + 8;
    part = _mm_movehl_ps(part, part);
  }
  if (n & 1) _mm_store_ss(p, part);
}
TK_INLINE void tk_store_partial_f64(void *p, ptrdiff_t n, tk_f64 v) {
  if (n == 4) {
    tk_store_f64(p, v);
    return;
  }
  __m128d part = _mm256_castpd256_pd128((__m256d)v);
  if (n & 2) {
    _mm_storeu_pd(p, part);
    p = (char *)p + 16;
    part = _mm256_extractf128_pd((__m256d)v, 1);
  }
  if (n & 1) _mm_store_sd(p, part);
}
#else
TK_INLINE tk_f32 tk_load_partial_f32(const void *p, ptrdiff_t n, float fill) {
  return tk_load_strided_f32(p, 1, n, fill);
}
TK_INLINE void tk_store_partial_f32(void *p, ptrdiff_t n, tk_f32 v) { tk_store_strided_f32(p, 1, n, v); }
TK_INLINE tk_f64 tk_load_partial_f64(const void *p, ptrdiff_t n, double fill) {
  return tk_load_strided_f64(p, 1, n, fill);
}
TK_INLINE void tk_store_partial_f64(void *p, ptrdiff_t n, tk_f64 v) { tk_store_strided_f64(p, 1, n, v); }
#endif
#pragma clang assume_nonnull end
