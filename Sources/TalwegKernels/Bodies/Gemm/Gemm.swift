// The loops around the register tile, outermost first as in BLIS: columns by nc, depth by kc (pack a panel
// of B), rows by mc (pack a block of A), then the packed block times the packed panel.

extension RegisterTile {
  /// C = alpha A B + beta C. The sum of an element of C runs over k in order within each kc, and the parts
  /// are added to C in order, whatever m and n are and whichever way C is walked.
  @inline(__always)
  static func gemm(
    _ blocks: GemmBlocks, _ m: Int, _ n: Int, _ k: Int, _ alpha: Double,
    _ a: UnsafePointer<Vector.Scalar>, _ rsa: Int, _ csa: Int,
    _ b: UnsafePointer<Vector.Scalar>, _ rsb: Int, _ csb: Int, _ beta: Double,
    _ c: UnsafeMutablePointer<Vector.Scalar>, _ rsc: Int, _ csc: Int, _ workspace: UnsafeMutableRawPointer
  ) {
    if m == 0 || n == 0 { return }
    if k == 0 || alpha == 0 {
      return scaleMatrix(m, n, Vector.Scalar(beta), c, rsc, csc)
    }
    let scale = Vector(Vector.Scalar(alpha))
    let packedA = workspace.assumingMemoryBound(to: Vector.Scalar.self)
    let packedB = (workspace + blocks.packedABytes(rows: m, depth: min(k, blocks.kc)))
      .assumingMemoryBound(to: Vector.Scalar.self)
    var jc = 0
    while jc < n {
      let width = min(blocks.nc, n &- jc)
      var pc = 0
      while pc < k {
        let depth = min(blocks.kc, k &- pc)
        let factor = Vector(Vector.Scalar(pc == 0 ? beta : 1))
        let readsC = pc != 0 || beta != 0
        pack(width, depth, b + (pc &* rsb &+ jc &* csb), csb, rsb, columns, packedB)
        var ic = 0
        while ic < m {
          let height = min(blocks.mc, m &- ic)
          pack(height, depth, a + (ic &* rsa &+ pc &* csa), rsa, csa, rows, packedA)
          multiplyPacked(
            height, width, depth, packedA, packedB, c + (ic &* rsc &+ jc &* csc), rsc, csc,
            scale, factor, readsC)
          ic &+= blocks.mc
        }
        pc &+= blocks.kc
      }
      jc &+= blocks.nc
    }
  }

  /// C = beta C; C is not read if beta is 0.
  @inline(__always)
  private static func scaleMatrix(
    _ m: Int, _ n: Int, _ beta: Vector.Scalar, _ c: UnsafeMutablePointer<Vector.Scalar>, _ rsc: Int, _ csc: Int
  ) {
    for i in 0..<m {
      for j in 0..<n {
        let element = c + (i &* rsc &+ j &* csc)
        element.pointee = beta == 0 ? 0 : beta * element.pointee
      }
    }
  }
}
