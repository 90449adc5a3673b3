import Talweg
import TalwegKernels

/// The machine's limits, each measured once, when it is first asked for.
final class Machine {
    nonisolated(unsafe) static let here = Machine()

    enum Arithmetic: String, CaseIterable { case f32, f64, bf16 }
    enum Traffic: String, CaseIterable { case read, write, copy, triad }

    private var peaks: [String: Double] = [:]
    private var bandwidths: [String: Double] = [:]
    private var arrays: Arrays?

    /// Floating-point operations a second, a multiply-add counting as two; NaN of bfloat16 on a CPU that has no
    /// instructions for it.
    func peak(_ arithmetic: Arithmetic, threads: Int) -> Double {
        let key = "\(arithmetic) \(threads)"
        if let known = peaks[key] { return known }
        let probes = kernels.probes
        let probe: MultiplyAddProbe
        switch arithmetic {
        case .f32: probe = probes.multiplyAddF32
        case .f64: probe = probes.multiplyAddF64
        case .bf16:
            guard let found = probes.multiplyPairs else { return .nan }
            probe = found
        }
        let rounds = 400_000
        var best = 0.0
        // 50 runs of about 1 ms: long enough for the clock to rise, and a share of them undisturbed.
        for _ in 0..<50 {
            let operations = Tally(threads)
            let seconds = timeOnThreads(threads) { thread in
                withUnsafeTemporaryAllocation(byteCount: 8 * (2 + ProbeKernels.elements), alignment: 64) { room in
                    guard let values = room.baseAddress else { return }
                    switch arithmetic {
                    case .f32: Machine.fill(values.assumingMemoryBound(to: Float.self))
                    case .f64: Machine.fill(values.assumingMemoryBound(to: Double.self))
                    case .bf16:
                        Machine.fill(values.assumingMemoryBound(to: Float.self))
                        // A pair of 2^-9, and one of 1.
                        values.storeBytes(of: 0x3b00_3b00, as: UInt32.self)
                        values.storeBytes(of: 0x3f80_3f80, toByteOffset: 4, as: UInt32.self)
                    }
                    operations.counts[thread] = 2.0 * Double(rounds) * Double(probe(rounds, values))
                }
            }
            best = max(best, operations.total / seconds)
        }
        peaks[key] = best
        return best
    }

    /// A factor near 1 and an addend near 0, then values that differ and stay in range.
    private static func fill<T: BinaryFloatingPoint>(_ values: UnsafeMutablePointer<T>) {
        values[0] = 0.999
        values[1] = 0.001
        for i in 2..<(2 + ProbeKernels.elements) { values[i] = T(1 + 0.01 * Double(i)) }
    }

    /// Bytes a second that the traffic moves, on arrays far beyond the caches.
    func bandwidth(_ traffic: Traffic, threads: Int, quick: Bool) -> Double {
        let key = "\(traffic) \(threads)"
        if let known = bandwidths[key] { return known }
        let arrays = self.arrays ?? Arrays(count: quick ? 1 << 20 : 1 << 26)
        self.arrays = arrays
        let probes = kernels.probes
        let part = arrays.count / threads / 128 * 128
        let moved = Double(part * threads * 4) * (traffic == .triad ? 3 : traffic == .copy ? 2 : 1)
        var best = 0.0
        for _ in 0..<(quick ? 2 : 8) {
            let seconds = timeOnThreads(threads) { thread in
                let start = 4 * part * thread
                let (x, y, z) = (arrays.x + start, arrays.y + start, arrays.z + start)
                switch traffic {
                case .read: _ = probes.read(part, x)
                case .write: probes.write(part, y)
                case .copy: probes.copy(part, x, y)
                case .triad: probes.triad(part, x, z, y)
                }
            }
            best = max(best, moved / seconds)
        }
        bandwidths[key] = best
        return best
    }

    /// Three arrays of float32.
    private final class Arrays: @unchecked Sendable {
        let count: Int
        let x, y, z: UnsafeMutableRawPointer

        init(count: Int) {
            self.count = count
            func made() -> UnsafeMutableRawPointer {
                let array = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
                array.initializeMemory(as: Float.self, repeating: 1, count: count)
                return array
            }
            (x, y, z) = (made(), made(), made())
        }

        deinit { for array in [x, y, z] { array.deallocate() } }
    }

    /// What each thread did.
    private final class Tally: @unchecked Sendable {
        let counts: UnsafeMutableBufferPointer<Double>
        init(_ threads: Int) {
            counts = .allocate(capacity: threads)
            counts.initialize(repeating: 0)
        }
        deinit { counts.deallocate() }
        var total: Double { counts.reduce(0, +) }
    }
}
