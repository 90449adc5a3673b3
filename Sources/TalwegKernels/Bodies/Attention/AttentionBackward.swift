internal import CIntrinsics

// The gradients, with the weights computed again from the row's log-sum (Dao et al., 2022, algorithm 4):
//   P = 2^(scores - logSum), dV = P^T dO, dP = dO V^T, dS = P (dP - rowsum(dO O)), dQ = scale dS K,
//   dK = scale dS^T Q.
// A call has some keys of one head of K and V, and all the queries that may attend to them.

/// The pieces of the workspace.
private struct BackwardSpace<V: AttentionVector> {
  typealias Piece = UnsafeMutablePointer<V.Scalar>
  let width, valueWidth, scoreRow: Int
  let keysTransposed, valuesTransposed, keys: Piece
  /// Of a block of keys.
  let dk, dv: Piece
  /// Of a tile of queries.
  let query, dout, weights, slopes, mask, dropped, deltas: Piece
  /// Of all queries of the group's heads.
  let dq: Piece
  let bytes: Int

  @inline(__always)
  init(_ p: tk_attention, _ workspace: UnsafeMutableRawPointer) {
    let block = AttentionBlocks.backwardKeys, rows = AttentionBlocks.backwardRows
    width = roundedUp(p.width, V.columns)
    valueWidth = roundedUp(p.value_width, V.columns)
    scoreRow = block &+ AttentionBlocks.gap
    var pieces = Pieces<V.Scalar>(workspace)
    keysTransposed = pieces.take(block &* p.width)
    valuesTransposed = pieces.take(block &* p.value_width)
    keys = pieces.take(block &* width)
    dk = pieces.take(block &* width)
    dv = pieces.take(block &* valueWidth)
    query = pieces.take(rows &* width)
    dout = pieces.take(rows &* valueWidth)
    weights = pieces.take(rows &* scoreRow)
    slopes = pieces.take(rows &* scoreRow)
    mask = pieces.take(block)
    dropped = pieces.take(block)
    deltas = pieces.take(rows)
    dq = pieces.take(p.group &* roundedUp(p.queries, 4) &* width)
    bytes = pieces.next - workspace
  }
}

extension AttentionVector {
  /// The workspace of `attendBackward`.
  @inline(__always)
  static func attendBackwardWorkspace(_ p: tk_attention) -> Int {
    BackwardSpace<Self>(p, UnsafeMutableRawPointer(bitPattern: 64)!).bytes
  }

  /// Rows begin ..< end of `dk` and `dv` of one head of keys, and all of `dq` for its group of heads that
  /// comes of these keys.
  @inline(__always)
  static func attendBackward(
    _ p: tk_attention, _ batch: Int, _ keyHead: Int, _ begin: Int, _ end: Int, _ workspace: UnsafeMutableRawPointer
  ) {
    let space = BackwardSpace<Self>(p, workspace)
    let dqHead = roundedUp(p.queries, 4) &* space.width
    zero(p.group &* dqHead, space.dq)
    var block = begin
    while block < end {
      let count = min(AttentionBlocks.backwardKeys, end &- block)
      packTransposed(
        count, p.width, p.k.row(batch, keyHead, block, Scalar.self), p.k.row, p.k.column, space.keysTransposed)
      packTransposed(
        count, p.value_width, p.v.row(batch, keyHead, block, Scalar.self), p.v.row, p.v.column,
        space.valuesTransposed)
      packRows(
        count, p.width, p.k.row(batch, keyHead, block, Scalar.self), p.k.row, p.k.column, space.keys,
        count &* columns)
      zero(roundedUp(count, 4) &* space.width, space.dk)
      zero(roundedUp(count, 4) &* space.valueWidth, space.dv)
      for member in 0..<p.group {
        let head = keyHead &* p.group &+ member
        // The first query that may attend to a key of the block.
        let firstQuery = p.causal != 0 ? max(0, block &+ p.queries &- p.keys) : 0
        // Tiles lie on multiples of their height, whatever the block.
        var tile = firstQuery / AttentionBlocks.backwardRows &* AttentionBlocks.backwardRows
        while tile < p.queries {
          backwardTile(p, space, batch, head, block, count, tile, space.dq + member &* dqHead)
          tile &+= AttentionBlocks.backwardRows
        }
      }
      storeRows(
        count, p.width, space.dk, space.width, p.dk.row(batch, keyHead, block, Scalar.self), p.dk.row, p.dk.column)
      storeRows(
        count, p.value_width, space.dv, space.valueWidth, p.dv.row(batch, keyHead, block, Scalar.self), p.dv.row,
        p.dv.column)
      block &+= AttentionBlocks.backwardKeys
    }
    for member in 0..<p.group {
      let head = keyHead &* p.group &+ member
      storeRows(
        p.queries, p.width, space.dq + member &* dqHead, space.width, p.dq.row(batch, head, 0, Scalar.self),
        p.dq.row, p.dq.column)
    }
  }

  /// One tile of queries against one block of keys.
  @inline(__always)
  private static func backwardTile(
    _ p: tk_attention, _ space: BackwardSpace<Self>, _ batch: Int, _ head: Int, _ block: Int, _ blockCount: Int,
    _ tile: Int, _ dq: UnsafeMutablePointer<Scalar>
  ) {
    let height = min(AttentionBlocks.backwardRows, p.queries &- tile)
    let width = space.width, valueWidth = space.valueWidth, scoreRow = space.scoreRow
    let masked = p.keep.data != nil || p.bias.data != nil
    let uniform = masked && masksAreUniform(p)
    var count = blockCount
    if uniform {
      fillMask(p, batch, head, 0, block, count, space.mask)
      count = lastAttended(space.mask, count)
    }
    count = min(count, p.reach(tile &+ height &- 1) &- block)
    if count <= 0 { return }

    copyRows(height, p.width, p.q.row(batch, head, tile, Scalar.self), p.q.row, p.q.column, space.query, width)
    copyRows(
      height, p.value_width, p.dout.row(batch, head, tile, Scalar.self), p.dout.row, p.dout.column, space.dout,
      valueWidth)
    let logSums = UnsafePointer(
      p.log_sums!.assumingMemoryBound(to: Scalar.self) + ((batch &* p.heads &+ head) &* p.queries &+ tile))
    for i in 0..<height {
      space.deltas[i] = product(
        p.value_width, p.out.row(batch, head, tile &+ i, Scalar.self), p.out.column, space.dout + i &* valueWidth)
    }

    // Weights and slopes, some rows at a time.
    var group = 0
    while group < height {
      let rows = min(AttentionBlocks.rows, height &- group)
      let depth = max(0, min(p.reach(tile &+ group &+ rows &- 1) &- block, count))
      let weights = space.weights + group &* scoreRow, slopes = space.slopes + group &* scoreRow
      if depth > 0 {
        multiply(
          roundedUp(rows, 4), roundedUp(depth, columns), p.width,
          ResidentA(space.query + group &* width, row: width, depth: 1),
          ResidentB(space.keysTransposed, panel: p.width &* columns, depth: columns), weights, scoreRow,
          Scalar(p.scale * logE), false)
        multiply(
          roundedUp(rows, 4), roundedUp(depth, columns), p.value_width,
          ResidentA(space.dout + group &* valueWidth, row: valueWidth, depth: 1),
          ResidentB(space.valuesTransposed, panel: p.value_width &* columns, depth: columns), slopes, scoreRow, 1,
          false)
      }
      for i in 0..<rows {
        let row = tile &+ group &+ i
        let known = min(max(p.reach(row) &- block, 0), depth)
        if masked && !uniform { fillMask(p, batch, head, row, block, known, space.mask) }
        if p.dropout > 0 { fillDropout(p, batch, head, row, block, known, space.dropped) }
        slopeRow(
          known, roundedUp(count, columns), weights + i &* scoreRow, slopes + i &* scoreRow,
          masked ? space.mask : nil, p.dropout > 0 ? space.dropped : nil, logSums[group &+ i],
          space.deltas[group &+ i])
      }
      if depth > 0 {
        multiply(
          roundedUp(rows, 4), width, depth, ResidentA(slopes, row: scoreRow, depth: 1),
          ResidentB(space.keys, panel: blockCount &* columns, depth: columns),
          dq + (tile &+ group) &* width, width, Scalar(p.scale), true)
      }
      group &+= AttentionBlocks.rows
    }

    // Each group of keys takes the queries from the first that may attend to it.
    var key = 0
    while key < count {
      let keys = min(AttentionBlocks.rows, count &- key)
      let from = p.causal != 0 ? max(0, block &+ key &+ p.queries &- p.keys &- tile) : 0
      multiply(
        roundedUp(keys, 4), valueWidth, height &- from,
        ResidentA(space.weights + (from &* scoreRow &+ key), row: 1, depth: scoreRow),
        ResidentB(space.dout + from &* valueWidth, panel: columns, depth: valueWidth),
        space.dv + key &* valueWidth, valueWidth, 1, true)
      multiply(
        roundedUp(keys, 4), width, height &- from,
        ResidentA(space.slopes + (from &* scoreRow &+ key), row: 1, depth: scoreRow),
        ResidentB(space.query + from &* width, panel: columns, depth: width),
        space.dk + key &* width, width, Scalar(p.scale), true)
      key &+= AttentionBlocks.rows
    }
  }

  /// The sum of x[i] y[i]; y is contiguous and padded with zeros.
  @inline(__always)
  private static func product(
    _ n: Int, _ x: UnsafePointer<Scalar>, _ column: Int, _ y: UnsafePointer<Scalar>
  ) -> Scalar {
    var sum = Self(0)
    var j = 0
    while j < n {
      sum = madd(loadVector(x, column, j, min(lanes, n &- j), fill: 0, Self.self), load(y + j), sum)
      j &+= lanes
    }
    return sum.sumOfLanes
  }

  @inline(__always)
  private static func storeRows(
    _ rows: Int, _ width: Int, _ from: UnsafePointer<Scalar>, _ fromRow: Int,
    _ to: UnsafeMutablePointer<Scalar>, _ row: Int, _ column: Int
  ) {
    for i in 0..<rows {
      let source = from + i &* fromRow, target = to + i &* row
      var j = 0
      while j < width {
        let count = min(lanes, width &- j)
        if column == 1 {
          storeVector(load(source + j), target, j, count)
        } else {
          load(source + j).store(target + j &* column, stride: column, first: count)
        }
        j &+= lanes
      }
    }
  }
}
