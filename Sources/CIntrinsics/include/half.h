// float16 (IEEE 754's binary16) as bits, to and from float32. One at a time: the compiler makes vectors of a loop.
#pragma once
#include <stdint.h>

#include "vector.h"

// By instructions where there are some: the compiler's own way without them is a library call for each element.
#if defined(__F16C__) || defined(__aarch64__)
#define TK_HAS_HALF 1
#else
#define TK_HAS_HALF 0
#endif

TK_INLINE float tk_float_of_bits(uint32_t bits) {
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}
TK_INLINE uint32_t tk_bits_of_float(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}

// Exact; a NaN keeps its sign and payload and is quiet.
TK_INLINE float tk_float_of_half(uint16_t half) {
#if TK_HAS_HALF
  _Float16 value;
  __builtin_memcpy(&value, &half, sizeof value);
  return (float)value;
#else
  uint32_t magnitude = half & 0x7fffu, shifted = magnitude << 13;
  uint32_t normal = shifted + (112u << 23);
  uint32_t special = shifted + (224u << 23) + (magnitude > 0x7c00u ? (magnitude & 0x200u ? 0 : 0x400000u) : 0);
  // Units of 2^-24.
  uint32_t small = tk_bits_of_float((float)(int32_t)magnitude * 0x1p-24f);
  uint32_t bits = magnitude >= 0x7c00u ? special : magnitude >= 0x400u ? normal : small;
  return tk_float_of_bits(bits | (uint32_t)(half & 0x8000u) << 16);
#endif
}

// To the nearest, halves to even; from half beyond the greatest to infinity; a NaN keeps its sign and the upper part
// of its payload and is quiet.
TK_INLINE uint16_t tk_half_of_float(float value) {
#if TK_HAS_HALF
  _Float16 rounded = (_Float16)value;
  uint16_t half;
  __builtin_memcpy(&half, &rounded, sizeof half);
  return half;
#else
  uint32_t bits = tk_bits_of_float(value), magnitude = bits & 0x7fffffffu;
  uint32_t normal = (magnitude - (112u << 23) + 0xfffu + (magnitude >> 13 & 1)) >> 13;
  // The last bit of 0.5 is 2^-24, as that of the small numbers: adding it rounds.
  uint32_t small = tk_bits_of_float(tk_float_of_bits(magnitude) + 0.5f) - 0x3f000000u;
  uint32_t nan = 0x7e00u | (magnitude >> 13 & 0x1ffu);
  uint32_t half = magnitude > 0x7f800000u    ? nan
                  : magnitude >= 0x477ff000u ? 0x7c00u
                  : magnitude >= 0x38800000u ? normal
                                             : small;
  return (uint16_t)(half | (bits >> 16 & 0x8000u));
#endif
}
