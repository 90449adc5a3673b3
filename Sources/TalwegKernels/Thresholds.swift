// What kernels and their callers must decide alike.

/// A contiguous row of at least so many bytes is written past the caches: it is a piece of an array that no
/// cache would keep, and a plain store would read each line from memory first. Callers cut arrays that may be
/// read from a cache again into shorter rows.
@inlinable @inline(__always)
public var streamedBytes: Int { 512 << 10 }

/// Whether a reduction of rows of n elements, `stride` apart, the rows `step` apart, goes along each row, and
/// not across the rows with a vector of outputs: where an output stands alone (step 0), and where the
/// elements are closer together than the outputs and enough to fill vectors.
@inlinable @inline(__always)
public func reducesAlong(_ n: Int, _ stride: Int, _ step: Int) -> Bool {
  step == 0 || (step != 1 && n >= 32 && stride.magnitude <= step.magnitude)
}
