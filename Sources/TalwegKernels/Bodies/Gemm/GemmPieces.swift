internal import CIntrinsics

// A product cut into pieces that threads take in any order: first all of what is packed, then parts of C, each
// with all of the group's depth. What the pieces are is for GemmPlan to say.

extension RegisterTile where Rows.Line == Wide<Vector> {
  /// Packs one piece of a step: `row_block` rows of A, or `column_block` columns of B.
  @inline(__always)
  static func packPiece(
    _ g: tk_gemm, _ plan: tk_gemm_plan, _ step: Int, _ piece: Int, _ workspace: UnsafeMutableRawPointer
  ) {
    let operands = Operands<Element, Vector>(g)
    let group = Group(g, plan, step, operands.k)
    let piecesOfA = plan.packs_a != 0 ? (group.height &+ plan.row_block &- 1) / plan.row_block : 0
    let piecesOfB = plan.packs_b != 0 ? (group.width &+ plan.column_block &- 1) / plan.column_block : 0
    // Mixed evenly, so that the thread that packs the first of A's rows also packs the first of B's columns.
    let all = piecesOfA &+ piecesOfB
    let before = piece &* piecesOfA / all
    if (piece &+ 1) &* piecesOfA / all > before {
      let begin = before &* plan.row_block
      let height = min(plan.row_block, group.height &- begin)
      let room = workspace.assumingMemoryBound(to: Element.self)
      var p = 0
      while p < group.depth {
        let depth = min(plan.depth, group.depth &- p)
        packA(
          height, depth, operands.a(group.row &+ begin, group.start &+ p), operands.rsa, operands.csa,
          room + (p &* group.paddedHeight(rows) &+ begin &* depth))
        p &+= plan.depth
      }
    } else {
      let begin = (piece &- before) &* plan.column_block
      let width = min(plan.column_block, group.width &- begin)
      let room = (workspace + plan.b_offset).assumingMemoryBound(to: Element.self)
      var p = 0
      while p < group.depth {
        let depth = min(plan.depth, group.depth &- p)
        packB(
          width, depth, operands.b(group.start &+ p, group.column &+ begin), operands.rsb, operands.csb,
          room + (p &* group.paddedWidth(columns) &+ begin &* depth))
        p &+= plan.depth
      }
    }
  }

  /// Computes one piece of a step: `row_block` x `column_block` elements of C.
  @inline(__always)
  static func multiplyPiece(
    _ g: tk_gemm, _ plan: tk_gemm_plan, _ step: Int, _ piece: Int, _ workspace: UnsafeMutableRawPointer
  ) {
    let operands = Operands<Element, Vector>(g)
    let group = Group(g, plan, step, operands.k)
    let across = (group.width &+ plan.column_block &- 1) / plan.column_block
    let down = (group.height &+ plan.row_block &- 1) / plan.row_block
    let downColumns = plan.down_columns != 0
    let i = (downColumns ? piece % down : piece / across) &* plan.row_block
    let j = (downColumns ? piece / down : piece % across) &* plan.column_block
    let height = min(plan.row_block, group.height &- i), width = min(plan.column_block, group.width &- j)
    let row = group.row &+ i, column = group.column &+ j
    let c = operands.c(row, column)
    let roomA = workspace.assumingMemoryBound(to: Element.self)
    let roomB = (workspace + plan.b_offset).assumingMemoryBound(to: Element.self)
    var p = 0
    repeat {
      let depth = min(plan.depth, group.depth &- p)
      let begin = group.start &+ p
      let part = operands.part(begin, depth)
      if plan.packs_a != 0 {
        multiplyPacked(
          height, width, depth, roomA + (p &* group.paddedHeight(rows) &+ i &* depth),
          roomB + (p &* group.paddedWidth(columns) &+ j &* depth), c, operands.rsc, operands.csc,
          part.alpha, part.beta, part.readsC, part.epilogue, row, column)
      } else if plan.packs_b != 0 {
        multiplyInPlace(
          height, width, depth, operands.a(row, begin), operands.rsa, operands.csa,
          roomB + (p &* group.paddedWidth(columns) &+ j &* depth), columns, depth, c, operands.rsc,
          part.alpha, part.beta, part.readsC, part.epilogue, row, column)
      } else if operands.csb == 1 {
        multiplyInPlace(
          height, width, depth, operands.a(row, begin), operands.rsa, operands.csa, operands.b(begin, column),
          operands.rsb, 1, c, operands.rsc, part.alpha, part.beta, part.readsC, part.epilogue, row, column)
      } else {
        // A piece's columns of B are its own: packed where they are used.
        let room = roomB + j &* plan.depth
        packB(width, depth, operands.b(begin, column), operands.rsb, operands.csb, room)
        multiplyInPlace(
          height, width, depth, operands.a(row, begin), operands.rsa, operands.csa, room, columns, depth,
          c, operands.rsc, part.alpha, part.beta, part.readsC, part.epilogue, row, column)
      }
      p &+= plan.depth
    } while p < group.depth
  }
}

/// What one step multiplies: the rows and columns of C from (row, column), the depth from `start`.
private struct Group {
  let row, column, start: Int
  let height, width, depth: Int

  @inline(__always)
  init(_ g: tk_gemm, _ plan: tk_gemm_plan, _ step: Int, _ k: Int) {
    let steps = (g.m &+ plan.row_group &- 1) / plan.row_group
    let depthSteps = max(1, (k &+ plan.k_group &- 1) / plan.k_group)
    row = step % steps &* plan.row_group
    start = step / steps % depthSteps &* plan.k_group
    column = step / steps / depthSteps &* plan.column_group
    height = min(plan.row_group, g.m &- row)
    width = min(plan.column_group, g.n &- column)
    depth = min(plan.k_group, k &- start)
  }

  @inline(__always) func paddedHeight(_ rows: Int) -> Int { (height &+ rows &- 1) / rows &* rows }
  @inline(__always) func paddedWidth(_ columns: Int) -> Int { (width &+ columns &- 1) / columns &* columns }
}
