// Whole steps that hold a size: for x at least 0 and a positive step.

/// The least multiple of `step` that is not below x.
@inlinable @inline(__always)
public func roundedUp(_ x: Int, _ step: Int) -> Int { ceilingOf(x, step) &* step }

/// x / step, upwards.
@inlinable @inline(__always)
public func ceilingOf(_ x: Int, _ step: Int) -> Int { (x &+ step &- 1) / step }
