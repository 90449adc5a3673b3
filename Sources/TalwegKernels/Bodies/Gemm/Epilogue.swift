internal import CIntrinsics

/// Finishes height x width elements of C whose rows are contiguous, as `tk_gemm_epilogue` says, while they
/// are in the nearest cache. (row, column) is where C's corner lies in the product.
@inline(__always)
func finishTile<V: TileVector>(
  _ epilogue: UnsafePointer<tk_gemm_epilogue>, _ row: Int, _ column: Int, _ height: Int, _ width: Int,
  _ c: UnsafeMutablePointer<V.Scalar>, _ rsc: Int, _: V.Type,
  _ gelu: (V) -> V, _ tanh: (V) -> V, _ sigmoid: (V) -> V
) {
  let e = epilogue.pointee
  switch e.activation {
  case Int32(TK_ACTIVATION_RELU):
    finishRows(e, row, column, height, width, c, rsc) { (x: V) in V.maximum(x, V(0)) }
  case Int32(TK_ACTIVATION_GELU): finishRows(e, row, column, height, width, c, rsc) { gelu($0) }
  case Int32(TK_ACTIVATION_TANH): finishRows(e, row, column, height, width, c, rsc) { tanh($0) }
  case Int32(TK_ACTIVATION_SIGMOID): finishRows(e, row, column, height, width, c, rsc) { sigmoid($0) }
  default: finishRows(e, row, column, height, width, c, rsc) { (x: V) in x }
  }
}

@inline(__always)
private func finishRows<V: TileVector>(
  _ e: tk_gemm_epilogue, _ row: Int, _ column: Int, _ height: Int, _ width: Int,
  _ c: UnsafeMutablePointer<V.Scalar>, _ rsc: Int, _ activation: (V) -> V
) {
  for i in 0..<height {
    V.forEachVector(width) { j, lanes in
      let element = c + (i &* rsc &+ j)
      var x = V.load(element, lanes)
      if let bias = e.bias {
        let from = bias.assumingMemoryBound(to: V.Scalar.self) + ((row &+ i) &* e.bias_row &+ (column &+ j) &* e.bias_column)
        x = x + loadStrided(from, e.bias_column, width &- j, lanes)
      }
      if let residual = e.residual {
        let from = residual.assumingMemoryBound(to: V.Scalar.self)
          + ((row &+ i) &* e.residual_row &+ (column &+ j) &* e.residual_column)
        x = x + loadStrided(from, e.residual_column, width &- j, lanes)
      }
      if let linear = e.linear {
        let to = linear.assumingMemoryBound(to: V.Scalar.self)
          + ((row &+ i) &* e.linear_row &+ (column &+ j) &* e.linear_column)
        if e.linear_column == 1 {
          x.store(to, lanes)
        } else {
          x.store(to, stride: e.linear_column, first: min(V.lanes, width &- j))
        }
      }
      activation(x).store(element, lanes)
    }
  }
}

/// A vector's share of the `rest` elements from p on.
@inline(__always)
private func loadStrided<V: TileVector>(
  _ p: UnsafePointer<V.Scalar>, _ stride: Int, _ rest: Int, _ lanes: V.Lanes?
) -> V {
  if stride == 1 { return V.load(p, lanes) }
  if stride == 0 { return V(p.pointee) }
  return V.load(p, stride: stride, first: min(V.lanes, rest), fill: 0)
}
