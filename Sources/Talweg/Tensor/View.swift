import TalwegKernels

/// Elements of a storage, laid out by strides: a tensor without the tape. What
/// the forward passes of the operations work on.
public struct View: @unchecked Sendable {
    private(set) var storage: Storage
    let dtype: DType
    let shape: Shape
    /// In elements; may be 0 or negative.
    let strides: PerAxis
    /// Of the first element, in elements.
    let offset: Int

    init(storage: Storage, dtype: DType, shape: Shape, strides: PerAxis, offset: Int) {
        self.storage = storage
        self.dtype = dtype
        self.shape = shape
        self.strides = strides
        self.offset = offset
    }

    /// Uninitialised, row-major.
    init(uninitialized shape: Shape, _ dtype: DType) throws(TalwegError) {
        storage = try Storage(byteCount: shape.count * dtype.itemSize)
        self.dtype = dtype
        self.shape = shape
        strides = shape.rowMajorStrides
        offset = 0
    }

    /// Uninitialised, with the shape, dtype and strides of a row-major view.
    init(uninitializedLike other: borrowing View) throws(TalwegError) {
        storage = try Storage(byteCount: other.count * other.dtype.itemSize)
        dtype = other.dtype
        shape = other.shape
        strides = other.strides
        offset = 0
    }

    var count: Int { shape.count }
    var rank: Int { shape.rank }

    /// The address of the first element.
    var pointer: UnsafeMutableRawPointer { storage.pointer + offset * dtype.itemSize }

    func pointer<T>(as type: T.Type) -> UnsafeMutablePointer<T> { pointer.assumingMemoryBound(to: type) }

    /// Whether the elements lie one after another in row-major order.
    var isContiguous: Bool {
        var step = 1
        var axis = rank - 1
        while axis >= 0 {
            let size = shape[axis]
            if size != 1 {
                if strides[axis] != step { return count == 0 }
                step *= size
            }
            axis -= 1
        }
        return true
    }

    /// Whether both have one shape and the strides of row-major order: what most
    /// operations on two get.
    func isRowMajor(alongside other: View) -> Bool {
        guard rank == other.rank else { return false }
        var step = 1
        var axis = rank - 1
        while axis >= 0 {
            let size = shape[axis]
            guard size == other.shape[axis], strides[axis] == step, other.strides[axis] == step else { return false }
            step *= max(size, 1)
            axis -= 1
        }
        return true
    }

    /// Whether it is row-major, shows all elements of its storage, and nothing else has them.
    var hasStorageAlone: Bool {
        mutating get {
            isContiguous && storage.byteCount == count * dtype.itemSize && !storage.isBorrowed
                && isKnownUniquelyReferenced(&storage)
        }
    }

    /// The same elements under another shape and strides.
    func with(shape: Shape, strides: PerAxis, offset: Int? = nil) -> View {
        View(storage: storage, dtype: dtype, shape: shape, strides: strides, offset: offset ?? self.offset)
    }

    /// Itself if it is row-major, else a row-major copy.
    func contiguous() throws(TalwegError) -> View {
        isContiguous ? self : try copy()
    }

    /// A row-major copy in its own storage.
    func copy() throws(TalwegError) -> View {
        let out = try View(uninitialized: shape, dtype)
        out.assign(self)
        return out
    }

    /// Overwrites the elements with those of a view of the same shape and dtype.
    func assign(_ source: View) {
        mapUnary(kernels.copy(itemSize: dtype.itemSize), source, to: self)
    }

    /// Converted to another dtype, row-major; itself if it has it already.
    func cast(to dtype: DType) throws(TalwegError) -> View {
        if dtype == self.dtype { return self }
        let out = try View(uninitialized: shape, dtype)
        mapUnary(kernels.cast(from: self.dtype, to: dtype), self, to: out)
        return out
    }

    /// Converted to another dtype, row-major, in storage that nothing else has.
    func owned(as dtype: DType) throws(TalwegError) -> View {
        dtype == self.dtype ? try copy() : try cast(to: dtype)
    }

    /// Whole numbers as int64, row-major, in storage that nothing else has. What of uint64 is beyond becomes the
    /// greatest, not negative.
    func ownedIntegers() throws(TalwegError) -> View {
        guard dtype == .uint64 else { return try owned(as: .int64) }
        let own = try copy()
        let values = own.pointer(as: UInt64.self)
        for i in 0..<own.count where values[i] > UInt64(Int64.max) { values[i] = UInt64(Int64.max) }
        return View(storage: own.storage, dtype: .int64, shape: own.shape, strides: own.strides, offset: 0)
    }

    /// The strides that repeat the elements to fit a shape that this one broadcasts to.
    func strides(broadcastTo target: Shape) -> PerAxis {
        var out = PerAxis(repeating: 0)
        let extra = target.rank - rank
        for axis in 0..<rank where shape[axis] != 1 || target[axis + extra] == 1 {
            out[axis + extra] = strides[axis]
        }
        return out
    }

    /// Sets every element of a row-major view to a value, converted to the dtype.
    func fill(_ value: Double) {
        let kernel = kernels.fill(itemSize: dtype.itemSize)
        var source = value
        var element: UInt64 = 0
        let count = self.count
        withUnsafeMutableBytes(of: &element) { element in
            guard let element = element.baseAddress else { return }
            kernels.cast(from: .float64, to: dtype)(1, &source, 1, element, 1)
            kernel(count, element, pointer, 1)
        }
    }

    static func full(_ shape: Shape, _ value: Double, _ dtype: DType) throws(TalwegError) -> View {
        let out = try View(uninitialized: shape, dtype)
        out.fill(value)
        return out
    }
}
