internal import CIntrinsics

// The loops around the innermost ones, for one thread, outermost first as in BLIS: columns by nc, depth by
// kc (pack a panel of B), rows by mc (pack a block of A), then the packed block times the packed panel.

extension RegisterTile where Rows.Line == Wide<Vector> {
  /// The product that `g` says. The sum of an element of C runs over k in order within each of the blocks that
  /// `GemmBlocks.depth` cuts, and the parts are added to C in order, whatever m and n are and whichever way C
  /// is walked. The workspace has `GemmBlocks.workspaceBytes`.
  @inline(__always)
  static func gemm(_ g: tk_gemm, _ workspace: UnsafeMutableRawPointer) {
    if g.m == 0 || g.n == 0 { return }
    let blocks = blocks
    let operands = Operands<Element, Vector>(g)
    let k = operands.k
    let inPlace = blocks.readsInPlace(m: g.m, n: g.n, k: k) && operands.csc == 1
    let depthStep = blocks.depth(k)
    let packed = workspace.assumingMemoryBound(to: Element.self)
    let packedB = inPlace
      ? packed
      : (workspace + blocks.packedABytes(rows: g.m, depth: depthStep)).assumingMemoryBound(to: Element.self)
    let widthStep = inPlace ? columns : blocks.nc
    var jc = 0
    while jc < g.n {
      let width = min(widthStep, g.n &- jc)
      var pc = 0
      repeat {
        let depth = min(depthStep, k &- pc)
        let part = operands.part(pc, depth)
        let b = operands.b(pc, jc)
        if inPlace {
          if operands.csb == 1 {
            multiplyInPlace(
              g.m, width, depth, operands.a(0, pc), operands.rsa, operands.csa, b, operands.rsb, 1,
              operands.c(0, jc), operands.rsc, part.alpha, part.beta, part.readsC, part.epilogue, 0, jc)
          } else {
            packB(width, depth, b, operands.rsb, operands.csb, packedB)
            multiplyInPlace(
              g.m, width, depth, operands.a(0, pc), operands.rsa, operands.csa, packedB, columns, depth,
              operands.c(0, jc), operands.rsc, part.alpha, part.beta, part.readsC, part.epilogue, 0, jc)
          }
        } else {
          packB(width, depth, b, operands.rsb, operands.csb, packedB)
          var ic = 0
          while ic < g.m {
            let height = min(blocks.mc, g.m &- ic)
            packA(height, depth, operands.a(ic, pc), operands.rsa, operands.csa, packed)
            multiplyPacked(
              height, width, depth, packed, packedB, operands.c(ic, jc), operands.rsc, operands.csc,
              part.alpha, part.beta, part.readsC, part.epilogue, ic, jc)
            ic &+= blocks.mc
          }
        }
        pc &+= depthStep
      } while pc < k
      jc &+= widthStep
    }
  }
}

/// A product's arguments with their types.
struct Operands<Element, Vector: TileVector> {
  let a0, b0: UnsafePointer<Element>
  let c0: UnsafeMutablePointer<Vector.Scalar>
  let rsa, csa, rsb, csb, rsc, csc: Int
  /// 0 if alpha is.
  let k: Int
  let alpha, beta: Vector
  let readsC: Bool
  let epilogue: UnsafePointer<tk_gemm_epilogue>?

  @inline(__always) init(_ g: tk_gemm) {
    a0 = g.a.assumingMemoryBound(to: Element.self)
    b0 = g.b.assumingMemoryBound(to: Element.self)
    c0 = g.c.assumingMemoryBound(to: Vector.Scalar.self)
    (rsa, csa, rsb, csb) = (g.a_row, g.a_column, g.b_row, g.b_column)
    (rsc, csc) = (g.c_row, g.n == 1 ? 1 : g.c_column)
    k = g.alpha == 0 ? 0 : g.k
    alpha = Vector(Vector.Scalar(g.alpha))
    beta = Vector(Vector.Scalar(g.beta))
    readsC = g.beta != 0
    epilogue = g.epilogue
  }

  @inline(__always) func a(_ i: Int, _ p: Int) -> UnsafePointer<Element> { a0 + (i &* rsa &+ p &* csa) }
  @inline(__always) func b(_ p: Int, _ j: Int) -> UnsafePointer<Element> { b0 + (p &* rsb &+ j &* csb) }
  @inline(__always) func c(_ i: Int, _ j: Int) -> UnsafeMutablePointer<Vector.Scalar> {
    c0 + (i &* rsc &+ j &* csc)
  }

  /// What is done with the sums of the part of the depth that begins at `begin`: the first scales C, the last
  /// finishes it.
  @inline(__always) func part(_ begin: Int, _ depth: Int) -> Part {
    let first = begin == 0, last = begin &+ depth >= k
    return Part(
      alpha: alpha, beta: first ? beta : Vector(1), readsC: !first || readsC, epilogue: last ? epilogue : nil)
  }

  struct Part {
    let alpha, beta: Vector
    let readsC: Bool
    let epilogue: UnsafePointer<tk_gemm_epilogue>?
  }
}

extension tk_gemm {
  /// Calls `body` with this product or, if C's columns are contiguous and its rows are not, with its transpose.
  @inline(__always)
  func withContiguousRows(_ body: (tk_gemm) -> Void) {
    if c_column == 1 || c_row != 1 { return body(self) }
    var turned = turned
    guard let epilogue else { return body(turned) }
    withUnsafePointer(to: epilogue.pointee.turned) {
      turned.epilogue = $0
      body(turned)
    }
  }
}
