@testable import Talweg

// Tensors walked one index at a time: what strided loops are compared with.

/// Every index of a shape, in row-major order.
func indices(of dims: [Int]) -> [[Int]] {
    var all: [[Int]] = [[]]
    for size in dims { all = all.flatMap { index in (0..<size).map { index + [$0] } } }
    return all
}

/// Where each element lies, in row-major order, in elements from the storage's start.
func offsets(_ view: View) -> [Int] {
    var all = [view.offset]
    for axis in 0..<view.rank {
        all = all.flatMap { offset in (0..<view.shape[axis]).map { offset + $0 * view.strides[axis] } }
    }
    return all
}

/// The elements of a float64 tensor, in row-major order.
func naive(_ tensor: Tensor) -> [Double] {
    let first = tensor.view.storage.pointer.assumingMemoryBound(to: Double.self)
    return offsets(tensor.view).map { first[$0] }
}

/// 0, 1, 2, ... in a shape, as float64.
func counting(_ dims: [Int]) throws -> Tensor {
    try Tensor((0..<dims.reduce(1, *)).map(Double.init), shape: dims)
}

/// A view of counting numbers with axes permuted, reversed, stepped over,
/// repeated and of size 1: a random one of up to `axes` axes.
func randomView(_ axes: Int, sizes: ClosedRange<Int>, _ random: inout some RandomNumberGenerator) throws -> Tensor {
    let rank = Int.random(in: 0...axes, using: &random)
    var dims: [Int] = []
    var cuts: [(from: Int, step: Int)] = []
    for _ in 0..<rank {
        let size = Int.random(in: sizes, using: &random)
        let step = [1, 1, 1, 2, 3, -1, -2].randomElement(using: &random) ?? 1
        dims.append(max(0, (size - 1) * abs(step) + 1))
        cuts.append((step < 0 ? -1 : 0, step))
        if size == 0 { dims[dims.count - 1] = 0 }
    }
    var tensor = try counting(dims)
    for (axis, cut) in cuts.enumerated() { tensor = try tensor.slice(axis: axis, from: cut.from, step: cut.step) }
    tensor = try tensor.permute(Array(0..<rank).shuffled(using: &random))
    if rank > 0, Bool.random(using: &random) {
        // One axis of a single position, repeated.
        let axis = Int.random(in: 0..<rank, using: &random)
        let shape = tensor.shape
        if shape[axis] > 0 { tensor = try tensor.slice(axis: axis, from: 0, to: 1).broadcast(to: shape) }
    }
    return tensor
}

/// A source of random numbers that a test can repeat: SplitMix64 (Steele, Lea and Flood, 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
