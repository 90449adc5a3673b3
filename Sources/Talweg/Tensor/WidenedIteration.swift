import TalwegKernels

// float16 and bfloat16 are stored, not computed with: the elements go through float32's kernels, some at a time, by
// buffers on the stack, and each result is rounded once.

/// Elements that a buffer holds: two of float32 are what is surely kept on the stack.
private let chunk = 128

/// y = kernel(x) for x of a narrow floating dtype and a kernel of float32; y has it too or is, where the kernel writes
/// it, bool.
func mapWidened(_ kernel: UnaryFunction, _ x: View, to y: View) {
    let walk = Iteration(y.shape, [(y.strides, y.dtype.itemSize), (x.strides(broadcastTo: y.shape), 2)])
    let (px, py, size) = (x.pointer, y.pointer, y.dtype.itemSize)
    let (sy, sx) = (walk.innerStride(0, size), walk.innerStride(1, 2))
    let result = Result(y.dtype)
    let widen = kernels.cast(from: x.dtype, to: .float32)
    walk.run { offsets, n in
        withBuffers { first, _ in
            var start = 0
            while start < n {
                let count = min(chunk, n - start)
                widen(count, px + offsets[1] + start * sx * 2, sx, first, 1)
                result.write(count, py + offsets[0] + start * sy * size, sy, first) { kernel(count, first, 1, $0, $1) }
                start += count
            }
        }
    }
}

/// y = kernel(a, b) for a and b of one narrow floating dtype and a kernel of float32; y has it too or is, where the
/// kernel writes it, bool.
func mapWidened(_ kernel: BinaryFunction, _ a: View, _ b: View, to y: View) {
    let walk = Iteration(
        y.shape,
        [
            (y.strides, y.dtype.itemSize), (a.strides(broadcastTo: y.shape), 2),
            (b.strides(broadcastTo: y.shape), 2),
        ])
    let (pa, pb, py, size) = (a.pointer, b.pointer, y.pointer, y.dtype.itemSize)
    let (sy, sa, sb) = (walk.innerStride(0, size), walk.innerStride(1, 2), walk.innerStride(2, 2))
    let result = Result(y.dtype)
    let widen = kernels.cast(from: a.dtype, to: .float32)
    walk.run { offsets, n in
        withBuffers { first, second in
            var start = 0
            while start < n {
                let count = min(chunk, n - start)
                // A scalar stays one.
                let (ta, tb) = (sa == 0 ? 0 : 1, sb == 0 ? 0 : 1)
                widen(sa == 0 ? 1 : count, pa + offsets[1] + start * sa * 2, sa, first, 1)
                widen(sb == 0 ? 1 : count, pb + offsets[2] + start * sb * 2, sb, second, 1)
                // The buffer that holds as many elements takes the results.
                let free = sa == 0 && sb != 0 ? second : first
                let spread = sa == 0 && sb == 0
                if spread { kernels.copy(itemSize: 4)(count, first, 0, first, 1) }
                result.write(count, py + offsets[0] + start * sy * size, sy, free) {
                    kernel(count, first, spread ? 1 : ta, second, tb, $0, $1)
                }
                start += count
            }
        }
    }
}

/// Where a kernel of float32 writes its results.
private struct Result {
    let isBool: Bool
    let narrow: UnaryFunction

    init(_ dtype: DType) {
        isBool = dtype == .bool
        narrow = kernels.cast(from: .float32, to: dtype)
    }

    /// Bools go where they belong; numbers go by the buffer, which `kernel` may still read them from.
    func write(
        _ count: Int, _ y: UnsafeMutableRawPointer, _ stride: Int, _ buffer: UnsafeMutableRawPointer,
        _ kernel: (UnsafeMutableRawPointer, Int) -> Void
    ) {
        if isBool { return kernel(y, stride) }
        kernel(buffer, 1)
        narrow(count, buffer, 1, y, stride)
    }
}

private func withBuffers(_ body: (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Void) {
    withUnsafeTemporaryAllocation(byteCount: 2 * chunk * 4, alignment: 16) { bytes in
        guard let start = bytes.baseAddress else { return }
        body(start, start + chunk * 4)
    }
}
