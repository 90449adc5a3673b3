public import CIntrinsics

/// How one product is cut into pieces that threads share: a function of its sizes and strides alone, so that the
/// number of threads changes nothing. C is cut into parts of `row_block` x `column_block`, each computed by one thread;
/// A and B are packed once for all of them, in groups no larger than what the caches hold. A product with few
/// rows or few columns, or whose A has rows that a tile can follow, reads A where it lies.
public struct GemmPlan: Sendable {
  public let sizes: tk_gemm_plan
  public let workspaceBytes: Int
  let m, n, k: Int
  let rowSteps, depthSteps, columnSteps: Int

  /// For the sizes and strides of a product, m and n at least 1.
  public init(_ blocks: GemmBlocks, _ product: tk_gemm) {
    let (m, n, k) = (product.m, product.n, product.alpha == 0 ? 0 : product.k)
    let contiguousC = product.c_column == 1, contiguousB = product.b_column == 1
    self.m = m
    self.n = n
    self.k = k
    let depth = max(1, blocks.depth(k))
    let item = blocks.itemSize
    var plan = tk_gemm_plan()
    plan.depth = depth
    let fewRows = m <= 2 * blocks.mr && contiguousC, fewColumns = n <= 2 * blocks.nr && contiguousC
    // A tile of few rows also reads them where they lie if they run along the depth and C is not so wide that
    // packing is nothing beside it, unless the rows fall onto the same lines of the first-level cache.
    let runs = contiguousC && blocks.mr <= 6 && n <= 24 * blocks.nr && product.a_column == 1
      && product.a_row &* item % 4096 != 0
    plan.packs_a = fewRows || fewColumns || runs ? 0 : 1
    plan.packs_b = fewRows ? 0 : 1

    // What is packed at a time: at most 8 MB each of A and B, of whole blocks.
    let room = GemmPlan.packedBytes / item
    let longer = max(plan.packs_a != 0 ? m : 0, fewRows ? 0 : n, 1)
    plan.k_group = fewRows ? max(k, 1) : max(1, room / longer / depth) * depth
    let side = max(1, room / min(plan.k_group, max(k, 1)))
    plan.row_group = plan.packs_a != 0 ? max(1, side / blocks.mr) * blocks.mr : m
    // Where each piece packs its own columns, room is for one block of the depth.
    plan.column_group = max(1, (fewRows ? room / depth : side) / blocks.nr) * blocks.nr

    // About 32 pieces, none below a million multiply-adds nor beyond what the second-level cache holds.
    let height = (min(m, plan.row_group) + blocks.mr - 1) / blocks.mr
    let width = (min(n, plan.column_group) + blocks.nr - 1) / blocks.nr
    let tileWork = max(1, blocks.mr * blocks.nr * max(1, min(k, plan.k_group)))
    let smallest = max(1, GemmPlan.pieceWork / tileWork)
    let tiles = min(max(height * width / 32, smallest), 64)
    var rows = fewRows ? height : min(height, max(1, Int(Double(tiles).squareRoot())))
    let columns = GemmPlan.even(width, min(width, max(1, tiles / rows)))
    rows = GemmPlan.even(height, min(height, max(rows, tiles / columns)))
    plan.row_block = rows * blocks.mr
    plan.column_block = columns * blocks.nr
    // Neighbouring pieces go to the same thread. Threads have rows of C of their own, as of most of what goes into it
    // and comes after, and all of B in common; where B is much the greater, columns, and A in common.
    plan.down_columns = n > 2 * m ? 1 : 0

    rowSteps = (m + plan.row_group - 1) / plan.row_group
    columnSteps = (n + plan.column_group - 1) / plan.column_group
    depthSteps = max(1, (k + plan.k_group - 1) / plan.k_group)
    let heldDepth = min(plan.k_group, k)
    let bytesA = plan.packs_a != 0 ? blocks.lines(height * blocks.mr * heldDepth) : 0
    let bytesB = fewRows && contiguousB ? 0 : blocks.lines(width * blocks.nr * (fewRows ? depth : heldDepth))
    plan.b_offset = bytesA
    workspaceBytes = bytesA + bytesB
    sizes = plan
  }

  public var steps: Int { rowSteps * depthSteps * columnSteps }

  /// The pieces of `gemmPack` of a step; none where all is read in place.
  public func packs(_ step: Int) -> Int {
    let (height, width) = group(step)
    return (sizes.packs_a != 0 ? (height + sizes.row_block - 1) / sizes.row_block : 0)
      + (sizes.packs_b != 0 ? (width + sizes.column_block - 1) / sizes.column_block : 0)
  }

  /// The pieces of `gemmPiece` of a step.
  public func pieces(_ step: Int) -> Int {
    let (height, width) = group(step)
    return (height + sizes.row_block - 1) / sizes.row_block * ((width + sizes.column_block - 1) / sizes.column_block)
  }

  private func group(_ step: Int) -> (height: Int, width: Int) {
    (
      min(sizes.row_group, m - step % rowSteps * sizes.row_group),
      min(sizes.column_group, n - step / rowSteps / depthSteps * sizes.column_group)
    )
  }

  /// The number nearest `wanted` below it that cuts `count` into as many parts, more evenly.
  private static func even(_ count: Int, _ wanted: Int) -> Int {
    let parts = (count + wanted - 1) / wanted
    return (count + parts - 1) / parts
  }

  private static let packedBytes = 8 << 20
  private static let pieceWork = 1 << 20
}
