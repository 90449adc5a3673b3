import CIntrinsics
import TalwegKernels

/// Starting values of a named curve from the data. Where the model is linear in all parameters but a few, these are
/// tried on a grid and the others fitted to each (Golub and Pereyra, SIAM J. Numer. Anal. 10, 1973); the best of all
/// is the start.
struct StartingValues {
    private let data: CurveResiduals
    private let model: CurveModel
    /// The points that are looked at: all of few, a share of many, in the order of x.
    private let x, y: UnsafeMutablePointer<Double>
    private let count: Int
    private let space: Storage

    /// As many as tell a wave's turns, or a rate.
    private static func most(_ family: CurveFamily) -> Int {
        family == .fourier || family == .dampedSine ? 512 : 64
    }

    init(_ data: CurveResiduals) throws(TalwegError) {
        self.data = data
        model = data.model
        count = min(data.count, StartingValues.most(model.family))
        space = try Storage(byteCount: slabBytes(count, count, count))
        var slab = Slab(space.pointer)
        (x, y) = (slab.doubles(count), slab.doubles(count))
        let places = slab.integers(count)
        for i in 0..<count { places[i] = i * data.count / count }
        let source = data.x
        var order = UnsafeMutableBufferPointer(start: places, count: count)
        order.sort { source[$0] < source[$1] }
        for i in 0..<count { (x[i], y[i]) = (source[places[i]], data.y[places[i]]) }
    }

    private var range: Double {
        let width = x[count - 1] - x[0]
        return width > 0 ? width : 1
    }

    /// Writes the start.
    func write(_ b: UnsafeMutablePointer<Double>) throws(TalwegError) {
        for j in 0..<model.parameters { b[j] = 1 }
        switch model.family {
        case .polynomial: for j in 0..<model.parameters { b[j] = 0 }
        case .exponential:
            try best(b, [1], grid(from: 0.05 / range, to: 50 / range, 7, bothSigns: true), linear: [0, 2])
        case .power:
            try best(b, [1], [-4, -3, -2, -1.5, -1, -0.5, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6].map { [$0] }, linear: [0])
        case .michaelisMenten:
            let size = max(x[count - 1].magnitude, x[0].magnitude)
            try best(b, [1], grid(from: 0.01 * size, to: 10 * size, 10), linear: [0])
        case .logistic:
            var pairs: [[Double]] = []
            for rate in [-20.0, -6, -2, 2, 6, 20] { for k in 1...5 { pairs.append([rate / range, at(Double(k) / 6)]) } }
            try best(b, [1, 2], pairs, linear: [0])
        case .gaussian, .lorentzian:
            let peak = peak(), widths = [0.02, 0.05, 0.1, 0.2, 0.4]
            try best(b, [1, 2], widths.map { [peak, $0 * range] }, linear: [0])
        case .fourier:
            let all = Array(0..<(2 * model.order + 1))
            try best(b, [2 * model.order + 1], frequencies(), linear: all)
        case .dampedSine:
            var pairs: [[Double]] = []
            for rate in frequencies() { for decay in [0.2, 1, 4] { pairs.append([decay / range, rate[0]]) } }
            try bestSine(b, pairs)
        }
    }

    private func at(_ share: Double) -> Double { x[0] + share * range }

    private func grid(from low: Double, to high: Double, _ steps: Int, bothSigns: Bool = false) -> [[Double]] {
        var all: [[Double]] = []
        let factor = tk_libm_pow(high / low, 1 / Double(steps - 1))
        var value = low
        for _ in 0..<steps {
            all.append([value])
            if bothSigns { all.append([-value]) }
            value *= factor
        }
        return all
    }

    /// Where y is farthest from the ends' level.
    private func peak() -> Double {
        let level = (y[0] + y[count - 1]) / 2
        var place = 0
        for i in 0..<count where (y[i] - level).magnitude > (y[place] - level).magnitude { place = i }
        return x[place]
    }

    /// Quarter turns over the range of x: steps fine enough that one lies in the valley of the best.
    private func frequencies() -> [[Double]] {
        let turns = min(max(count / 4, 2), 40)
        var list: [[Double]] = []
        for k in 1...(4 * turns) { list.append([Double(k) * .pi / 2 / range]) }
        return list
    }

    /// The best of the candidates for the parameters `places`, with the linear ones fitted to it.
    private func best(
        _ b: UnsafeMutablePointer<Double>, _ places: [Int], _ candidates: [[Double]], linear: [Int]
    ) throws(TalwegError) {
        let p = model.parameters, k = linear.count
        let room = try Workspace(
            byteCount: slabBytes(count * p, count * model.preparedArrays, k * k, k, p, p))
        var slab = Slab(room.pointer)
        let (columns, prepared) = (slab.doubles(count * p), slab.doubles(count * model.preparedArrays))
        let (gram, right, trial, found) = (slab.doubles(k * k), slab.doubles(k), slab.doubles(p), slab.doubles(p))
        var least = Double.infinity
        found.update(from: b, count: p)
        for candidate in candidates {
            for j in 0..<p { trial[j] = 1 }
            for (place, value) in zip(places, candidate) { trial[place] = value }
            model.prepare(count, x, trial, prepared)
            model.derive(count, x, trial, prepared: prepared, columns, count)
            let squares = solve(columns, linear, gram, right)
            if squares < least {
                least = squares
                found.update(from: trial, count: p)
                for (position, place) in linear.enumerated() { found[place] = right[position] }
            }
        }
        b.update(from: found, count: p)
    }

    /// Of a damped sine, b0 sin(w x + c) = s sin(w x) + t cos(w x) with linear s and t.
    private func bestSine(_ b: UnsafeMutablePointer<Double>, _ pairs: [[Double]]) throws(TalwegError) {
        let room = try Workspace(byteCount: slabBytes(4 * count, count * model.preparedArrays, 4, 2, 4))
        var slab = Slab(room.pointer)
        let (columns, prepared) = (slab.doubles(4 * count), slab.doubles(count * model.preparedArrays))
        let (gram, right, trial) = (slab.doubles(4), slab.doubles(2), slab.doubles(4))
        var least = Double.infinity
        for pair in pairs {
            (trial[0], trial[1], trial[2], trial[3]) = (1, pair[0], pair[1], 0)
            // Columns 0 and 3: exp(-b1 x) sin(b2 x) and exp(-b1 x) cos(b2 x).
            model.prepare(count, x, trial, prepared)
            model.derive(count, x, trial, prepared: prepared, columns, count)
            let squares = solve(columns, [0, 3], gram, right)
            if squares < least {
                least = squares
                (b[0], b[1], b[2]) = (length(right[0], right[1]), pair[0], pair[1])
                b[3] = tk_libm_atan2(right[1], right[0])
            }
        }
    }

    /// The linear parameters nearest to y by the normal equations, in `right`, and the sum of squares that is left:
    /// enough for a start.
    private func solve(
        _ columns: UnsafeMutablePointer<Double>, _ linear: [Int], _ gram: UnsafeMutablePointer<Double>,
        _ right: UnsafeMutablePointer<Double>
    ) -> Double {
        let k = linear.count, f64 = Talweg.kernels.f64
        for (a, first) in linear.enumerated() {
            for (c, second) in linear.enumerated() where c >= a {
                gram[a * k + c] = f64.dot(count, columns + first * count, 1, columns + second * count, 1)
            }
            right[a] = f64.dot(count, columns + first * count, 1, y, 1)
        }
        let total = f64.dot(count, y, 1, y, 1)
        guard total.isFinite else { return .infinity }
        // U' U, then U'^-1 and U^-1; a column that depends on those before it gets 0.
        var taken = 0.0
        for j in 0..<k {
            let scale = gram[j * k + j]
            var pivot = scale
            for q in 0..<j { pivot -= gram[q * k + j] * gram[q * k + j] }
            let root = pivot > 1e-12 * scale ? pivot.squareRoot() : .infinity
            gram[j * k + j] = root
            for c in (j + 1)..<max(k, j + 1) {
                var value = gram[j * k + c]
                for q in 0..<j { value -= gram[q * k + j] * gram[q * k + c] }
                gram[j * k + c] = value / root
            }
            for q in 0..<j { right[j] -= gram[q * k + j] * right[q] }
            right[j] /= root
            taken += right[j] * right[j]
        }
        var j = k - 1
        while j >= 0 {
            for c in (j + 1)..<max(k, j + 1) { right[j] -= gram[j * k + c] * right[c] }
            right[j] /= gram[j * k + j]
            if !right[j].isFinite { return .infinity }
            j -= 1
        }
        return total - taken
    }
}
