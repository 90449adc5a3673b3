import CIntrinsics
import TalwegKernels
import Testing

/// The attention kernels against their plain loops, in arrays with guard pages and gaps.
@Suite struct AttentionKernels {
  struct Case: CustomStringConvertible {
    var heads = 2, group = 1, queries = 5, keys = 5, width = 4, valueWidth = 4
    var causal = false, keep = 0, bias = 0, dropout = 0.0, scale = 0.3
    /// Whether the elements of a row lie apart.
    var scattered = false
    var description: String {
      "H \(heads)/\(group) T \(queries) S \(keys) D \(width) E \(valueWidth) causal \(causal) keep \(keep) "
        + "bias \(bias) dropout \(dropout) \(scattered ? "scattered" : "")"
    }
  }

  /// [1, heads, rows, columns] as [rows, heads, columns] with its end at the end of a page, or scattered.
  static func array(_ type: DType, _ heads: Int, _ rows: Int, _ columns: Int, _ c: Case, seed: Int) -> Guarded {
    let step = c.scattered ? 2 : 1
    return Guarded(type, dims: [heads, rows, columns], strides: [columns * step, heads * columns * step, step]) {
      uniform($0, seed: seed)
    }
  }

  static func view(_ x: Guarded) -> tk_array4 {
    tk_array4(data: x.pointer, batch: 0, head: x.strides[0], row: x.strides[1], column: x.strides[2])
  }

  struct Results {
    let out, logSums, dq, dk, dv: Guarded
  }

  /// Forward in runs of `rows` queries, then backward in runs of `keys` keys, whose parts of dq are added.
  static func run(_ kernels: FloatKernels, _ type: DType, _ c: Case, rows: Int, keys: Int) -> Results {
    var c = c
    if c.queries == 0 || c.keys == 0 { c.scattered = false }
    let keyHeads = c.heads / c.group
    let q = array(type, c.heads, c.queries, c.width, c, seed: 1), k = array(type, keyHeads, c.keys, c.width, c, seed: 2)
    let v = array(type, keyHeads, c.keys, c.valueWidth, c, seed: 3)
    let g = array(type, c.heads, c.queries, c.valueWidth, c, seed: 4)
    let out = array(type, c.heads, c.queries, c.valueWidth, c, seed: 5)
    let dq = array(type, c.heads, c.queries, c.width, c, seed: 6), dk = array(type, keyHeads, c.keys, c.width, c, seed: 7)
    let dv = array(type, keyHeads, c.keys, c.valueWidth, c, seed: 8)
    let sum = array(type, c.heads, c.queries, c.width, c, seed: 9)
    let logSums = Guarded(type, dims: [c.heads, c.queries], strides: [c.queries, 1]) { _ in 0 }
    // One row for all queries (1) or one each (2); the last keys are padding, and some between.
    let keep = Guarded(.uint8, dims: [c.queries, c.keys], strides: [c.keep == 2 ? c.keys : 0, 1]) {
      $0 % c.keys < max(1, c.keys * 3 / 4) && $0 % 5 != 3 ? 1 : 0
    }
    let bias = Guarded(type, dims: [c.queries, c.keys], strides: [c.bias == 2 ? c.keys : 0, 1]) {
      $0 % 7 == 6 ? -.infinity : uniform($0, seed: 9)
    }
    var p = tk_attention()
    p.heads = c.heads
    p.group = c.group
    p.queries = c.queries
    p.keys = c.keys
    p.width = c.width
    p.value_width = c.valueWidth
    p.scale = c.scale
    p.causal = c.causal ? 1 : 0
    p.dropout = c.dropout
    p.seed = 7
    p.offset = 1000
    (p.q, p.k, p.v, p.out, p.dout, p.dk, p.dv) = (view(q), view(k), view(v), view(out), view(g), view(dk), view(dv))
    p.dq = view(dq)
    p.log_sums = logSums.pointer
    if c.keep > 0 { p.keep = tk_array4(data: keep.pointer, batch: 0, head: 0, row: keep.strides[0], column: 1) }
    if c.bias > 0 { p.bias = tk_array4(data: bias.pointer, batch: 0, head: 0, row: bias.strides[0], column: 1) }

    let forward = Guarded.bytes(kernels.attentionWorkspace(&p, min(rows, c.queries)))
    for head in 0..<c.heads {
      for begin in stride(from: 0, to: c.queries, by: rows) {
        kernels.attention(&p, 0, head, begin, min(c.queries, begin + rows), forward.pointer)
      }
    }
    let backward = Guarded.bytes(kernels.attentionBackwardWorkspace(&p, min(keys, c.keys)))
    sum.fill { _ in 0 }
    for begin in stride(from: 0, to: c.keys, by: keys) {
      for head in 0..<keyHeads { kernels.attentionBackward(&p, 0, head, begin, min(c.keys, begin + keys), backward.pointer) }
      sum.fill { sum[$0] + dq[$0] }
    }
    return Results(out: out, logSums: logSums, dq: sum, dk: dk, dv: dv)
  }

  static func check(_ table: KernelTable, _ type: DType, _ c: Case) {
    let kernels = table.float(type)!, reference = KernelTable.reference.float(type)!
    let found = run(kernels, type, c, rows: c.queries % 2 == 0 ? 1000 : 24, keys: c.keys % 2 == 0 ? 1000 : 128)
    let expected = run(reference, type, c, rows: 1000, keys: 1000)
    let eps = ulp(1, type)
    for (name, a, b) in [
      ("out", found.out, expected.out), ("log sums", found.logSums, expected.logSums), ("dq", found.dq, expected.dq),
      ("dk", found.dk, expected.dk), ("dv", found.dv, expected.dv),
    ] {
      for i in 0..<a.count {
        // Sums of at most T or S terms around 1, each with the rounding of D products.
        let bound = 20 * eps * Double(c.queries + c.keys + c.width + c.valueWidth) * 0.25 + 20 * eps
        if !(a[i] == b[i] || (a[i] - b[i]).magnitude <= bound * max(1, b[i].magnitude)) {
          Issue.record("\(table.name) \(type) \(c): \(name)[\(i)] is \(a[i]), not \(b[i])")
          return
        }
      }
    }
  }

  @Test(arguments: floatTypes) func oddSizes(type: DType) {
    let sizes = [1, 2, 3, 5, 11, 12, 13, 16, 17, 31, 33, 47, 64, 65, 70]
    for table in tables {
      var turn = 0
      for (i, queries) in sizes.enumerated() {
        for (j, keys) in sizes.enumerated() where (i + j) % 2 == 0 {
          turn += 1
          var c = Case()
          c.queries = queries
          c.keys = keys
          c.width = sizes[(i * 7 + j) % sizes.count]
          c.valueWidth = turn % 3 == 0 ? sizes[(i + j * 4) % sizes.count] : c.width
          c.causal = turn % 2 == 0
          c.keep = turn % 5 == 0 ? 1 : turn % 5 == 3 ? 2 : 0
          c.bias = turn % 7 == 0 ? 1 : turn % 7 == 4 ? 2 : 0
          c.dropout = turn % 4 == 1 ? 0.3 : 0
          c.group = turn % 3 == 1 ? 2 : 1
          c.scattered = turn % 6 == 2
          Self.check(table, type, c)
        }
      }
    }
  }

  /// Several blocks of keys and tiles of queries.
  @Test(arguments: floatTypes) func manyBlocks(type: DType) {
    for table in tables {
      var c = Case()
      (c.heads, c.queries, c.keys, c.width, c.valueWidth) = (1, 131, 300, 8, 8)
      for causal in [false, true] {
        for (keep, bias) in [(0, 0), (1, 0), (2, 2)] {
          (c.causal, c.keep, c.bias) = (causal, keep, bias)
          Self.check(table, type, c)
        }
      }
      (c.queries, c.keys, c.causal, c.keep, c.dropout) = (290, 141, true, 0, 0.5)
      Self.check(table, type, c)
    }
  }

  @Test(arguments: floatTypes) func nothing(type: DType) {
    for table in tables {
      var c = Case()
      (c.queries, c.keys) = (3, 0)
      Self.check(table, type, c)
      (c.queries, c.keys, c.width) = (3, 4, 0)
      Self.check(table, type, c)
    }
  }

  /// Queries computed apart have the bits of all together.
  @Test(arguments: floatTypes) func splitsChangeNoBit(type: DType) {
    for table in tables {
      for causal in [false, true] {
        var c = Case()
        (c.heads, c.queries, c.keys, c.width, c.valueWidth, c.causal) = (1, 100, 290, 24, 40, causal)
        let whole = Self.run(table.float(type)!, type, c, rows: 1000, keys: 1000)
        for rows in [1, 7, 24, 48] {
          let parts = Self.run(table.float(type)!, type, c, rows: rows, keys: 1000)
          #expect((0..<whole.out.count).allSatisfy { whole.out[$0] == parts.out[$0] }, "\(table.name) \(type) \(rows)")
        }
      }
    }
  }

  /// The dropout's words are Philox's, and its share is the probability.
  @Test func dropoutFactors() {
    var dropped = 0
    for row in 0..<50 {
      for key in 0..<200 where attentionDropoutFactor(0.25, 3, 0, row: row, key: key, keys: 200) == 0 { dropped += 1 }
    }
    // 10,000 draws: standard deviation 43.
    #expect((dropped - 2500).magnitude < 200)
  }
}
