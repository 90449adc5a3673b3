internal import CIntrinsics
import TalwegKernels

// The gradient to a convolution's weights is a product whose depth is the positions: rows of the result's
// gradient times patches of the source, both transposed as they are packed.

extension RegisterTile where Rows.Line == Wide<Vector> {
  /// One chunk: the sums of one part of the blocks, for some channels of a group. They go to `sums`, which
  /// has the weights of each part one after the other.
  @inline(__always)
  static func weightGradient(
    _ p: tk_convolution, _ plan: tk_weight_gradient_plan, _ source: UnsafePointer<Vector.Scalar>,
    _ gradient: UnsafePointer<Vector.Scalar>, _ sums: UnsafeMutablePointer<Vector.Scalar>, _ chunk: Int,
    _ workspace: UnsafeMutableRawPointer
  ) {
    let chunk = WeightGradientChunk(p, plan, chunk)
    let phase = ConvolutionPhase(p, 0, 0, gridRows: plan.height, gridColumns: plan.width)
    let length = p.channels &* phase.taps
    let c = sums
      + ((chunk.part &* p.groups &+ chunk.group) &* p.rows &* length &+ chunk.channel &* phase.taps)
    let count = chunk.channels &* phase.taps
    let staged = workspace.assumingMemoryBound(to: Vector.Scalar.self)
    let patches = (workspace + plan.patches_offset).assumingMemoryBound(to: Vector.Scalar.self)
    let b = (workspace + plan.columns_offset).assumingMemoryBound(to: Vector.Scalar.self)
    let a = (workspace + plan.rows_offset).assumingMemoryBound(to: Vector.Scalar.self)
    let runs = (workspace + plan.runs_offset).assumingMemoryBound(to: PatchRun.self)
    for index in chunk.blocks {
      let block = WeightGradientChunk.positions(p, plan, index)
      let perImage = block.rows &* block.columns
      let depth = block.images &* perImage
      packGradient(p, chunk.group, block, depth, gradient, a)
      zeroLines(plan.patches_offset, workspace)
      for j in 0..<chunk.channels {
        for i in 0..<block.images {
          let plane = ((block.image &+ i) &* p.groups &+ chunk.group) &* p.channels &+ chunk.channel &+ j
          stagePlane(
            p, phase, row: block.row, column: block.column, source + plane &* p.height.source &* p.width.source,
            staged + (j &* block.images &+ i) &* phase.plane)
        }
      }
      packBlock(
        phase, images: block.images, gridRows: block.rows, gridColumns: block.columns, channels: chunk.channels,
        imageStride: phase.plane, channelStride: block.images &* phase.plane, staged, runs, patches)
      // Each panel has a row for each weight; the product wants a row for each position.
      var position = 0
      while position < depth {
        var k = 0
        while k < count {
          Vector.pack(
            min(columns, count &- k), min(columns, depth &- position), patches + (position &* count &+ k &* columns),
            columns, 1, columns, b + (k &* depth &+ position &* columns))
          k &+= columns
        }
        position &+= columns
      }
      multiplyPacked(
        p.rows, count, depth, a, b, c, length, 1, Vector(1), Vector(1), index > chunk.blocks.lowerBound)
    }
  }

  /// The result's gradient at a block's positions, as panels of rows.
  @inline(__always)
  static func packGradient(
    _ p: tk_convolution, _ group: Int,
    _ block: (image: Int, images: Int, row: Int, rows: Int, column: Int, columns: Int), _ depth: Int,
    _ gradient: UnsafePointer<Vector.Scalar>, _ packed: UnsafeMutablePointer<Vector.Scalar>
  ) {
    let plane = p.height.result &* p.width.result
    let perImage = block.rows &* block.columns
    var row = 0
    while row < p.rows {
      for i in 0..<block.images {
        let first = ((block.image &+ i) &* p.groups &+ group) &* p.rows &+ row
        Vector.pack(
          min(rows, p.rows &- row), perImage,
          gradient + (first &* plane &+ block.row &* p.width.result &+ block.column), plane, 1, rows,
          packed + (row &* depth &+ i &* perImage &* rows))
      }
      row &+= rows
    }
  }

  /// Adds the parts up in order, for some of the weights.
  @inline(__always)
  static func finishWeightGradient(
    _ p: tk_convolution, _ plan: tk_weight_gradient_plan, _ sums: UnsafePointer<Vector.Scalar>,
    _ result: UnsafeMutablePointer<Vector.Scalar>, _ chunk: Int
  ) {
    let count = p.groups &* p.rows &* p.channels &* p.height.kernel &* p.width.kernel
    var i = chunk &* tk_weight_gradient_plan.elementsFinished
    let end = min(count, i &+ tk_weight_gradient_plan.elementsFinished)
    while i < end {
      let lanes = min(Vector.lanes, end &- i)
      var sum = loadVector(sums, 1, i, lanes, fill: 0, Vector.self)
      for part in 1..<plan.parts {
        sum = sum + loadVector(sums + part &* count, 1, i, lanes, fill: 0, Vector.self)
      }
      storeVector(sum, result, i, lanes)
      i &+= Vector.lanes
    }
  }
}
