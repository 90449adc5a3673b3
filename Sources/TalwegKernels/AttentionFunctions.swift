public import CIntrinsics

/// (arguments, batch, head, first query, end of queries, workspace): `out` and `log_sums` of these rows.
public typealias AttentionFunction = @convention(c) (
  UnsafePointer<tk_attention>, Int, Int, Int, Int, UnsafeMutableRawPointer
) -> Void

/// The bytes of workspace that a call for so many queries (forward) or keys (backward) needs, or -1 if that
/// is more than an Int.
public typealias AttentionWorkspaceFunction = @convention(c) (UnsafePointer<tk_attention>, Int) -> Int

// Dropout of attention weights: the weight of key j for row r (= (batch heads + head) queries + query) is
// zeroed if a 32-bit word is below 2^32 probability. A row takes the Philox blocks (see Random.swift) from
// offset + r blocks, blocks = attentionRandomBlocks(keys): keys 64 i ..< 64 i + 64 those from 16 i on, of
// which key 64 i + 16 w + b takes word w of block b.

/// Philox blocks that a row of so many keys takes.
@inline(__always)
public func attentionRandomBlocks(keys: Int) -> Int { (keys &+ 63) / 64 &* 16 }

/// The block of the first of 64 keys, `key` a multiple of 64, of row (batch heads + head) queries + query.
@inline(__always)
public func attentionRandomBlock(_ offset: UInt64, row: Int, key: Int, keys: Int) -> UInt64 {
  offset &+ UInt64(row) &* UInt64(attentionRandomBlocks(keys: keys)) &+ UInt64(key / 4)
}

/// Words below it drop a weight.
@inline(__always)
public func attentionDropoutThreshold(_ probability: Double) -> UInt32 {
  UInt32(min(probability * 0x1p32, 4_294_967_295))
}

/// What dropout multiplies to one weight.
public func attentionDropoutFactor(
  _ probability: Double, _ seed: UInt64, _ offset: UInt64, row: Int, key: Int, keys: Int
) -> Double {
  let place = key % 64
  let block = attentionRandomBlock(offset, row: row, key: key &- place, keys: keys) &+ UInt64(place % 16)
  let words = philox4x32(
    counter: SIMD4(UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), 0, 0),
    key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
  return words[place / 16] < attentionDropoutThreshold(probability) ? 0 : 1 / (1 - probability)
}
