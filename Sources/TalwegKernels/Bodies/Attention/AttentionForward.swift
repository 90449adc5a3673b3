internal import CIntrinsics

// softmax(scale Q K^T + masks) V with the softmax's sums gathered as the blocks of keys pass by: Milakov,
// Gimelshein, Online normalizer calculation for softmax, 2018; Dao, Fu, Ermon, Rudra, Re, FlashAttention,
// NeurIPS 2022.

extension AttentionVector {
  /// The workspace of `attend` for `rows` queries.
  @inline(__always)
  static func attendWorkspace(_ p: tk_attention, _ rows: Int) -> Int {
    let keys = AttentionBlocks.keys, width = roundedUp(p.value_width, columns)
    let tile = AttentionBlocks.rows &* (keys &+ AttentionBlocks.gap)
    var bytes = Pieces<Scalar>.bytes(keys &* p.width) &+ Pieces<Scalar>.bytes(keys &* width)
    bytes &+= Pieces<Scalar>.bytes(tile) &+ Pieces<Scalar>.bytes(AttentionBlocks.rows &* roundedUp(p.width, lanes))
    bytes &+= Pieces<Scalar>.bytes(roundedUp(rows, 4) &* width) &+ 2 &* Pieces<Scalar>.bytes(rows)
    return bytes &+ 2 &* Pieces<Scalar>.bytes(keys)
  }

  /// Rows begin ..< end of `out` and `log_sums` of one head.
  @inline(__always)
  static func attend(
    _ p: tk_attention, _ batch: Int, _ head: Int, _ begin: Int, _ end: Int, _ workspace: UnsafeMutableRawPointer
  ) {
    let rows = end &- begin, width = roundedUp(p.value_width, columns)
    let queryRow = roundedUp(p.width, lanes)
    var pieces = Pieces<Scalar>(workspace)
    let keysPacked = pieces.take(AttentionBlocks.keys &* p.width)
    let valuesPacked = pieces.take(AttentionBlocks.keys &* width)
    let scoreRow = AttentionBlocks.keys &+ AttentionBlocks.gap
    let scores = pieces.take(AttentionBlocks.rows &* scoreRow)
    let query = pieces.take(AttentionBlocks.rows &* queryRow)
    let sums = pieces.take(roundedUp(rows, 4) &* width)
    let greatest = pieces.take(rows)
    let totals = pieces.take(rows)
    let mask = pieces.take(AttentionBlocks.keys)
    let dropped = pieces.take(AttentionBlocks.keys)

    zero(roundedUp(rows, 4) &* width, sums)
    for i in 0..<rows {
      greatest[i] = -.infinity
      totals[i] = 0
    }
    let masked = p.keep.data != nil || p.bias.data != nil
    let uniform = masked && masksAreUniform(p)
    let keyHead = head / p.group
    let reach = rows > 0 ? p.reach(end &- 1) : 0
    var block = 0
    while block < reach {
      var count = min(AttentionBlocks.keys, reach &- block)
      if uniform {
        fillMask(p, batch, head, 0, block, count, mask)
        count = lastAttended(mask, count)
      }
      packTransposed(
        count, p.width, p.k.row(batch, keyHead, block, Scalar.self), p.k.row, p.k.column, keysPacked)
      packRows(
        count, p.value_width, p.v.row(batch, keyHead, block, Scalar.self), p.v.row, p.v.column, valuesPacked,
        count &* columns)
      var group = 0
      while group < rows {
        let height = min(AttentionBlocks.rows, rows &- group)
        let first = begin &+ group
        // Keys of this block that the last row of the group may attend to.
        let depth = min(p.reach(first &+ height &- 1) &- block, count)
        if depth > 0 {
          copyRows(
            height, p.width, p.q.row(batch, head, first, Scalar.self), p.q.row, p.q.column, query, queryRow)
          multiply(
            roundedUp(height, 4), roundedUp(depth, columns), p.width, ResidentA(query, row: queryRow, depth: 1),
            ResidentB(keysPacked, panel: p.width &* columns, depth: columns), scores, scoreRow,
            Scalar(p.scale * logE), false)
          for i in 0..<height {
            let row = first &+ i
            let known = min(max(p.reach(row) &- block, 0), depth)
            if masked && !uniform { fillMask(p, batch, head, row, block, known, mask) }
            if p.dropout > 0 { fillDropout(p, batch, head, row, block, known, dropped) }
            let correction = weighRow(
              known, depth, scores + i &* scoreRow, masked ? mask : nil, p.dropout > 0 ? dropped : nil,
              greatest + (group &+ i), totals + (group &+ i))
            if correction != 1 { scaleRow(width, sums + (group &+ i) &* width, correction) }
          }
          multiply(
            roundedUp(height, 4), width, depth, ResidentA(scores, row: scoreRow, depth: 1),
            ResidentB(valuesPacked, panel: count &* columns, depth: columns), sums + group &* width, width, 1, true)
        }
        group &+= AttentionBlocks.rows
      }
      block &+= AttentionBlocks.keys
    }
    let logSums = p.log_sums!.assumingMemoryBound(to: Scalar.self)
      + ((batch &* p.heads &+ head) &* p.queries &+ begin)
    for i in 0..<rows {
      let out = p.out.row(batch, head, begin &+ i, Scalar.self)
      let total = totals[i]
      logSums[i] = total == 0 ? .infinity : greatest[i] + logarithm(Self(total)).lane(0)
      finishRow(p.value_width, sums + i &* width, total, out, p.out.column)
    }
  }

  @inline(__always)
  private static func scaleRow(_ n: Int, _ x: UnsafeMutablePointer<Scalar>, _ factor: Scalar) {
    var j = 0
    while j < n {
      (load(x + j) * Self(factor)).store(x + j)
      j &+= lanes
    }
  }

  /// y = x / total, or zeros for a total of nothing.
  @inline(__always)
  private static func finishRow(
    _ n: Int, _ x: UnsafePointer<Scalar>, _ total: Scalar, _ y: UnsafeMutablePointer<Scalar>, _ column: Int
  ) {
    let factor = total == 0 ? 0 : 1 / total
    var j = 0
    while j < n {
      let count = min(lanes, n &- j)
      let value = total == 0 ? Self(0) : load(x + j) * Self(factor)
      if column == 1 {
        storeVector(value, y, j, count)
      } else {
        value.store(y + j &* column, stride: column, first: count)
      }
      j &+= lanes
    }
  }
}
