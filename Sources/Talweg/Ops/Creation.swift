import TalwegKernels

extension Tensor {
    /// From values in row-major order, converted to `dtype`.
    public convenience init(_ values: [Double], shape: [Int]? = nil, dtype: DType = .float64) throws(TalwegError) {
        let shape = try Shape(shape ?? [values.count], for: "tensor")
        guard shape.count == values.count else {
            throw .shape("tensor: \(values.count) values do not fill the shape \(shape)")
        }
        let view = try View(uninitialized: shape, dtype)
        values.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            kernels.cast(from: .float64, to: dtype)(values.count, source, 1, view.pointer, 1)
        }
        self.init(view)
    }

    /// A copy of row-major elements of `dtype`.
    public convenience init(copying data: UnsafeRawPointer?, _ shape: Shape, _ dtype: DType) throws(TalwegError) {
        guard data != nil || shape.count == 0 else {
            throw TalwegError(.null, "tensor: the data is NULL and the shape is \(shape)")
        }
        let view = try View(uninitialized: shape, dtype)
        if let data, shape.count > 0 {
            let target = view.pointer
            if dtype == .bool {
                // A byte other than 0 and 1 is true.
                kernels.cast(from: .uint8, to: .bool)(shape.count, data, 1, target, 1)
            } else {
                target.copyMemory(from: data, byteCount: shape.count * dtype.itemSize)
            }
        }
        self.init(view)
    }

    /// Over the caller's memory; `release` is called once, when nothing uses it any more.
    /// - Parameter strides: in elements; nil means row-major.
    public convenience init(
        borrowing data: UnsafeMutableRawPointer, _ shape: Shape, strides: [Int]? = nil, _ dtype: DType,
        release: @escaping @Sendable () -> Void
    ) throws(TalwegError) {
        guard UInt(bitPattern: data) % UInt(dtype.itemSize) == 0 else {
            throw .invalid("borrow: the address is not a multiple of the element's \(dtype.itemSize) bytes")
        }
        var steps = shape.rowMajorStrides
        if let strides {
            guard strides.count == shape.rank else {
                throw .shape("borrow: \(strides.count) strides for \(shape.rank) axes")
            }
            for (axis, stride) in strides.enumerated() {
                let (reach, over) = stride.magnitude.multipliedReportingOverflow(
                    by: UInt(Swift.max(shape[axis], 1)) * UInt(dtype.itemSize))
                guard !over, reach < UInt(1) << 60 else {
                    throw .invalid("borrow: stride \(stride) of axis \(axis) reaches beyond all memory")
                }
                steps[axis] = stride
            }
        }
        let storage = Storage(borrowing: data, byteCount: shape.count * dtype.itemSize, release: release)
        self.init(View(storage: storage, dtype: dtype, shape: shape, strides: steps, offset: 0))
    }

    public static func full(_ shape: Shape, _ value: Double, _ dtype: DType) throws(TalwegError) -> Tensor {
        guard holds(value, dtype) else { throw .invalid("full: \(dtype.name) cannot hold \(value)") }
        return Tensor(try View.full(shape, value, dtype))
    }

    public static func zeros(_ shape: Shape, _ dtype: DType) throws(TalwegError) -> Tensor {
        Tensor(try View.full(shape, 0, dtype))
    }

    public static func ones(_ shape: Shape, _ dtype: DType) throws(TalwegError) -> Tensor {
        Tensor(try View.full(shape, 1, dtype))
    }

    /// start, start + step, ... up to but without stop.
    public static func arange(_ start: Double, _ stop: Double, _ step: Double, _ dtype: DType)
        throws(TalwegError) -> Tensor
    {
        guard start.isFinite, stop.isFinite, step.isFinite, step != 0 else {
            throw .invalid("arange: from \(start) to \(stop) by \(step)")
        }
        let count = ((stop - start) / step).rounded(.up)
        guard count < 0x1p59 else { throw .outOfMemory(bytes: Int.max) }
        let shape = try Shape([count > 0 ? Int(count) : 0], for: "arange")
        return try filled(shape, dtype, "arange") { start + Double($0) * step }
    }

    /// The same of whole numbers, exactly.
    public static func arange(from start: Int64, to stop: Int64, by step: Int64, _ dtype: DType)
        throws(TalwegError) -> Tensor
    {
        guard step != 0 else { throw .invalid("arange: from \(start) to \(stop) by 0") }
        let isEmpty = step > 0 ? start >= stop : start <= stop
        // Modulo 2^64, where the distance is positive.
        let (low, high) = step > 0 ? (start, stop) : (stop, start)
        let count = isEmpty ? 0 : (UInt64(bitPattern: high &- low) - 1) / step.magnitude + 1
        guard count < 1 << 59 else { throw .outOfMemory(bytes: Int.max) }
        let y = try View(uninitialized: Shape([Int(count)], for: "arange"), .int64)
        let out = y.pointer(as: Int64.self)
        for i in 0..<Int(count) { out[i] = start &+ Int64(i) &* step }
        for end in count == 0 ? [] : [out[0], out[Int(count) - 1]] where !holds(end, dtype) {
            throw .invalid("arange: \(dtype.name) cannot hold \(end)")
        }
        return Tensor(try y.cast(to: dtype))
    }

    /// `count` evenly spaced values from start to stop, both included.
    public static func linspace(_ start: Double, _ stop: Double, _ count: Int, _ dtype: DType)
        throws(TalwegError) -> Tensor
    {
        let shape = try Shape([count], for: "linspace")
        let steps = Double(Swift.max(count - 1, 1))
        // The difference of two huge numbers is infinite, but not their distance in steps.
        let step = (stop - start).isFinite ? (stop - start) / steps : stop / steps - start / steps
        return try filled(shape, dtype, "linspace") {
            if $0 == 0 { return start }
            return $0 == count - 1 ? stop : start + Double($0) * step
        }
    }

    /// rows x columns with ones on the main diagonal.
    public static func eye(_ rows: Int, _ columns: Int, _ dtype: DType) throws(TalwegError) -> Tensor {
        let shape = try Shape([rows, columns], for: "eye")
        let y = try View.full(shape, 0, dtype)
        let diagonal = try Shape([Swift.min(rows, columns)], for: "eye")
        var strides = PerAxis(repeating: 0)
        strides[0] = columns + 1
        y.with(shape: diagonal, strides: strides).assign(
            try View.full(.scalar, 1, dtype).with(shape: diagonal, strides: PerAxis(repeating: 0)))
        return Tensor(y)
    }

    /// The first and last value decide whether an integer type can hold all.
    private static func filled(_ shape: Shape, _ dtype: DType, _ name: String, _ value: (Int) -> Double)
        throws(TalwegError) -> Tensor
    {
        let y = try View(uninitialized: shape, .float64)
        let out = y.pointer(as: Double.self)
        for i in 0..<shape.count { out[i] = value(i) }
        if !dtype.isFloating, shape.count > 0 {
            for end in [out[0], out[shape.count - 1]] where !holds(end.rounded(.towardZero), dtype) {
                throw .invalid("\(name): \(dtype.name) cannot hold \(end)")
            }
        }
        return Tensor(try y.cast(to: dtype))
    }
}
