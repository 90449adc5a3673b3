internal import CIntrinsics

extension KernelTable {
  /// Sorting by vectors, where they can be compressed.
  mutating func setSort() {
    if TK_HAS_SORT == 0 { return }
    sort32 = { tk_sort_u32($0, $1.assumingMemoryBound(to: UInt32.self), $2.assumingMemoryBound(to: UInt32.self)) }
    sort64 = { tk_sort_u64($0, $1.assumingMemoryBound(to: UInt64.self), $2.assumingMemoryBound(to: UInt64.self)) }
  }
}
