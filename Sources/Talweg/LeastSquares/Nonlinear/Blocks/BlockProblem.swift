/// A sum of squares of residual blocks, each of a few of many parameter blocks: 1/2 sum_b C_b^2 rho_b(|r_b|^2 / C_b^2).
///
/// It owns the parameters. Blocks are named by numbers in the order in which they were added.
public final class BlockProblem: @unchecked Sendable {
    struct Block: BitwiseCopyable {
        /// Of its values among all values, and of its bounds among all bounds; -1: none.
        var start: Int
        var bounds: Int
        var size: Int
        var tangent: Int
        /// Among the manifolds.
        var manifold: Int
        var isConstant: Bool
        var elimination: BlockElimination
    }

    private(set) var blocks = GrowingBuffer<Block>()
    private(set) var values = GrowingBuffer<Double>()
    /// Of each block that has any: the lower ones, then the upper ones.
    private(set) var bounds = GrowingBuffer<Double>()
    private(set) var manifolds: [BlockManifold] = []
    private(set) var families: [ResidualFamily] = []
    private(set) var residualCount = 0
    private var isSolving = false
    /// Of the last solve that succeeded.
    public internal(set) var summary: BlockSummary?

    public init() {}

    public var blockCount: Int { blocks.count }

    private static let most = Int(Int32.max)

    /// While functions of the caller's run, the problem stays what it is.
    func locked<R>(_ body: () throws(TalwegError) -> R) throws(TalwegError) -> R {
        try requireIdle()
        isSolving = true
        defer { isSolving = false }
        return try body()
    }

    private func requireIdle() throws(TalwegError) {
        if isSolving { throw .state("problem: it is being solved") }
    }

    func block(_ index: Int) throws(TalwegError) -> Block {
        guard index >= 0, index < blocks.count else {
            throw .index("problem: parameter block \(index); there are \(blocks.count)")
        }
        return blocks.elements[index]
    }

    // MARK: Parameters

    /// Adds parameter blocks that are alike.
    /// - Parameters:
    ///   - values: [count, size], finite
    ///   - lower, upper: [size], of each; nil: none
    /// - Returns: the first one's number; the others' follow
    public func addParameters(
        count: Int, size: Int, values given: UnsafePointer<Double>, manifold: BlockManifold = .euclidean,
        isConstant: Bool = false, lower: UnsafePointer<Double>? = nil, upper: UnsafePointer<Double>? = nil,
        elimination: BlockElimination = .automatic
    ) throws(TalwegError) -> Int {
        try requireIdle()
        guard count >= 1, size >= 1, size <= 65536 else {
            throw .shape("problem: \(count) parameter blocks of \(size) numbers; 1 or more, of 1 to 65536, are allowed")
        }
        let (total, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, total < BlockProblem.most - values.count, count < BlockProblem.most - blocks.count else {
            throw .outOfMemory(bytes: Int.max)
        }
        try manifold.check(size: size)
        for i in 0..<count {
            let x = given + i * size
            for j in 0..<size where !x[j].isFinite {
                throw .numeric("problem: parameter \(j) of block \(blocks.count + i) is \(x[j])")
            }
            guard manifold.holds(x, size: size) else {
                throw .invalid("problem: block \(blocks.count + i) is no point of its manifold: its length is wrong")
            }
            for j in 0..<size {
                if let lower, !(lower[j] <= x[j]) {
                    throw .invalid(
                        "problem: parameter \(j) of block \(blocks.count + i) is \(x[j]), below its bound \(lower[j])")
                }
                if let upper, !(x[j] <= upper[j]) {
                    throw .invalid(
                        "problem: parameter \(j) of block \(blocks.count + i) is \(x[j]), above its bound \(upper[j])")
                }
            }
        }
        var place = -1
        if lower != nil || upper != nil {
            guard manifold.isEuclidean else { throw .unsupported("problem: bounds of a block on a manifold") }
            place = bounds.count
            for j in 0..<size { try bounds.append(lower?[j] ?? -.infinity) }
            for j in 0..<size { try bounds.append(upper?[j] ?? .infinity) }
        }
        let first = blocks.count
        var kind = 0
        if manifolds.isEmpty { manifolds.append(.euclidean) }
        if !manifold.isEuclidean {
            kind = manifolds.count
            manifolds.append(manifold)
        }
        for i in 0..<count {
            let start = values.count
            for j in 0..<size { try values.append(given[i * size + j]) }
            try blocks.append(
                Block(
                    start: start, bounds: place, size: size, tangent: manifold.tangentSize(of: size), manifold: kind,
                    isConstant: isConstant, elimination: elimination))
        }
        return first
    }

    public func setConstant(_ index: Int, _ isConstant: Bool) throws(TalwegError) {
        try requireIdle()
        _ = try block(index)
        blocks.elements[index].isConstant = isConstant
    }

    /// Writes a block's values.
    public func read(_ index: Int, _ out: UnsafeMutablePointer<Double>) throws(TalwegError) {
        let found = try block(index)
        if let all = values.elements.baseAddress { out.update(from: all + found.start, count: found.size) }
    }

    public func size(of index: Int) throws(TalwegError) -> Int { try block(index).size }

    /// - Parameter given: as many as the block has, finite, on its manifold and within its bounds
    public func write(_ index: Int, _ given: UnsafePointer<Double>) throws(TalwegError) {
        try requireIdle()
        let found = try block(index)
        for j in 0..<found.size {
            guard given[j].isFinite else { throw .numeric("problem: parameter \(j) of block \(index) is \(given[j])") }
            if found.bounds >= 0 {
                let (low, high) = (bounds.elements[found.bounds + j], bounds.elements[found.bounds + found.size + j])
                guard given[j] >= low, given[j] <= high else {
                    throw .invalid("problem: parameter \(j) of block \(index) is \(given[j]), outside \(low)...\(high)")
                }
            }
        }
        guard manifolds[found.manifold].holds(given, size: found.size) else {
            throw .invalid("problem: block \(index) is no point of its manifold: its length is wrong")
        }
        if let all = values.elements.baseAddress { (all + found.start).update(from: given, count: found.size) }
    }

    /// Takes what a solve found.
    func accept(_ x: UnsafePointer<Double>) {
        values.elements.baseAddress?.update(from: x, count: values.count)
    }

    // MARK: Residuals

    /// Adds residual blocks that are alike.
    /// - Parameters:
    ///   - residuals: how many each has
    ///   - arity: how many parameter blocks each has
    ///   - indices: [count, arity]: their parameter blocks, different ones for each; at one place all of one size
    public func addResiduals(
        _ function: any BlockFunction, residuals: Int, arity: Int, blocks indices: UnsafePointer<Int64>, count: Int,
        loss: ResidualLoss = .linear, lossScale: Double = 1
    ) throws(TalwegError) {
        try requireIdle()
        guard residuals >= 1, residuals <= 1 << 20 else {
            throw .invalid("problem: residual blocks of \(residuals) residuals; 1 to 1048576 are allowed")
        }
        guard arity >= 1, arity <= 64 else {
            throw .invalid("problem: residual blocks of \(arity) parameter blocks; 1 to 64 are allowed")
        }
        guard count >= 1 else { throw .invalid("problem: \(count) residual blocks; 1 or more are needed") }
        guard lossScale > 0, lossScale.isFinite else {
            throw .invalid("problem: loss_scale is \(lossScale); it must be finite and above 0")
        }
        let (area, overflow) = count.multipliedReportingOverflow(by: max(arity, residuals))
        guard !overflow, area < BlockProblem.most - residualCount else { throw .outOfMemory(bytes: Int.max) }
        var sizes: [Int] = [], tangents: [Int] = []
        let chosen = try PlainArray<Int32>(count * arity, filledWith: 0)
        for i in 0..<count {
            for k in 0..<arity {
                let index = indices[i * arity + k]
                guard index >= 0, index < Int64(blocks.count) else {
                    throw .index(
                        "problem: residual block \(i) has parameter block \(index); there are \(blocks.count)")
                }
                let found = blocks.elements[Int(index)]
                if i == 0 {
                    sizes.append(found.size)
                    tangents.append(found.tangent)
                }
                guard found.size == sizes[k], found.tangent == tangents[k] else {
                    throw .shape(
                        "problem: parameter block \(k) of residual block \(i) has \(found.size) numbers, "
                            + "that of block 0 \(sizes[k])")
                }
                for before in 0..<k where chosen[i * arity + before] == Int32(index) {
                    throw .invalid("problem: residual block \(i) has parameter block \(index) twice")
                }
                chosen[i * arity + k] = Int32(index)
            }
        }
        families.append(
            ResidualFamily(
                function, residuals: residuals, blocks: chosen, sizes: sizes, tangents: tangents, loss: loss,
                lossScale: lossScale))
        residualCount += count * residuals
    }
}
