import CIntrinsics
import TalwegKernels

// What the optimizers share whose update needs a parameter as a whole.

extension Updates {
    /// Calls `body` with the number of each parameter that has a gradient, and its options.
    func forEachSlot(_ body: (Int, tk_update) throws(TalwegError) -> Void) throws(TalwegError) {
        var last = -1
        for piece in pieces where piece.slot != last {
            last = piece.slot
            try body(piece.slot, options[piece.options])
        }
    }
}

/// Calls `body` with the start and the count of pieces of `count` elements, on several threads.
func forEachChunk(_ count: Int, _ body: (_ chunk: Int, _ start: Int, _ count: Int) -> Void) {
    ThreadPool.run(chunks: (count + elementsPerChunk - 1) / elementsPerChunk) { chunk in
        let start = chunk * elementsPerChunk
        body(chunk, start, min(elementsPerChunk, count - start))
    }
}

extension tk_update {
    /// Whether a gradient stays as it is.
    var isPlain: Bool { factor == 1 && limit == .infinity && decay == 0 && l1 == 0 }

    /// Writes the gradient of a slot with its factor, limit and penalties to memory that has room for it.
    func penalise(_ slot: ParameterSlot, _ gradient: View, to target: UnsafeMutableRawPointer) {
        let kernel = gradient.dtype == .float32 ? kernels.f32.updates.penalise : kernels.f64.updates.penalise
        let (size, parameter) = (gradient.dtype.itemSize, slot.target)
        withUnsafePointer(to: self) { options in
            forEachChunk(gradient.count) { _, start, count in
                let bytes = start * size
                kernel(
                    count, options, parameter + bytes, UnsafeRawPointer(gradient.pointer) + bytes, target + bytes,
                    nil, nil)
            }
        }
    }
}
