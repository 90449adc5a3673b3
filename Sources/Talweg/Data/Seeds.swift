import TalwegKernels

/// What a seed is used for, so that no two uses share their random numbers.
enum SeedUse: UInt32 {
    case epochs = 1
    case split = 2
}

extension UInt64 {
    /// The seed of a stream for one use and number of this one: a block of Philox
    /// (Salmon et al., SC 2011), which sends different arguments to unrelated seeds.
    func stream(_ use: SeedUse, _ number: UInt64 = 0) -> UInt64 {
        let words = philox4x32(
            counter: SIMD4(
                UInt32(truncatingIfNeeded: number), UInt32(truncatingIfNeeded: number >> 32), use.rawValue, 1),
            key: SIMD2(UInt32(truncatingIfNeeded: self), UInt32(truncatingIfNeeded: self >> 32)))
        return UInt64(words[1]) << 32 | UInt64(words[0])
    }
}
