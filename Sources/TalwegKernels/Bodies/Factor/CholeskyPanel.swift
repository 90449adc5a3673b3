extension FloatVector {
  /// Row by row, each subtracted from those below it as soon as it is done: lines begin before the diagonal
  /// where that lies within them, and spoil only what is lost anyway.
  @inline(__always)
  static func panelCholesky(
    _ n: Int, _ a: UnsafeMutablePointer<Scalar>, _ width: Int, _ tolerance: Scalar
  ) -> Int {
    let line = 2 &* lanes
    var j = 0
    while j < n {
      let row = a + j &* width
      let pivot = row[j]
      guard pivot > tolerance, pivot <= Scalar.greatestFiniteMagnitude else { return j }
      let root = pivot.squareRoot()
      let divisor = Self(root)
      var c = j / lanes &* lanes
      while c < n {
        (load(row + c) / divisor).store(row + c)
        c &+= lanes
      }
      row[j] = root
      var i = j &+ 1
      while i < n {
        let share = Self(-row[i])
        let target = a + i &* width
        var c = i / line &* line
        while c < n {
          madd(share, load(row + c), load(target + c)).store(target + c)
          madd(share, load(row + c + lanes), load(target + c + lanes)).store(target + c + lanes)
          c &+= line
        }
        i &+= 1
      }
      j &+= 1
    }
    return n
  }
}
