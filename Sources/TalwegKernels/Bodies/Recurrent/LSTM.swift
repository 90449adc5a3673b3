internal import CIntrinsics

// Long short-term memory: Hochreiter, Schmidhuber, Neural Computation 9, 1997, with forget gates (Gers,
// Schmidhuber, Cummins, 2000):
//   (i, f, o) = sigmoid, g = tanh of (input's share + h W^T + bias); c = f c + i g; h = o tanh c.
// The rows of a batch do not depend on each other: a call takes some of them through all steps, with the
// weights packed once, and needs no other.

extension RecurrentVector {
  @inline(__always)
  static func lstm(_ p: tk_recurrent, _ begin: Int, _ end: Int, _ workspace: UnsafeMutableRawPointer) {
    let rows = RecurrentRows<Self>(p, gates: 4, begin, end)
    var pieces = Pieces<Scalar>(workspace)
    let products = pieces.take(rows.padded &* rows.productRow)
    let state = pieces.take(rows.padded &* roundedUp(rows.width, lanes))
    let stateRow = roundedUp(rows.width, lanes)
    copyRows(rows.rows, rows.width, rows.at(p.hidden, 0, 0, rows.width), rows.width, 1, state, stateRow)
    for step in 0..<p.steps {
      multiply(
        rows.padded, rows.productRow, rows.width, ResidentA(state, row: stateRow, depth: 1),
        ResidentB(rows.weights, panel: rows.width &* columns, depth: columns), products, rows.productRow, 1, false)
      for row in 0..<rows.rows {
        lstmCell(
          rows.width, rows.at(p.gates, step, row, rows.gates), products + row &* rows.productRow,
          p.bias?.assumingMemoryBound(to: Scalar.self), rows.at(p.cells, step, row, rows.width),
          rows.at(p.cells, step &+ 1, row, rows.width), rows.at(p.hidden, step &+ 1, row, rows.width),
          state + row &* stateRow)
      }
    }
  }

  /// One row of one step. `state` is the copy of h that the next step's product reads, padded.
  @inline(__always)
  private static func lstmCell(
    _ width: Int, _ gates: Elements, _ products: Elements, _ bias: UnsafePointer<Scalar>?,
    _ before: Elements, _ cell: Elements, _ hidden: Elements, _ state: Elements
  ) {
    var j = 0
    while j < width {
      let count = min(lanes, width &- j)
      @inline(__always) func sum(_ gate: Int) -> Self {
        let at = gate &* width &+ j
        let x = part(gates + at, count) + part(products + at, count)
        if let bias { return x + part(bias + at, count) }
        return x
      }
      let i = logistic(sum(0)), f = logistic(sum(1)), g = hyperbolicTangent(sum(2)), o = logistic(sum(3))
      let c = madd(f, part(before + j, count), i * g)
      let h = o * hyperbolicTangent(c)
      put(i, gates + j, count)
      put(f, gates + (width &+ j), count)
      put(g, gates + (2 &* width &+ j), count)
      put(o, gates + (3 &* width &+ j), count)
      put(c, cell + j, count)
      put(h, hidden + j, count)
      h.store(state + j)
      j &+= lanes
    }
  }

  @inline(__always)
  static func lstmBackward(_ p: tk_recurrent, _ begin: Int, _ end: Int, _ workspace: UnsafeMutableRawPointer) {
    let rows = RecurrentRows<Self>(p, gates: 4, begin, end)
    let gatesRow = roundedUp(rows.gates, lanes), stateRow = roundedUp(rows.width, columns)
    var pieces = Pieces<Scalar>(workspace)
    let slopes = pieces.take(rows.padded &* gatesRow)
    let dh = pieces.take(rows.padded &* stateRow)
    let dc = pieces.take(rows.padded &* stateRow)
    zero(rows.padded &* gatesRow, slopes)
    zero(rows.padded &* stateRow, dh)
    zero(rows.padded &* stateRow, dc)
    if let last = p.dh_last {
      let from = rows.at(UnsafeMutableRawPointer(mutating: last), 0, 0, rows.width)
      copyRows(rows.rows, rows.width, from, rows.width, 1, dh, stateRow)
    }
    if let last = p.dc_last {
      let from = rows.at(UnsafeMutableRawPointer(mutating: last), 0, 0, rows.width)
      copyRows(rows.rows, rows.width, from, rows.width, 1, dc, stateRow)
    }
    var step = p.steps &- 1
    while step >= 0 {
      for row in 0..<rows.rows {
        let dy = p.dy.map {
          $0.assumingMemoryBound(to: Scalar.self) + (step &* p.dy_step &+ (begin &+ row) &* p.dy_row)
        }
        lstmCellBackward(
          rows.width, rows.at(p.gates, step, row, rows.gates), rows.at(p.cells, step, row, rows.width),
          rows.at(p.cells, step &+ 1, row, rows.width), dy, dh + row &* stateRow, dc + row &* stateRow,
          rows.at(p.dgates, step, row, rows.gates), slopes + row &* gatesRow)
      }
      multiply(
        rows.padded, stateRow, rows.gates, ResidentA(slopes, row: gatesRow, depth: 1),
        ResidentB(rows.weights, panel: rows.gates &* columns, depth: columns), dh, stateRow, 1, false)
      step &-= 1
    }
    for row in 0..<rows.rows {
      copyRow(rows.width, dh + row &* stateRow, rows.at(p.dh_first, 0, row, rows.width))
      copyRow(rows.width, dc + row &* stateRow, rows.at(p.dc_first, 0, row, rows.width))
    }
  }

  @inline(__always)
  static func copyRow(_ n: Int, _ x: Elements, _ y: Elements) {
    var j = 0
    while j < n {
      put(part(x + j, min(lanes, n &- j)), y + j, min(lanes, n &- j))
      j &+= lanes
    }
  }

  /// One row of one step. `dc` is of the cell after the step, and becomes that of the one before.
  @inline(__always)
  private static func lstmCellBackward(
    _ width: Int, _ gates: Elements, _ before: Elements, _ cell: Elements, _ dy: UnsafePointer<Scalar>?,
    _ dh: Elements, _ dc: Elements, _ dgates: Elements, _ slopes: Elements
  ) {
    var j = 0
    while j < width {
      let count = min(lanes, width &- j)
      @inline(__always) func give(_ gate: Int, _ slope: Self) {
        put(slope, dgates + (gate &* width &+ j), count)
        put(slope, slopes + (gate &* width &+ j), count)
      }
      let i = part(gates + j, count), f = part(gates + (width &+ j), count)
      let g = part(gates + (2 &* width &+ j), count), o = part(gates + (3 &* width &+ j), count)
      var h = part(dh + j, count)
      if let dy { h = h + part(dy + j, count) }
      let squashed = hyperbolicTangent(part(cell + j, count))
      let c = madd(h * o, tangentSlope(squashed), part(dc + j, count))
      give(0, c * g * logisticSlope(i))
      give(1, c * part(before + j, count) * logisticSlope(f))
      give(2, c * i * tangentSlope(g))
      give(3, h * squashed * logisticSlope(o))
      put(c * f, dc + j, count)
      j &+= lanes
    }
  }
}
