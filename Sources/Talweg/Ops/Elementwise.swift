import TalwegKernels

// What the element-by-element operations share.

/// y = op(x), as a new row-major view.
func elementwise(_ op: UnaryOp, _ x: View, _ name: String) throws(TalwegError) -> View {
    if x.dtype.isNarrowFloating, let kernel = kernels.unary(op, .float32) {
        let y = try View(uninitialized: x.shape, op.writesBool ? .bool : x.dtype)
        mapWidened(kernel, x, to: y)
        return y
    }
    guard let kernel = kernels.unary(op, x.dtype) else {
        throw .dtype("\(name): not defined for \(x.dtype.name)")
    }
    let y = try View(uninitialized: x.shape, op.writesBool ? .bool : x.dtype)
    mapUnary(kernel, x, to: y)
    return y
}

/// y = op(a, b), broadcast, as a new row-major view; both have one dtype.
func elementwise(_ op: BinaryOp, _ a: View, _ b: View, _ name: String) throws(TalwegError) -> View {
    if a.dtype.isNarrowFloating, a.dtype == b.dtype, let kernel = kernels.binary(op, .float32) {
        let y = try View(uninitialized: Shape.broadcast(a.shape, b.shape, for: name), a.dtype)
        mapWidened(kernel, a, b, to: y)
        return y
    }
    guard a.dtype == b.dtype, let kernel = kernels.binary(op, a.dtype) else {
        throw .dtype("\(name): not defined for \(a.dtype.name) and \(b.dtype.name)")
    }
    if a.count <= elementsPerChunk, a.isRowMajor(alongside: b) {
        let y = try View(uninitializedLike: a)
        kernel(y.count, a.pointer, 1, b.pointer, 1, y.pointer, 1)
        return y
    }
    let y = try View(uninitialized: Shape.broadcast(a.shape, b.shape, for: name), a.dtype)
    mapBinary(kernel, a, b, to: y)
    return y
}

/// Both in the dtype that they promote to.
func promoted(_ a: Tensor, _ b: Tensor) throws(TalwegError) -> (Tensor, Tensor) {
    if a.dtype == b.dtype { return (a, b) }
    let dtype = promoted(a.dtype, b.dtype)
    return (try a.cast(to: dtype), try b.cast(to: dtype))
}

/// An operation on both in the dtype that they promote to.
@inline(__always)
func applyPromoted<O: BinaryOperation>(_ operation: O, _ a: Tensor, _ b: Tensor) throws(TalwegError) -> Tensor {
    if a.dtype == b.dtype { return try apply(operation, a, b) }
    let (x, y) = try promoted(a, b)
    return try apply(operation, x, y)
}

extension Tensor {
    /// Itself if floating, else as float32 (integers of 64 bits: float64).
    func floating() throws(TalwegError) -> Tensor {
        dtype.isFloating ? self : try cast(to: dtype.itemSize == 8 ? .float64 : .float32)
    }

    /// What `body` makes of this tensor, in float32 throughout and rounded once at the end if its dtype is narrow.
    func widened(_ body: (Tensor) throws(TalwegError) -> Tensor) throws(TalwegError) -> Tensor {
        dtype.isNarrowFloating ? try body(cast(to: .float32)).cast(to: dtype) : try body(self)
    }

    /// A scalar of this tensor's dtype, or of float64 where an integer type cannot hold it.
    func scalar(_ value: Double) throws(TalwegError) -> Tensor {
        let fits = dtype.isFloating || (dtype != .bool && holds(value, dtype))
        return try Tensor.full(.scalar, value, fits ? dtype : .float64)
    }

    /// Summed over the axes along which `shape` was broadcast to this tensor's.
    func summed(to shape: Shape) throws(TalwegError) -> Tensor {
        if self.shape == shape { return self }
        let extra = rank - shape.rank
        guard extra >= 0 else { return try broadcast(to: shape) }
        var axes = AxisSet()
        for axis in 0..<rank where axis < extra || (shape[axis - extra] == 1 && self.shape[axis] != 1) {
            axes.insert(axis)
        }
        let summed = axes.isEmpty ? self : try apply(Sum(axes: axes, keepdims: true), self)
        return summed.shape == shape ? summed : try summed.reshape(shape)
    }
}
