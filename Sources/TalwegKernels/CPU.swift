internal import CIntrinsics

/// Whether this CPU and operating system run code compiled for x86-64-v3 (AVX2, FMA, F16C, BMI).
/// False on other architectures.
public func cpuSupportsAVX2() -> Bool { tk_cpu_supports_avx2() }

/// Whether this CPU and operating system run code compiled for x86-64-v4 (AVX-512 F, VL, BW, DQ, CD).
/// False on other architectures.
public func cpuSupportsAVX512() -> Bool { tk_cpu_supports_avx512() }

/// Whether it has the instructions for bfloat16 of AVX-512 too.
/// False on other architectures.
public func cpuSupportsAVX512BF16() -> Bool { tk_cpu_supports_avx512_bf16() }
