import TalwegKernels

// Pooling to a given number of positions: result i of an axis is of the source's positions
//
//     floor(i source / result) ..< ceil((i + 1) source / result)
//
// so that windows cover the axis, differ by one position at most and overlap where sizes do not divide. Where they
// do, it is pooling with windows side by side, and to one position a mean or a maximum of the axis.

/// An axis's windows. `result` is at most Int32.max, so that no product overflows.
struct AdaptiveAxis: Sendable, Equatable {
    let source: Int
    let result: Int

    @inline(__always)
    func begin(_ window: Int) -> Int {
        window &* (source / result) &+ window &* (source % result) / result
    }

    @inline(__always)
    func end(_ window: Int) -> Int {
        let next = window &+ 1
        return next &* (source / result) &+ (next &* (source % result) &+ result &- 1) / result
    }

    /// Whether all windows have one size and lie side by side.
    var isEven: Bool { result > 0 && source % result == 0 }
}

/// The windows of every plane of a tensor; of one spatial axis the height is 1.
struct AdaptiveGeometry: Sendable {
    let planes: Int
    let height, width: AdaptiveAxis
    let large, small: Shape

    /// - Parameter sizes: of the result's spatial axes; nil for the input's own
    init(_ x: Tensor, _ sizes: [Int?], _ name: String) throws(TalwegError) {
        let spatial = sizes.count
        guard x.rank == spatial + 2 else {
            throw .shape(
                "\(name): the input has shape \(x.shape), not [batch, channels, "
                    + (spatial == 1 ? "length]" : "height, width]"))
        }
        guard x.dtype == .float32 || x.dtype == .float64 else {
            throw .dtype("\(name): needs float32 or float64, not \(x.dtype.name)")
        }
        try AdaptiveGeometry.check(sizes, name)
        var axes: [AdaptiveAxis] = []
        for (axis, size) in sizes.enumerated() {
            let source = x.shape[2 + axis]
            guard source >= 1 else { throw .shape("\(name): the input \(x.shape) has no positions") }
            axes.append(AdaptiveAxis(source: source, result: size ?? source))
        }
        (height, width) = spatial == 2 ? (axes[0], axes[1]) : (AdaptiveAxis(source: 1, result: 1), axes[0])
        large = x.shape
        small = try Shape([x.shape[0], x.shape[1]] + axes.map(\.result), for: name)
        planes = x.shape[0] * x.shape[1]
    }

    static func check(_ sizes: [Int?], _ name: String) throws(TalwegError) {
        for size in sizes {
            guard let size else { continue }
            guard (1...Int(Int32.max)).contains(size) else {
                throw .invalid("\(name): output_size is \(size); 1 to \(Int32.max) is allowed")
            }
        }
    }

    /// As pooling with windows side by side, where that is the same.
    var even: PoolingOptions? {
        guard height.isEven, width.isEven else { return nil }
        let (tall, wide) = (height.source / height.result, width.source / width.result)
        let (size, overflow) = tall.multipliedReportingOverflow(by: wide)
        // What pooling allows of a window.
        guard !overflow, size <= 1 << 24 else { return nil }
        return PoolingOptions(height: PoolingOptions.Axis(kernel: tall), width: PoolingOptions.Axis(kernel: wide))
    }

    /// Calls `body` with each plane, in parallel.
    fileprivate func forEachPlane(_ body: (Int) -> Void) {
        let area = height.source * width.source + height.result * width.result
        let perChunk = max(1, elementsPerChunk / max(area, 1))
        ThreadPool.run(chunks: (planes + perChunk - 1) / perChunk) { chunk in
            for plane in (chunk * perChunk)..<min(planes, (chunk + 1) * perChunk) { body(plane) }
        }
    }

    /// Calls `body` with the number of each window of a plane, and its rows and columns.
    @inline(__always)
    fileprivate func forEachWindow(_ body: (Int, Range<Int>, Range<Int>) -> Void) {
        for row in 0..<height.result {
            let rows = height.begin(row)..<height.end(row)
            for column in 0..<width.result {
                body(row &* width.result &+ column, rows, width.begin(column)..<width.end(column))
            }
        }
    }
}

/// The mean of each window.
struct AdaptiveAverage: LinearOperation {
    static let name = "adaptive_avg_pool"
    static let saves: Saves = []
    let geometry: AdaptiveGeometry

    func forward(_ x: View) throws(TalwegError) -> View {
        let source = try x.contiguous()
        let y = try View(uninitialized: geometry.small, x.dtype)
        if x.dtype == .float32 { average(source, y, Float.self) } else { average(source, y, Double.self) }
        return y
    }

    private func average<T: BinaryFloatingPoint>(_ x: View, _ y: View, _: T.Type) {
        let (from, to) = (x.pointer(as: T.self), y.pointer(as: T.self))
        let (g, pitch) = (geometry, geometry.width.source)
        geometry.forEachPlane { plane in
            let source = from + plane * g.height.source * pitch
            let result = to + plane * g.height.result * g.width.result
            g.forEachWindow { window, rows, columns in
                var sum: T = 0
                for row in rows { for column in columns { sum += source[row &* pitch &+ column] } }
                result[window] = sum / T(rows.count &* columns.count)
            }
        }
    }

    func pullback(_ g: Tensor, _ r: UnaryRecord<AdaptiveAverage>) throws(TalwegError) -> Tensor {
        try apply(AdaptiveSpread(geometry: geometry), g)
    }
}

/// Each window's value shared out evenly over it.
struct AdaptiveSpread: LinearOperation {
    static let name = "adaptive_avg_pool's gradient"
    static let saves: Saves = []
    let geometry: AdaptiveGeometry

    func forward(_ y: View) throws(TalwegError) -> View {
        let source = try y.contiguous()
        let x = try View.full(geometry.large, 0, y.dtype)
        if y.dtype == .float32 { spread(source, x, Float.self) } else { spread(source, x, Double.self) }
        return x
    }

    private func spread<T: BinaryFloatingPoint>(_ y: View, _ x: View, _: T.Type) {
        let (from, to) = (y.pointer(as: T.self), x.pointer(as: T.self))
        let (g, pitch) = (geometry, geometry.width.source)
        geometry.forEachPlane { plane in
            let source = from + plane * g.height.result * g.width.result
            let result = to + plane * g.height.source * pitch
            g.forEachWindow { window, rows, columns in
                let share = source[window] / T(rows.count &* columns.count)
                for row in rows { for column in columns { result[row &* pitch &+ column] += share } }
            }
        }
    }

    func pullback(_ g: Tensor, _ r: UnaryRecord<AdaptiveSpread>) throws(TalwegError) -> Tensor {
        try apply(AdaptiveAverage(geometry: geometry), g)
    }
}

extension AdaptiveGeometry {
    /// The place in its plane of each window's greatest element: the first of equals, NaN before all.
    fileprivate func placesOfMaxima(_ x: View, _ name: String) throws(TalwegError) -> View {
        let source = try x.contiguous()
        let area = try Shape([planes, height.result * width.result], for: name)
        let places = try View(uninitialized: area, .int64)
        if x.dtype == .float32 { find(source, places, Float.self) } else { find(source, places, Double.self) }
        return places
    }

    private func find<T: BinaryFloatingPoint>(_ x: View, _ places: View, _: T.Type) {
        let (from, to) = (x.pointer(as: T.self), places.pointer(as: Int64.self))
        let pitch = width.source
        forEachPlane { plane in
            let source = from + plane * height.source * pitch
            let result = to + plane * height.result * width.result
            forEachWindow { window, rows, columns in
                var best = rows.lowerBound &* pitch &+ columns.lowerBound
                for row in rows {
                    for place in (row &* pitch &+ columns.lowerBound)..<(row &* pitch &+ columns.upperBound)
                    where source[place] > source[best] || (source[place].isNaN && !source[best].isNaN) {
                        best = place
                    }
                }
                result[window] = Int64(best)
            }
        }
    }
}

extension Tensor {
    /// The mean of each of `height` x `width` windows that cover this [n, c, h, w]; nil for its own size.
    public func adaptiveAvgPool2d(_ height: Int?, _ width: Int?) throws(TalwegError) -> Tensor {
        try adaptiveAverage([height, width], "adaptive_avg_pool2d")
    }

    /// The mean of each of `length` windows that cover this [n, c, l].
    public func adaptiveAvgPool1d(_ length: Int?) throws(TalwegError) -> Tensor {
        try adaptiveAverage([length], "adaptive_avg_pool1d")
    }

    /// The greatest element of each of `height` x `width` windows that cover this [n, c, h, w]; nil for its own size.
    public func adaptiveMaxPool2d(_ height: Int?, _ width: Int?) throws(TalwegError) -> Tensor {
        try adaptiveMaximum([height, width], "adaptive_max_pool2d")
    }

    /// The greatest element of each of `length` windows that cover this [n, c, l].
    public func adaptiveMaxPool1d(_ length: Int?) throws(TalwegError) -> Tensor {
        try adaptiveMaximum([length], "adaptive_max_pool1d")
    }

    /// The mean over all axes behind the channels: [n, c, ..] -> [n, c].
    public func globalAveragePool() throws(TalwegError) -> Tensor {
        let name = "global_average_pool"
        guard rank >= 3 else { throw .shape("\(name): the input has shape \(shape), not [batch, channels, ..]") }
        for axis in 2..<rank where shape[axis] == 0 {
            throw .shape("\(name): the input \(shape) has no positions")
        }
        return try floating().mean(axes: Array(2..<rank))
    }

    private func adaptiveAverage(_ sizes: [Int?], _ name: String) throws(TalwegError) -> Tensor {
        let geometry = try AdaptiveGeometry(self, sizes, name)
        if geometry.height.result == 1, geometry.width.result == 1 {
            return try mean(axes: Array(2..<rank), keepdims: true)
        }
        if let even = geometry.even { return try sizes.count == 1 ? avgPool1d(even) : avgPool2d(even) }
        return try apply(AdaptiveAverage(geometry: geometry), self)
    }

    private func adaptiveMaximum(_ sizes: [Int?], _ name: String) throws(TalwegError) -> Tensor {
        let geometry = try AdaptiveGeometry(self, sizes, name)
        if let even = geometry.even { return try sizes.count == 1 ? maxPool1d(even) : maxPool2d(even) }
        let places = try geometry.placesOfMaxima(view, name)
        let rows = try reshape([geometry.planes, geometry.height.source * geometry.width.source])
        return try apply(Gather(axis: 1, indices: places), rows).reshape(geometry.small)
    }
}
