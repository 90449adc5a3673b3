public import CIntrinsics

extension tk_gemm {
  /// The transposed product: C' = B' A'. Its epilogue is the caller's to turn too.
  @inlinable @inline(__always) public var turned: tk_gemm {
    tk_gemm(
      m: n, n: m, k: k, alpha: alpha, beta: beta, a: b, a_row: b_column, a_column: b_row, b: a, b_row: a_column,
      b_column: a_row, c: c, c_row: c_column, c_column: c_row, epilogue: epilogue)
  }
}

extension tk_gemm_epilogue {
  /// That of the transposed product.
  @inlinable @inline(__always) public var turned: tk_gemm_epilogue {
    tk_gemm_epilogue(
      bias: bias, bias_row: bias_column, bias_column: bias_row, residual: residual, residual_row: residual_column,
      residual_column: residual_row, linear: linear, linear_row: linear_column, linear_column: linear_row,
      activation: activation)
  }
}
