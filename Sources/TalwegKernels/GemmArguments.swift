public import CIntrinsics

extension tk_gemm {
  /// The transposed product: C' = B' A'. Its epilogue is the caller's to turn too.
  @inlinable @inline(__always) public var turned: tk_gemm {
    tk_gemm(
      m: n, n: m, k: k, alpha: alpha, beta: beta, a: b, a_row: b_column, a_column: b_row, b: a, b_row: a_column,
      b_column: a_row, c: c, c_row: c_column, c_column: c_row, epilogue: epilogue)
  }

  /// The part of C from (row, column) on. The epilogue is the caller's to move too.
  public func part(_ row: Int, _ rows: Int, _ column: Int, _ columns: Int, itemSize: Int) -> tk_gemm {
    var part = self
    (part.m, part.n) = (rows, columns)
    part.a = a + row * a_row * itemSize
    part.b = b + column * b_column * itemSize
    part.c = c + (row * c_row + column * c_column) * itemSize
    return part
  }
}

extension tk_gemm_epilogue {
  /// That of the part of C from (row, column) on.
  public func moved(_ row: Int, _ column: Int, itemSize: Int) -> tk_gemm_epilogue {
    var moved = self
    moved.bias = bias.map { $0 + (row * bias_row + column * bias_column) * itemSize }
    moved.residual = residual.map { $0 + (row * residual_row + column * residual_column) * itemSize }
    moved.linear = linear.map { $0 + (row * linear_row + column * linear_column) * itemSize }
    return moved
  }

  /// That of the transposed product.
  @inlinable @inline(__always) public var turned: tk_gemm_epilogue {
    tk_gemm_epilogue(
      bias: bias, bias_row: bias_column, bias_column: bias_row, residual: residual, residual_row: residual_column,
      residual_column: residual_row, linear: linear, linear_row: linear_column, linear_column: linear_row,
      activation: activation)
  }
}
