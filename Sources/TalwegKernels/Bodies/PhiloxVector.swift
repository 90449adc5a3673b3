internal import CIntrinsics

// Philox 4x32-10 (see Random.swift) of several blocks at once, a block a lane: the four words of a counter are
// four vectors of 64-bit lanes, whose upper halves hold what the last product left there and do not count.

/// The blocks of a group: two vectors' lanes, side by side, since each round waits for the one before.
@inline(__always) var philoxBlocks: Int { 2 &* (MemoryLayout<tk_u64>.size / 8) }
/// The words of a group.
@inline(__always) var philoxWords: Int { philoxBlocks &* 4 }

/// The four words of the counters.
private struct PhiloxCounters {
  var c0, c1, c2, c3: tk_u64

  @inline(__always)
  init(block: UInt64) {
    c0 = tk_count_up(block)
    c1 = tk_high_half(c0)
    c2 = tk_splat_u64(0)
    c3 = c2
  }

  @inline(__always)
  mutating func round(_ k0: tk_u64, _ k1: tk_u64) {
    let even = tk_widening_product(c0, 0xD251_1F53), odd = tk_widening_product(c2, 0xCD9E_8D57)
    c0 = tk_high_half(odd) ^ c1 ^ k0
    c1 = odd
    c2 = tk_high_half(even) ^ c3 ^ k1
    c3 = even
  }
}

/// Writes the words of blocks first ..< first + philoxBlocks.
@inline(__always)
func philox(_ seed: UInt64, block first: UInt64, _ out: UnsafeMutablePointer<UInt32>) {
  var a = PhiloxCounters(block: first)
  var b = PhiloxCounters(block: first &+ UInt64(philoxBlocks / 2))
  var k0 = UInt32(truncatingIfNeeded: seed), k1 = UInt32(truncatingIfNeeded: seed >> 32)
  var round = 0
  while round < 10 {
    let keys = (tk_splat_u64(UInt64(k0)), tk_splat_u64(UInt64(k1)))
    a.round(keys.0, keys.1)
    b.round(keys.0, keys.1)
    k0 &+= 0x9E37_79B9
    k1 &+= 0xBB67_AE85
    round &+= 1
  }
  tk_store_words(out, a.c0, a.c1, a.c2, a.c3)
  tk_store_words(out + philoxWords / 2, b.c0, b.c1, b.c2, b.c3)
}

/// Calls `body` with words of the stream that make elements i ..< i + count, one each; `count` is at most a
/// vector's lanes.
@inline(__always)
func eachWords(_ n: Int, _ seed: UInt64, _ offset: UInt64, lanes: Int, _ body: (Int, Int, UnsafePointer<UInt32>) -> Void) {
  // Room for one group, and for a vector that begins at its last word.
  withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 96) { buffer in
    guard let words = buffer.baseAddress else { return }
    var block = offset / 4
    var skip = Int(offset % 4)
    var i = 0
    while i < n {
      philox(seed, block: block, words)
      let end = min(philoxWords, skip &+ n &- i)
      while skip < end {
        let count = min(lanes, end &- skip)
        body(i, count, words + skip)
        i &+= count
        skip &+= count
      }
      skip = 0
      block &+= UInt64(philoxBlocks)
    }
  }
}

extension RandomKernels {
  mutating func setVectorF32() {
    bits = { n, seed, offset, y in
      eachWords(n, seed, offset, lanes: philoxWords) { i, count, words in
        (y + i).update(from: words, count: count)
      }
    }
    uniform = { n, seed, offset, y in
      eachWords(n, seed, offset, lanes: VectorF32.lanes) { i, count, words in
        storeVector(VectorF32(integers: tk_load_words_f32(words)) * 0x1p-24, y, i, count)
      }
    }
    dropout = { n, seed, offset, threshold, scale, x, y in
      let scale = VectorF32(Float(scale))
      eachWords(n, seed, offset, lanes: VectorF32.lanes) { i, count, words in
        let kept = tk_at_least_f32(tk_load_words_f32(words), threshold)
        let value = loadVector(x, 1, i, count, fill: 0, VectorF32.self) * scale
        storeVector(VectorF32.select(kept, value, 0), y, i, count)
      }
    }
  }

  mutating func setVectorF64() {
    dropout = { n, seed, offset, threshold, scale, x, y in
      let scale = VectorF64(scale)
      eachWords(n, seed, offset, lanes: VectorF64.lanes) { i, count, words in
        let kept = tk_at_least_f64(tk_load_words_f64(words), threshold)
        let value = loadVector(x, 1, i, count, fill: 0, VectorF64.self) * scale
        storeVector(VectorF64.select(kept, value, 0), y, i, count)
      }
    }
  }
}
