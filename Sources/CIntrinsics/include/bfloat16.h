// The instructions for bfloat16 that Swift's SIMD types cannot spell, for a module that is compiled for CPUs that
// have them (AVX-512 BF16). A pair is two bfloat16 in one lane of 32 bits, the first in the lower half.
#pragma once
#if defined(__AVX512BF16__) && defined(__AVX512BW__)
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin
#define TK_INLINE_BF16 static inline __attribute__((always_inline))

typedef float tk_sums __attribute__((ext_vector_type(16)));
typedef uint32_t tk_pairs __attribute__((ext_vector_type(16)));

TK_INLINE_BF16 tk_sums tk_zero_sums(void) { return (tk_sums)(0); }
TK_INLINE_BF16 tk_sums tk_load_sums(const float *p) { return (tk_sums)_mm512_loadu_ps(p); }
TK_INLINE_BF16 void tk_store_sums(float *p, tk_sums v) { _mm512_storeu_ps(p, (__m512)v); }
// The first n lanes, 0 <= n <= 16; nothing beyond them is touched, and reads as 0.
TK_INLINE_BF16 tk_sums tk_load_sums_first(const float *p, uint32_t n) {
  return (tk_sums)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
}
TK_INLINE_BF16 void tk_store_sums_first(float *p, uint32_t n, tk_sums v) {
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
}

TK_INLINE_BF16 tk_pairs tk_load_pairs(const uint16_t *p) { return (tk_pairs)_mm512_loadu_si512(p); }
// One pair in every lane.
TK_INLINE_BF16 tk_pairs tk_splat_pair(const uint16_t *p) {
  uint32_t pair;
  __builtin_memcpy(&pair, p, sizeof pair);
  return (tk_pairs)(pair);
}

// sum + a.first b.first + a.second b.second in each lane: products exact, denormals as zeros, each sum rounded to
// the nearest.
TK_INLINE_BF16 tk_sums tk_add_pair_products(tk_sums sum, tk_pairs a, tk_pairs b) {
  return (tk_sums)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
}

TK_INLINE_BF16 void tk_prefetch_pairs(const void *p) { __builtin_prefetch(p, 0, 3); }

// The first n <= 32 elements of one row and the first m of another as pairs, zeros beyond; 64 elements are written.
TK_INLINE_BF16 void tk_pair_rows(const uint16_t *first, const uint16_t *second, uint32_t n, uint32_t m, uint16_t *to) {
  const __m512i a = _mm512_maskz_loadu_epi16((__mmask32)((1ull << n) - 1), first);
  const __m512i b = _mm512_maskz_loadu_epi16((__mmask32)((1ull << m) - 1), second);
  const __m512i low = _mm512_unpacklo_epi16(a, b), high = _mm512_unpackhi_epi16(a, b);
  const __m512i head = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), tail = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
  _mm512_storeu_si512(to, _mm512_permutex2var_epi64(low, head, high));
  _mm512_storeu_si512(to + 32, _mm512_permutex2var_epi64(low, tail, high));
}
// The same of n, m <= 12, of which 24 elements are written.
TK_INLINE_BF16 void tk_pair_short_rows(const uint16_t *first, const uint16_t *second, uint32_t n, uint32_t m,
                                       uint16_t *to) {
  const __m512i a = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16((__mmask16)((1u << n) - 1), first));
  const __m512i b = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16((__mmask16)((1u << m) - 1), second));
  _mm512_mask_storeu_epi32(to, (__mmask16)0xfff, _mm512_or_si512(a, _mm512_slli_epi32(b, 16)));
}

// Four rows, `stride` elements apart, of n <= 16 pairs each as columns: pair l of the four goes to to[l * step] and
// after. Rows from number `rows` on are zeros and not read.
TK_INLINE_BF16 void tk_turn_pairs(const uint16_t *x, ptrdiff_t stride, int32_t rows, uint32_t n, uint16_t *to,
                                  ptrdiff_t step) {
  const __mmask16 mask = (__mmask16)((1u << n) - 1);
  __m512i r[4];
  for (int i = 0; i < 4; ++i)
    r[i] = i < rows ? _mm512_maskz_loadu_epi32(mask, x + i * stride) : _mm512_setzero_si512();
  const __m512i ab = _mm512_unpacklo_epi32(r[0], r[1]), AB = _mm512_unpackhi_epi32(r[0], r[1]);
  const __m512i cd = _mm512_unpacklo_epi32(r[2], r[3]), CD = _mm512_unpackhi_epi32(r[2], r[3]);
  const __m512i turned[4] = {_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd),
                             _mm512_unpacklo_epi64(AB, CD), _mm512_unpackhi_epi64(AB, CD)};
#define TK_STORE_QUARTER(q)                                                                         \
  for (int i = 0; i < 4; ++i)                                                                       \
    if (4 * q + i < (int)n)                                                                     \
      _mm_storeu_si128((__m128i *)(to + (4 * q + i) * step), _mm512_extracti32x4_epi32(turned[i], q));
  TK_STORE_QUARTER(0) TK_STORE_QUARTER(1) TK_STORE_QUARTER(2) TK_STORE_QUARTER(3)
#undef TK_STORE_QUARTER
}
#pragma clang assume_nonnull end
#endif
