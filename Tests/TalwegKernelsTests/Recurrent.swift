import CIntrinsics
import TalwegKernels
import Testing

/// The recurrent kernels against their plain loops, in arrays with guard pages.
@Suite struct RecurrentKernelsTests {
  struct Results {
    var named: [(String, Guarded)] = []
  }

  static func array(_ type: DType, _ dims: [Int], seed: Int, scale: Double = 1) -> Guarded {
    let strides = dims.indices.map { dims[($0 + 1)...].reduce(1, *) }
    return Guarded(type, dims: dims, strides: strides) { scale * uniform($0, seed: seed) }
  }

  static func pack(_ kernels: RecurrentKernels, _ type: DType, _ matrix: Guarded, transposed: Bool) -> Guarded {
    let (rows, columns) = (matrix.dims[0], matrix.dims[1])
    let (k, n) = transposed ? (columns, rows) : (rows, columns)
    let padded = (n + kernels.panelColumns - 1) / kernels.panelColumns * kernels.panelColumns
    let packed = array(type, [k * padded], seed: 1)
    kernels.packPanels(
      k, n, matrix.pointer, transposed ? 1 : columns, transposed ? columns : 1, packed.pointer)
    return packed
  }

  /// Forward and backward over the rows of the batch in shares of `share`.
  static func run(
    _ table: KernelTable, _ type: DType, gates: Int, steps: Int, batch: Int, width: Int, share: Int, last: Bool
  ) -> [(String, Guarded)] {
    let kernels = table.float(type)!.recurrent
    let lstm = gates == 4
    let weights = array(type, [gates * width, width], seed: 1, scale: 0.5)
    let gateValues = array(type, [steps, batch, gates * width], seed: 2, scale: 2)
    let hidden = array(type, [steps + 1, batch, width], seed: 3)
    let cells = array(type, [steps + 1, batch, width], seed: 4)
    let bias = array(type, [4 * width], seed: 5)
    // Rows in the order [batch, steps].
    let dy = array(type, [batch, steps, width], seed: 6)
    let (dhLast, dcLast) = (array(type, [batch, width], seed: 7), array(type, [batch, width], seed: 8))
    let dgates = array(type, [steps, batch, gates * width], seed: 9)
    let dproducts = array(type, [steps, batch, gates * width], seed: 10)
    let (dhFirst, dcFirst) = (array(type, [batch, width], seed: 11), array(type, [batch, width], seed: 12))
    let forward = pack(kernels, type, weights, transposed: true)
    let backward = pack(kernels, type, weights, transposed: false)
    let workspace = Guarded.bytes(
      kernels.workspaceBytes(rows: min(share, batch), width: width, gates: gates, itemSize: type.itemSize))
    var p = tk_recurrent()
    (p.steps, p.batch, p.width) = (steps, batch, width)
    p.weights = UnsafeRawPointer(forward.pointer)
    p.bias = last ? UnsafeRawPointer(bias.pointer) : nil
    (p.gates, p.hidden, p.cells) = (gateValues.pointer, hidden.pointer, cells.pointer)
    for begin in stride(from: 0, to: batch, by: share) {
      (lstm ? kernels.lstm : kernels.gru)(&p, begin, min(batch, begin + share), workspace.pointer)
    }
    p.weights = UnsafeRawPointer(backward.pointer)
    (p.dy, p.dy_step, p.dy_row) = (UnsafeRawPointer(dy.pointer), width, steps * width)
    p.dh_last = last ? UnsafeRawPointer(dhLast.pointer) : nil
    p.dc_last = last ? UnsafeRawPointer(dcLast.pointer) : nil
    (p.dgates, p.dgates_hidden) = (dgates.pointer, dproducts.pointer)
    (p.dh_first, p.dc_first) = (dhFirst.pointer, dcFirst.pointer)
    for begin in stride(from: 0, to: batch, by: share) {
      (lstm ? kernels.lstmBackward : kernels.gruBackward)(&p, begin, min(batch, begin + share), workspace.pointer)
    }
    var results = [("gates", gateValues), ("hidden", hidden), ("cells", cells), ("dgates", dgates), ("dh", dhFirst)]
    results.append(lstm ? ("dc", dcFirst) : ("dproducts", dproducts))
    return results
  }

  @Test(arguments: floatTypes) func oddSizes(type: DType) {
    let sizes = [1, 2, 3, 4, 5, 7, 8, 11, 15, 16, 17, 31, 33, 40]
    for table in tables {
      var turn = 0
      for (i, width) in sizes.enumerated() {
        for batch in [1, 2, 4, 5, 12, 17] {
          turn += 1
          let (gates, steps) = (turn % 2 == 0 ? 4 : 3, 1 + (turn + i) % 4)
          let found = Self.run(
            table, type, gates: gates, steps: steps, batch: batch, width: width, share: 1 + turn % 9, last: turn % 3 > 0)
          let expected = Self.run(
            .reference, type, gates: gates, steps: steps, batch: batch, width: width, share: 100, last: turn % 3 > 0)
          for ((name, a), (_, b)) in zip(found, expected) {
            // Sums of `width` terms below 1, each step's error carried to the next.
            let bound = 8 * ulp(1, type) * Double((width + 4) * gates * (steps + 1))
            for k in 0..<a.count where !((a[k] - b[k]).magnitude <= bound * max(1, b[k].magnitude)) {
              Issue.record("\(table.name) \(type) gates \(gates) T \(steps) B \(batch) H \(width): \(name)[\(k)] \(a[k]), not \(b[k])")
              return
            }
          }
        }
      }
    }
  }

  /// Rows taken apart have the bits of all together.
  @Test(arguments: floatTypes) func splitsChangeNoBit(type: DType) {
    for table in tables {
      for gates in [3, 4] {
        let whole = Self.run(table, type, gates: gates, steps: 5, batch: 30, width: 37, share: 30, last: true)
        for share in [1, 4, 7, 12, 16] {
          let parts = Self.run(table, type, gates: gates, steps: 5, batch: 30, width: 37, share: share, last: true)
          for ((name, a), (_, b)) in zip(whole, parts) {
            #expect((0..<a.count).allSatisfy { a[$0] == b[$0] }, "\(table.name) \(type) \(name) in shares of \(share)")
          }
        }
      }
    }
  }
}
