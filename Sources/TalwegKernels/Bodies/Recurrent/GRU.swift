internal import CIntrinsics

// The gated recurrent unit (Cho et al., 2014) with the reset gate after the product, as cuDNN and PyTorch
// have it:
//   (r, z) = sigmoid(input's share + h W^T + bias); n = tanh(input's share + bias + r (h W^T + bias));
//   h = (1 - z) n + z h.
// Rows are shared out as the LSTM's are.

extension RecurrentVector {
  @inline(__always)
  static func gru(_ p: tk_recurrent, _ begin: Int, _ end: Int, _ workspace: UnsafeMutableRawPointer) {
    let rows = RecurrentRows<Self>(p, gates: 3, begin, end)
    let stateRow = roundedUp(rows.width, lanes)
    var pieces = Pieces<Scalar>(workspace)
    let products = pieces.take(rows.padded &* rows.productRow)
    let state = pieces.take(rows.padded &* stateRow)
    copyRows(rows.rows, rows.width, rows.at(p.hidden, 0, 0, rows.width), rows.width, 1, state, stateRow)
    for step in 0..<p.steps {
      multiply(
        rows.padded, rows.productRow, rows.width, ResidentA(state, row: stateRow, depth: 1),
        ResidentB(rows.weights, panel: rows.width &* columns, depth: columns), products, rows.productRow, 1, false)
      for row in 0..<rows.rows {
        gruCell(
          rows.width, rows.at(p.gates, step, row, rows.gates), products + row &* rows.productRow,
          p.bias?.assumingMemoryBound(to: Scalar.self), rows.at(p.cells, step, row, rows.width),
          rows.at(p.hidden, step &+ 1, row, rows.width), state + row &* stateRow)
      }
    }
  }

  /// One row of one step; `candidate` gets n's recurrent product.
  @inline(__always)
  private static func gruCell(
    _ width: Int, _ gates: Elements, _ products: Elements, _ bias: UnsafePointer<Scalar>?,
    _ candidate: Elements, _ hidden: Elements, _ state: Elements
  ) {
    var j = 0
    while j < width {
      let count = min(lanes, width &- j)
      @inline(__always) func biased(_ x: Self, _ gate: Int) -> Self {
        guard let bias else { return x }
        return x + part(bias + (gate &* width &+ j), count)
      }
      @inline(__always) func share(_ x: Elements, _ gate: Int) -> Self { part(x + (gate &* width &+ j), count) }
      let r = logistic(biased(share(gates, 0) + share(products, 0), 0))
      let z = logistic(biased(share(gates, 1) + share(products, 1), 1))
      let product = biased(share(products, 2), 3)
      let n = hyperbolicTangent(madd(r, product, biased(share(gates, 2), 2)))
      let h = madd(z, load(state + j) - n, n)
      put(r, gates + j, count)
      put(z, gates + (width &+ j), count)
      put(n, gates + (2 &* width &+ j), count)
      put(product, candidate + j, count)
      put(h, hidden + j, count)
      h.store(state + j)
      j &+= lanes
    }
  }

  @inline(__always)
  static func gruBackward(_ p: tk_recurrent, _ begin: Int, _ end: Int, _ workspace: UnsafeMutableRawPointer) {
    let rows = RecurrentRows<Self>(p, gates: 3, begin, end)
    let gatesRow = roundedUp(rows.gates, lanes), stateRow = roundedUp(rows.width, columns)
    var pieces = Pieces<Scalar>(workspace)
    let slopes = pieces.take(rows.padded &* gatesRow)
    let dh = pieces.take(rows.padded &* stateRow)
    zero(rows.padded &* gatesRow, slopes)
    zero(rows.padded &* stateRow, dh)
    if let last = p.dh_last {
      let from = rows.at(UnsafeMutableRawPointer(mutating: last), 0, 0, rows.width)
      copyRows(rows.rows, rows.width, from, rows.width, 1, dh, stateRow)
    }
    var step = p.steps &- 1
    while step >= 0 {
      for row in 0..<rows.rows {
        let dy = p.dy.map {
          $0.assumingMemoryBound(to: Scalar.self) + (step &* p.dy_step &+ (begin &+ row) &* p.dy_row)
        }
        gruCellBackward(
          rows.width, rows.at(p.gates, step, row, rows.gates), rows.at(p.cells, step, row, rows.width),
          rows.at(p.hidden, step, row, rows.width), dy, dh + row &* stateRow,
          rows.at(p.dgates, step, row, rows.gates), rows.at(p.dgates_hidden, step, row, rows.gates),
          slopes + row &* gatesRow)
      }
      multiply(
        rows.padded, stateRow, rows.gates, ResidentA(slopes, row: gatesRow, depth: 1),
        ResidentB(rows.weights, panel: rows.gates &* columns, depth: columns), dh, stateRow, 1, true)
      step &-= 1
    }
    for row in 0..<rows.rows {
      copyRow(rows.width, dh + row &* stateRow, rows.at(p.dh_first, 0, row, rows.width))
    }
  }

  /// One row of one step. `dh` is of the state after the step, and becomes the part of the one before that does
  /// not pass through the products.
  @inline(__always)
  private static func gruCellBackward(
    _ width: Int, _ gates: Elements, _ product: Elements, _ before: Elements, _ dy: UnsafePointer<Scalar>?,
    _ dh: Elements, _ dgates: Elements, _ dproducts: Elements, _ slopes: Elements
  ) {
    var j = 0
    while j < width {
      let count = min(lanes, width &- j)
      @inline(__always) func give(_ gate: Int, _ input: Self, _ recurrent: Self) {
        let at = gate &* width &+ j
        put(input, dgates + at, count)
        put(recurrent, dproducts + at, count)
        put(recurrent, slopes + at, count)
      }
      let r = part(gates + j, count), z = part(gates + (width &+ j), count)
      let n = part(gates + (2 &* width &+ j), count)
      var h = part(dh + j, count)
      if let dy { h = h + part(dy + j, count) }
      let dn = h * (Self(1) - z) * tangentSlope(n)
      let dr = dn * part(product + j, count) * logisticSlope(r)
      let dz = h * (part(before + j, count) - n) * logisticSlope(z)
      give(0, dr, dr)
      give(1, dz, dz)
      give(2, dn, dn * r)
      put(h * z, dh + j, count)
      j &+= lanes
    }
  }
}
