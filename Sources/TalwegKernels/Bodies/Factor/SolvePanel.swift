extension FloatVector {
  @inline(__always)
  static func panelSolve(
    _ n: Int, _ columns: Int, _ t: UnsafePointer<Scalar>, _ row: Int, _ column: Int, _ unit: Bool,
    _ x: UnsafeMutablePointer<Scalar>, _ xRow: Int, _ workspace: UnsafeMutablePointer<Scalar>
  ) {
    // Each line's rows are gathered: in X they may lie so far apart that the cache keeps only a few.
    let line = 2 &* lanes
    var c = 0
    while c < columns {
      let low = min(lanes, columns &- c), high = min(lanes, columns &- c &- low)
      var from = x + c, to = workspace
      for _ in 0..<n {
        load(from, first: low, fill: 0).store(to)
        (high > 0 ? load(from + low, first: high, fill: 0) : Self(0)).store(to + lanes)
        from += xRow
        to += line
      }
      solveLine(n, t, row, column, unit, workspace, line)
      from = x + c
      to = workspace
      for _ in 0..<n {
        load(to).store(from, first: low)
        if high > 0 { load(to + lanes).store(from + low, first: high) }
        from += xRow
        to += line
      }
      c &+= line
    }
  }

  /// Two vectors' columns, four rows at a time.
  @inline(__always)
  private static func solveLine(
    _ n: Int, _ t: UnsafePointer<Scalar>, _ row: Int, _ column: Int, _ unit: Bool,
    _ x: UnsafeMutablePointer<Scalar>, _ xRow: Int
  ) {
    var i = 0
    while i &+ 4 <= n {
      var a0 = Self(0), a1 = Self(0), b0 = Self(0), b1 = Self(0)
      var c0 = Self(0), c1 = Self(0), d0 = Self(0), d1 = Self(0)
      var ta = t + i &* row
      var tb = ta + row, tc = ta + 2 &* row, td = ta + 3 &* row
      var from = UnsafePointer(x)
      var p = 0
      while p < i {
        let x0 = load(from), x1 = load(from + lanes)
        let a = Self(ta.pointee), b = Self(tb.pointee), c = Self(tc.pointee), d = Self(td.pointee)
        a0 = madd(a, x0, a0)
        a1 = madd(a, x1, a1)
        b0 = madd(b, x0, b0)
        b1 = madd(b, x1, b1)
        c0 = madd(c, x0, c0)
        c1 = madd(c, x1, c1)
        d0 = madd(d, x0, d0)
        d1 = madd(d, x1, d1)
        ta += column
        tb += column
        tc += column
        td += column
        from += xRow
        p &+= 1
      }
      // The square on the diagonal: ta and so on stand at its rows.
      let to = x + i &* xRow
      a0 = load(to) - a0
      a1 = load(to + lanes) - a1
      finish(&a0, &a1, ta.pointee, unit, to)
      b0 = load(to + xRow) - b0
      b1 = load(to + xRow + lanes) - b1
      subtract(&b0, &b1, tb[0], a0, a1)
      finish(&b0, &b1, tb[column], unit, to + xRow)
      c0 = load(to + 2 &* xRow) - c0
      c1 = load(to + 2 &* xRow + lanes) - c1
      subtract(&c0, &c1, tc[0], a0, a1)
      subtract(&c0, &c1, tc[column], b0, b1)
      finish(&c0, &c1, tc[2 &* column], unit, to + 2 &* xRow)
      d0 = load(to + 3 &* xRow) - d0
      d1 = load(to + 3 &* xRow + lanes) - d1
      subtract(&d0, &d1, td[0], a0, a1)
      subtract(&d0, &d1, td[column], b0, b1)
      subtract(&d0, &d1, td[2 &* column], c0, c1)
      finish(&d0, &d1, td[3 &* column], unit, to + 3 &* xRow)
      i &+= 4
    }
    while i < n {
      var a0 = Self(0), a1 = Self(0)
      var ta = t + i &* row
      var from = UnsafePointer(x)
      var p = 0
      while p < i {
        let a = Self(ta.pointee)
        a0 = madd(a, load(from), a0)
        a1 = madd(a, load(from + lanes), a1)
        ta += column
        from += xRow
        p &+= 1
      }
      let to = x + i &* xRow
      a0 = load(to) - a0
      a1 = load(to + lanes) - a1
      finish(&a0, &a1, ta.pointee, unit, to)
      i &+= 1
    }
  }

  @inline(__always)
  private static func subtract(_ y0: inout Self, _ y1: inout Self, _ t: Scalar, _ x0: Self, _ x1: Self) {
    let share = Self(-t)
    y0 = madd(share, x0, y0)
    y1 = madd(share, x1, y1)
  }

  @inline(__always)
  private static func finish(
    _ y0: inout Self, _ y1: inout Self, _ diagonal: Scalar, _ unit: Bool, _ to: UnsafeMutablePointer<Scalar>
  ) {
    if !unit {
      y0 = y0 / Self(diagonal)
      y1 = y1 / Self(diagonal)
    }
    y0.store(to)
    y1.store(to + lanes)
  }
}
