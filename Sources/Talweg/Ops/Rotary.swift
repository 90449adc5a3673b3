import CIntrinsics
import TalwegKernels

/// Which elements of a row make the pairs that are turned.
public enum RotaryPairs: Int32, Sendable {
    /// i and i + width / 2, as in GPT-NeoX and LLaMA of Hugging Face
    case halves = 0
    /// 2i and 2i + 1, as in the paper and GPT-J
    case neighbours = 1
}

/// Cosines and sines of the angles by which positions turn the pairs: each [positions, pairs].
struct RotaryAngles {
    let cosines: View
    let sines: View

    /// Positions 0 ..< `count`, or those of a list: pair i of `width` elements by position / base^(2i / width).
    init(_ count: Int, _ positions: View? = nil, width: Int, base: Double, _ dtype: DType) throws(TalwegError) {
        let pairs = width / 2
        let shape = try Shape([count, pairs], for: "rotary")
        let (cosines, sines) = (try View(uninitialized: shape, .float64), try View(uninitialized: shape, .float64))
        let (c, s) = (cosines.pointer(as: Double.self), sines.pointer(as: Double.self))
        let listed = positions?.pointer(as: Int64.self)
        forEachRowGroup(count, width: 32 * min(pairs, elementsPerChunk)) { first, rows in
            for row in first..<(first + rows) {
                let position = listed.map { Double($0[row]) } ?? Double(row)
                for pair in 0..<pairs {
                    let angle = position * tk_libm_pow(base, -Double(2 * pair) / Double(width))
                    c[row * pairs + pair] = tk_libm_cos(angle)
                    s[row * pairs + pair] = tk_libm_sin(angle)
                }
            }
        }
        withExtendedLifetime(positions) {}
        self.cosines = try cosines.cast(to: dtype)
        self.sines = try sines.cast(to: dtype)
    }
}

/// Each row of the last axis turned by the angles of its position: an orthogonal map, whose transpose turns back.
struct Rotary: LinearOperation {
    static let name = "rotary"
    static let saves: Saves = []
    let angles: RotaryAngles
    /// The angles' row of the first position.
    let offset: Int
    /// How many blocks of positions the angles have, one for each part of axis 0.
    let batches: Int
    let pairs: RotaryPairs
    var back = false

    func forward(_ x: View) throws(TalwegError) -> View {
        let source = try x.contiguous()
        let y = try View(uninitialized: x.shape, x.dtype)
        switch x.dtype {
        case .float32: turn(source, y, Float.self)
        case .float64: turn(source, y, Double.self)
        default: throw .dtype("rotary: needs float32 or float64, not \(x.dtype.name)")
        }
        return y
    }

    func pullback(_ g: Tensor, _ r: UnaryRecord<Rotary>) throws(TalwegError) -> Tensor {
        var transposed = self
        transposed.back.toggle()
        return try apply(transposed, g)
    }

    private func turn<T: BinaryFloatingPoint>(_ x: View, _ y: View, _: T.Type) {
        let rank = x.rank
        let (length, width, half) = (x.shape[rank - 2], x.shape[rank - 1], angles.cosines.shape[1])
        if y.count == 0 { return }
        let rows = y.count / width
        let perBatch = rows / batches
        let (from, to) = (x.pointer(as: T.self), y.pointer(as: T.self))
        let (c, s) = (angles.cosines.pointer(as: T.self), angles.sines.pointer(as: T.self))
        let sign: T = back ? -1 : 1
        let neighbours = pairs == .neighbours
        forEachRowGroup(rows, width: width) { first, count in
            for row in first..<(first + count) {
                let position = offset + row / perBatch * length + row % length
                let (cosines, sines) = (c + position * half, s + position * half)
                let (a, b) = (from + row * width, to + row * width)
                if neighbours {
                    for i in 0..<half {
                        let (u, v, sine) = (a[2 * i], a[2 * i + 1], sign * sines[i])
                        b[2 * i] = u * cosines[i] - v * sine
                        b[2 * i + 1] = v * cosines[i] + u * sine
                    }
                } else {
                    for i in 0..<half {
                        let (u, v, sine) = (a[i], a[half + i], sign * sines[i])
                        b[i] = u * cosines[i] - v * sine
                        b[half + i] = v * cosines[i] + u * sine
                    }
                }
                // What is beyond the turned elements stays.
                for i in (2 * half)..<width { b[i] = a[i] }
            }
        }
        withExtendedLifetime((x, y, angles.cosines, angles.sines)) {}
    }
}

extension Tensor {
    /// Rotary positions (Su, Lu, Pan, Wen and Liu, "RoFormer", 2021): each row of this x [.., positions, width] turned
    /// by the angles of its position.
    /// - Parameters:
    ///   - positions: of the rows: integers [positions], or [batch, positions] where x's first axis is the batch; nil
    ///     is 0, 1, ...
    ///   - offset: what is added to them: how many positions a cache holds already
    ///   - width: how many elements of a row, from the first on, are turned: an even number; nil is all
    public func rotary(
        _ positions: Tensor? = nil, offset: Int = 0, width: Int? = nil, base: Double = 10_000,
        pairs: RotaryPairs = .halves
    ) throws(TalwegError) -> Tensor {
        let turned = try checkRotary(width: width, base: base, offset: offset)
        let (given, batches) = try rotaryPositions(positions, offset)
        return try floating().widened { x throws(TalwegError) in
            let angles = try RotaryAngles(given.count, given, width: turned, base: base, x.dtype)
            return try apply(Rotary(angles: angles, offset: 0, batches: batches, pairs: pairs), x)
        }
    }

    /// Rows at positions `offset`, `offset` + 1, ... turned by angles that reach so far.
    func turned(_ angles: RotaryAngles, _ offset: Int, _ pairs: RotaryPairs) throws(TalwegError) -> Tensor {
        try apply(Rotary(angles: angles, offset: offset, batches: 1, pairs: pairs), self)
    }

    /// How many elements of a row are to be turned.
    func checkRotary(width: Int?, base: Double, offset: Int) throws(TalwegError) -> Int {
        guard rank >= 2 else { throw .shape("rotary: the input has shape \(shape), not [.., positions, width]") }
        let turned = width ?? shape[rank - 1]
        try Tensor.checkPositions("rotary", shape[rank - 2], offset, width: turned, base)
        guard turned % 2 == 0 else { throw .invalid("rotary: the width is \(turned); pairs need an even one") }
        guard turned <= shape[rank - 1] else {
            throw .shape("rotary: \(turned) elements are to be turned, but rows of \(shape) have \(shape[rank - 1])")
        }
        return turned
    }

    /// The position of each row, int64 [batches, positions], and how many batches there are.
    func rotaryPositions(_ positions: Tensor?, _ offset: Int) throws(TalwegError) -> (View, Int) {
        let length = shape[rank - 2]
        guard let positions else {
            let first = Int64(offset)
            return (try Tensor.arange(from: first, to: first + Int64(length), by: 1, .int64).view, 1)
        }
        let batches = positions.rank == 2 ? positions.shape[0] : 1
        let fits = positions.rank == 1 || (positions.rank == 2 && rank > 2 && batches == shape[0])
        guard fits, positions.shape[positions.rank - 1] == length else {
            throw .shape(
                "rotary: positions \(positions.shape) for an input \(shape); [positions] or [batch, positions] are "
                    + "needed")
        }
        let listed = try positions.positions(below: Int.max - offset, "rotary", fromEnd: false)
        let values = listed.pointer(as: Int64.self)
        for i in 0..<listed.count { values[i] += Int64(offset) }
        return (listed, Swift.max(batches, 1))
    }
}
