// What the processor and the operating system support, asked once at load.
#pragma once
#include <stdbool.h>

#if defined(__x86_64__)
#include <cpuid.h>

// The register states that the operating system saves on a context switch (XCR0).
static inline unsigned long long tk_xcr0(void) {
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return ((unsigned long long)high << 32) | low;
}

// True if all bits of `wanted_b` are set in leaf 7's EBX, and the machine has FMA, F16C, LZCNT, MOVBE
// and an operating system that saves the states in `wanted_xcr0`.
static inline bool tk_cpu_has(unsigned wanted_b, unsigned long long wanted_xcr0) {
  unsigned a, b, c, d;
  const unsigned fma = 1u << 12, movbe = 1u << 22, osxsave = 1u << 27, avx = 1u << 28, f16c = 1u << 29;
  const unsigned wanted_c = fma | movbe | osxsave | avx | f16c;
  if (!__get_cpuid(1, &a, &b, &c, &d) || (c & wanted_c) != wanted_c) return false;
  if ((tk_xcr0() & wanted_xcr0) != wanted_xcr0) return false;
  if (!__get_cpuid(0x80000001u, &a, &b, &c, &d) || !(c & (1u << 5))) return false;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  return (b & wanted_b) == wanted_b;
}

// BMI1, AVX2 and BMI2: with the flags above, what -march=x86-64-v3 assumes.
#define TK_LEAF7_V3 ((1u << 3) | (1u << 5) | (1u << 8))
// AVX-512 F, DQ, CD, BW and VL: what -march=x86-64-v4 adds.
#define TK_LEAF7_V4 ((1u << 16) | (1u << 17) | (1u << 28) | (1u << 30) | (1u << 31))

static inline bool tk_cpu_supports_avx2(void) { return tk_cpu_has(TK_LEAF7_V3, 0x6); }
static inline bool tk_cpu_supports_avx512(void) { return tk_cpu_has(TK_LEAF7_V3 | TK_LEAF7_V4, 0xe6); }
// Leaf 7's second part has the instructions for bfloat16.
static inline bool tk_cpu_supports_avx512_bf16(void) {
  unsigned a, b, c, d;
  if (!tk_cpu_supports_avx512() || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || a < 1) return false;
  return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & (1u << 5));
}
#else
static inline bool tk_cpu_supports_avx512_bf16(void) { return false; }
static inline bool tk_cpu_supports_avx2(void) { return false; }
static inline bool tk_cpu_supports_avx512(void) { return false; }
#endif
