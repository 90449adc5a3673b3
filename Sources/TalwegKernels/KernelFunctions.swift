public import CIntrinsics

// The C signatures of the kernels. `Int` arguments are counts and strides in elements.

/// (n, x, stride of x, y, stride of y)
public typealias UnaryFunction = @convention(c) (
  Int, UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int
) -> Void

/// (n, a, stride of a, b, stride of b, y, stride of y)
public typealias BinaryFunction = @convention(c) (
  Int, UnsafeRawPointer, Int, UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int
) -> Void

/// (n, x, stride of x, y): one element into y.
public typealias ReduceFunction = @convention(c) (
  Int, UnsafeRawPointer, Int, UnsafeMutableRawPointer
) -> Void

/// (n, x, stride of x) -> index, counted in elements of the row
public typealias IndexReduceFunction = @convention(c) (Int, UnsafeRawPointer, Int) -> Int

/// (n, condition, its stride, a, stride of a, b, stride of b, y, stride of y): y = condition ? a : b.
/// A condition is a bool byte.
public typealias SelectFunction = @convention(c) (
  Int, UnsafeRawPointer, Int, UnsafeRawPointer, Int, UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int
) -> Void

/// (n, x, stride of x, low, stride of low, high, stride of high, y, stride of y)
public typealias ClipFunction = SelectFunction

/// (m, n, k, A, row stride, column stride, B, row stride, C): C = A B. B's and C's columns and C's rows are contiguous.
public typealias IntegerProductFunction = @convention(c) (
  Int, Int, Int, UnsafeRawPointer, Int, Int, UnsafeRawPointer, Int, UnsafeMutableRawPointer
) -> Void

/// (n, value, y, stride of y): every element of y gets the element at `value`.
public typealias FillFunction = @convention(c) (
  Int, UnsafeRawPointer, UnsafeMutableRawPointer, Int
) -> Void

/// (n, x, stride of x, y, stride of y) -> sum of x[i] y[i]
public typealias DotFunction = @convention(c) (
  Int, UnsafeRawPointer, Int, UnsafeRawPointer, Int
) -> Double

/// (n, alpha, x, y), contiguous.
public typealias AxpyFunction = @convention(c) (
  Int, Double, UnsafeRawPointer, UnsafeMutableRawPointer
) -> Void

/// (n, x, y), contiguous.
public typealias RowFunction = @convention(c) (Int, UnsafeRawPointer, UnsafeMutableRawPointer) -> Void

/// (n, options, parameter, gradient, three states or nil where there is none), contiguous.
public typealias UpdateFunction = @convention(c) (
  Int, UnsafePointer<tk_update>, UnsafeMutableRawPointer, UnsafeRawPointer,
  UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?
) -> Void

/// (m, n, k, alpha, A, row stride, column stride, B, row stride, column stride, beta,
///  C, row stride, column stride, workspace): C = alpha A B + beta C.
public typealias GemmFunction = @convention(c) (
  Int, Int, Int, Double, UnsafeRawPointer, Int, Int, UnsafeRawPointer, Int, Int,
  Double, UnsafeMutableRawPointer, Int, Int, UnsafeMutableRawPointer
) -> Void

/// (product, workspace)
public typealias GemmFinishedFunction = @convention(c) (UnsafePointer<tk_gemm>, UnsafeMutableRawPointer) -> Void

/// (product, plan, step, piece, workspace)
public typealias GemmPieceFunction = @convention(c) (
  UnsafePointer<tk_gemm>, UnsafePointer<tk_gemm_plan>, Int, Int, UnsafeMutableRawPointer
) -> Void

/// (rows, columns, TK_ACTIVATION, gradient, its row stride, what was kept, row stride, result, row stride,
/// columns' sums, which are added to)
public typealias ActivationGradientFunction = @convention(c) (
  Int, Int, Int32, UnsafeRawPointer, Int, UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int,
  UnsafeMutableRawPointer
) -> Void

/// (m, n, alpha, A, row stride, column stride, x, stride, beta, y, stride): y = alpha A x + beta y.
public typealias GemvFunction = @convention(c) (
  Int, Int, Double, UnsafeRawPointer, Int, Int, UnsafeRawPointer, Int,
  Double, UnsafeMutableRawPointer, Int
) -> Void

/// (m, n, k, X [k, m], its row stride, column stride, C [m, n], its row stride), n <= m: C += X' X of X's first n
/// columns, at and below the diagonal; elements above it may hold anything afterwards. Rows or columns of X are
/// contiguous, and rows of C.
public typealias GramFunction = @convention(c) (
  Int, Int, Int, UnsafeRawPointer, Int, Int, UnsafeMutableRawPointer, Int
) -> Void

/// (n, keys, other): n unsigned numbers in ascending order; `other` has room for as many.
public typealias SortFunction = @convention(c) (Int, UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Void
