// Reductions of many strided rows at once, an output each: along the rows, or across them with a vector of
// outputs, as the strides have it. See `reducesAlong`.

/// Output i of m from its n elements: each row on its own, or many rows side by side in groups of eight, so
/// that the accumulators in y are read and written once for eight loads, and the rounding error is that of
/// n / 8 + 3 terms.
@inline(__always)
private func reduceRows<V: FloatVector, F: VectorFold>(
  _ n: Int, _ m: Int, _ x: UnsafeRawPointer, _ stride: Int, _ step: Int, _ y: UnsafeMutableRawPointer,
  _: V.Type, _: F.Type
) {
  let size = MemoryLayout<V.Scalar>.size
  if n == 0 || reducesAlong(n, stride, step) {
    var i = 0
    while i < m {
      let result = F.row(n, x + i &* step &* size, stride, V.self)
      y.storeBytes(of: result, toByteOffset: i &* size, as: V.Scalar.self)
      i &+= 1
    }
    return
  }
  var row = 0
  while row < n {
    let rows = min(8, n &- row)
    let base = x + row &* stride &* size
    // Apart, so that the loop over contiguous outputs has no branch.
    if step == 1 {
      foldRows(rows, m, base, stride &* size, 1, y, row > 0, V.self, F.self)
    } else {
      foldRows(rows, m, base, stride &* size, step, y, row > 0, V.self, F.self)
    }
    row &+= rows
  }
}

/// y = the fold of up to eight rows, `rowBytes` apart, and of y if it `hasBegun`.
@inline(__always)
private func foldRows<V: FloatVector, F: VectorFold>(
  _ rows: Int, _ m: Int, _ x: UnsafeRawPointer, _ rowBytes: Int, _ step: Int, _ y: UnsafeMutableRawPointer,
  _ hasBegun: Bool, _: V.Type, _: F.Type
) {
  let size = MemoryLayout<V.Scalar>.size
  var i = 0
  while i &+ V.lanes <= m {
    let p = x + i &* step &* size
    let total = foldColumn(rows, p, rowBytes, step, V.lanes, V.self, F.self)
    let q = y + i &* size
    (hasBegun ? F.apply(V.load(UnsafeRawPointer(q)), total) : total).store(q)
    i &+= V.lanes
  }
  if i < m {
    let count = m &- i
    let total = foldColumn(rows, x + i &* step &* size, rowBytes, step, count, V.self, F.self)
    let q = y + i &* size
    let result = hasBegun ? F.apply(V.load(UnsafeRawPointer(q), first: count, fill: 0), total) : total
    result.store(q, first: count)
  }
}

@inline(__always)
private func foldColumn<V: FloatVector, F: VectorFold>(
  _ rows: Int, _ p: UnsafeRawPointer, _ rowBytes: Int, _ step: Int, _ count: Int, _: V.Type, _: F.Type
) -> V {
  if rows == 8 {
    let a = loadVector(p, step, 0, count, fill: 0, V.self)
    let b = loadVector(p + rowBytes, step, 0, count, fill: 0, V.self)
    let c = loadVector(p + 2 &* rowBytes, step, 0, count, fill: 0, V.self)
    let d = loadVector(p + 3 &* rowBytes, step, 0, count, fill: 0, V.self)
    let e = loadVector(p + 4 &* rowBytes, step, 0, count, fill: 0, V.self)
    let f = loadVector(p + 5 &* rowBytes, step, 0, count, fill: 0, V.self)
    let g = loadVector(p + 6 &* rowBytes, step, 0, count, fill: 0, V.self)
    let h = loadVector(p + 7 &* rowBytes, step, 0, count, fill: 0, V.self)
    return F.apply(F.apply(F.apply(a, b), F.apply(c, d)), F.apply(F.apply(e, f), F.apply(g, h)))
  }
  var total = loadVector(p, step, 0, count, fill: 0, V.self)
  var row = 1
  while row < rows {
    total = F.apply(total, loadVector(p + row &* rowBytes, step, 0, count, fill: 0, V.self))
    row &+= 1
  }
  return total
}

extension KernelTable {
  func setVectorReduceMany() {
    setMany(.sum, .float32) { reduceRows($0, $1, $2, $3, $4, $5, VectorF32.self, Addition.self) }
    setMany(.sum, .float64) { reduceRows($0, $1, $2, $3, $4, $5, VectorF64.self, Addition.self) }
    setMany(.product, .float32) { reduceRows($0, $1, $2, $3, $4, $5, VectorF32.self, Multiplication.self) }
    setMany(.product, .float64) { reduceRows($0, $1, $2, $3, $4, $5, VectorF64.self, Multiplication.self) }
    setMany(.max, .float32) { reduceRows($0, $1, $2, $3, $4, $5, VectorF32.self, Maximum.self) }
    setMany(.max, .float64) { reduceRows($0, $1, $2, $3, $4, $5, VectorF64.self, Maximum.self) }
    setMany(.min, .float32) { reduceRows($0, $1, $2, $3, $4, $5, VectorF32.self, Minimum.self) }
    setMany(.min, .float64) { reduceRows($0, $1, $2, $3, $4, $5, VectorF64.self, Minimum.self) }
  }
}
