import TalwegKernels
import Testing

/// Sorting by vectors against the standard library's: all short lengths, longer ones, and orders that are hard on pivots.
@Suite struct SortKernels {
  static let orders: [(String, @Sendable (Int, Int) -> UInt64)] = [
    ("random", { i, _ in mixed(i) }),
    ("ascending", { i, _ in UInt64(i) }),
    ("descending", { i, n in UInt64(n - i) }),
    ("one value", { _, _ in 7 }),
    ("few values", { i, _ in mixed(i) % 3 }),
    ("the extremes", { i, _ in mixed(i) % 2 == 0 ? .max : 0 }),
    ("the greatest", { _, _ in .max }),
    ("an organ pipe", { i, n in UInt64(min(i, n - i)) }),
  ]

  /// SplitMix64's output function.
  static func mixed(_ i: Int) -> UInt64 {
    var z = UInt64(i + 1) &* 0x9e37_79b9_7f4a_7c15
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }

  static func check<Key: FixedWidthInteger & UnsignedInteger>(_ sort: SortFunction, _ n: Int, _ name: String, _: Key.Type) {
    for (order, key) in orders {
      // Behind the keys lies one that must stay.
      var keys = (0..<n).map { Key(truncatingIfNeeded: key($0, n)) } + [5]
      var other = [Key](repeating: 5, count: n + 1)
      let expected = keys[..<n].sorted() + [5]
      keys.withUnsafeMutableBytes { keys in
        other.withUnsafeMutableBytes { other in
          if let keys = keys.baseAddress, let other = other.baseAddress { sort(n, keys, other) }
        }
      }
      #expect(keys == expected && other[n] == 5, "\(name), \(n) \(Key.self), \(order)")
    }
  }

  @Test func everyTable() {
    for table in tables {
      for n in Array(0...300) + [511, 512, 513, 1000, 4095, 4096, 5000, 70_001] {
        if let sort = table.sort32 { Self.check(sort, n, "\(table.name)", UInt32.self) }
        if let sort = table.sort64 { Self.check(sort, n, "\(table.name)", UInt64.self) }
      }
    }
  }
}
