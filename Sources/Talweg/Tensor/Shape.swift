/// The most axes that a tensor can have: `TW_MAX_RANK`. A fixed number keeps
/// shapes and strides inside their tensors, without an allocation.
public let maximumRank = 8

/// One whole number an axis.
typealias PerAxis = InlineArray<8, Int>

/// The sizes of a tensor's axes, each 0 or more, and how many elements they make.
public struct Shape: Sendable, Equatable, CustomStringConvertible {
    private(set) var sizes: PerAxis
    public let rank: Int
    /// The product of the sizes.
    public let count: Int

    /// The shape of a scalar.
    public static let scalar = Shape()

    private init() {
        sizes = PerAxis(repeating: 0)
        rank = 0
        count = 1
    }

    /// Checks rank, signs and the product; `caller` names the operation in messages.
    public init(_ dims: some Collection<Int>, for caller: String = "shape") throws(TalwegError) {
        guard dims.count <= maximumRank else {
            throw .shape("\(caller): \(dims.count) axes; the most is \(maximumRank)")
        }
        var sizes = PerAxis(repeating: 0)
        var axis = 0
        for size in dims {
            sizes[axis] = size
            axis += 1
        }
        try self.init(sizes: sizes, rank: axis, for: caller)
    }

    init(sizes: PerAxis, rank: Int, for caller: String) throws(TalwegError) {
        var count = 1
        var product = 1
        var overflow = false
        for axis in 0..<rank {
            let size = sizes[axis]
            guard size >= 0 else {
                throw .shape("\(caller): size \(size) of axis \(axis) is negative")
            }
            if size == 0 { count = 0 }
            // Zeros aside, so that strides of an empty tensor cannot overflow either.
            let (next, over) = product.multipliedReportingOverflow(by: max(size, 1))
            product = next
            overflow = overflow || over
        }
        // Bytes must fit too; 16 is more than any element takes.
        if overflow || product > Int.max / 16 {
            throw .shape("\(caller): \(Shape.text(sizes, rank)) has more elements than memory has addresses")
        }
        self.sizes = sizes
        self.rank = rank
        self.count = count == 0 ? 0 : product
    }

    public subscript(axis: Int) -> Int { sizes[axis] }

    public var dims: [Int] { (0..<rank).map { sizes[$0] } }

    /// Row-major strides, in elements.
    var rowMajorStrides: PerAxis {
        var strides = PerAxis(repeating: 0)
        var step = 1
        var axis = rank - 1
        while axis >= 0 {
            strides[axis] = step
            step *= max(sizes[axis], 1)
            axis -= 1
        }
        return strides
    }

    public static func == (a: Shape, b: Shape) -> Bool {
        guard a.rank == b.rank, a.count == b.count else { return false }
        for axis in 0..<a.rank where a.sizes[axis] != b.sizes[axis] { return false }
        return true
    }

    public var description: String { Shape.text(sizes, rank) }

    private static func text(_ sizes: PerAxis, _ rank: Int) -> String {
        "[" + (0..<rank).map { String(sizes[$0]) }.joined(separator: ", ") + "]"
    }

    /// The axis meant by a number that may count from the end.
    func axis(_ axis: Int, for caller: String) throws(TalwegError) -> Int {
        guard axis >= -rank, axis < rank else {
            throw .index("\(caller): axis \(axis) is out of range for shape \(self)")
        }
        return axis < 0 ? axis + rank : axis
    }

    /// The axes meant, as a set of bits; nil means all.
    func axes(_ axes: [Int]?, for caller: String) throws(TalwegError) -> AxisSet {
        guard let axes else { return .all(rank) }
        var set = AxisSet()
        for given in axes {
            let found = try axis(given, for: caller)
            guard !set.contains(found) else { throw .invalid("\(caller): axis \(given) is named twice") }
            set.insert(found)
        }
        return set
    }

    /// The shape without some axes, or with size 1 there.
    func reduced(_ axes: AxisSet, keepdims: Bool) throws(TalwegError) -> Shape {
        var kept = PerAxis(repeating: 0)
        var rank = 0
        for axis in 0..<self.rank {
            if axes.contains(axis) {
                guard keepdims else { continue }
                kept[rank] = 1
            } else {
                kept[rank] = sizes[axis]
            }
            rank += 1
        }
        return try Shape(sizes: kept, rank: rank, for: "reduce")
    }

    /// With another size along one axis.
    func replacing(axis: Int, by size: Int, for caller: String) throws(TalwegError) -> Shape {
        var sizes = self.sizes
        sizes[axis] = size
        return try Shape(sizes: sizes, rank: rank, for: caller)
    }

    /// Without one axis.
    func removing(axis: Int) throws(TalwegError) -> Shape {
        var set = AxisSet()
        set.insert(axis)
        return try reduced(set, keepdims: false)
    }

    /// The product of the sizes of some axes.
    func count(of axes: AxisSet) -> Int {
        var product = 1
        for axis in 0..<rank where axes.contains(axis) { product *= sizes[axis] }
        return product
    }

    /// The shape that two broadcast to, as NumPy's rule has it.
    static func broadcast(_ a: Shape, _ b: Shape, for caller: String) throws(TalwegError) -> Shape {
        if a == b { return a }
        let rank = max(a.rank, b.rank)
        var sizes = PerAxis(repeating: 0)
        for i in 0..<rank {
            let x = i < a.rank ? a.sizes[a.rank - 1 - i] : 1
            let y = i < b.rank ? b.sizes[b.rank - 1 - i] : 1
            guard x == y || x == 1 || y == 1 else {
                throw .shape("\(caller): \(a) and \(b) do not broadcast: sizes \(x) and \(y) differ")
            }
            sizes[rank - 1 - i] = x == 1 ? y : x
        }
        return try Shape(sizes: sizes, rank: rank, for: caller)
    }
}

/// A set of axes.
struct AxisSet: Equatable {
    private(set) var rawValue = 0

    /// The axes of a shape of `rank`.
    static func all(_ rank: Int) -> AxisSet {
        var set = AxisSet()
        set.rawValue = (1 << rank) - 1
        return set
    }

    func contains(_ axis: Int) -> Bool { rawValue & (1 << axis) != 0 }
    mutating func insert(_ axis: Int) { rawValue |= 1 << axis }
    var isEmpty: Bool { rawValue == 0 }
}

extension Shape {
    /// The size of an axis, which may count from the end.
    public func size(_ axis: Int) throws(TalwegError) -> Int { self[try self.axis(axis, for: "size")] }
}
