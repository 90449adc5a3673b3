import Testing

@testable import Talweg

/// Convolutions against the sums of their definition, and what they refuse.
@Suite struct ConvolutionTests {
    typealias Axis = ConvolutionOptions.Axis

    /// One axis of the definition: pairs of a large position and a kernel position that meet small position p.
    private static func meets(_ p: Int, _ o: Axis, _ kernel: Int, _ large: Int) -> [(Int, Int)] {
        (0..<kernel).map { ($0, p * o.stride - o.padding + $0 * o.dilation) }.filter { (0..<large).contains($0.1) }
    }

    /// Calls `body` for every product large x weight that belongs to an element of the small side.
    private static func forEachProduct(
        large: [Int], small: [Int], weight: [Int], _ options: ConvolutionOptions,
        _ body: (_ large: Int, _ small: Int, _ weight: Int) -> Void
    ) {
        let (rows, channels) = (weight[0] / options.groups, weight[1])
        for n in 0..<small[0] {
            for o in 0..<small[1] {
                for c in 0..<channels {
                    for y in 0..<small[2] {
                        for (ky, ly) in meets(y, options.height, weight[2], large[2]) {
                            for x in 0..<small[3] {
                                for (kx, lx) in meets(x, options.width, weight[3], large[3]) {
                                    let channel = o / rows * channels + c
                                    body(
                                        ((n * large[1] + channel) * large[2] + ly) * large[3] + lx,
                                        ((n * small[1] + o) * small[2] + y) * small[3] + x,
                                        ((o * channels + c) * weight[2] + ky) * weight[3] + kx)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private static let cases: [(x: [Int], weight: [Int], options: ConvolutionOptions)] = [
        ([3, 5, 11, 13], [7, 5, 3, 3], ConvolutionOptions(Axis(padding: 1))),
        ([9, 3, 4, 4], [40, 3, 3, 3], ConvolutionOptions(Axis(padding: 1))),
        ([2, 40, 8, 9], [70, 40, 3, 3], ConvolutionOptions(Axis(stride: 2, padding: 1))),
        ([2, 6, 9, 7], [8, 3, 2, 3], ConvolutionOptions(height: Axis(padding: 2), width: Axis(stride: 3), groups: 2)),
        ([1, 1, 1, 500], [2, 1, 1, 9], ConvolutionOptions(height: Axis(), width: Axis(padding: 8, dilation: 2))),
        ([2, 12, 10, 10], [12, 1, 3, 3], ConvolutionOptions(Axis(padding: 1), groups: 12)),
        ([1, 4, 6, 6], [8, 4, 1, 1], ConvolutionOptions(Axis(stride: 2))),
        ([33, 2, 3, 3], [3, 2, 3, 3], ConvolutionOptions()),
    ]

    @Test(arguments: cases.indices) func values(_ index: Int) throws {
        let (xShape, wShape, options) = Self.cases[index]
        for dtype in [DType.float32, .float64] {
            let x = try wave(Shape(xShape), 0.37).cast(to: dtype), w = try wave(Shape(wShape), 0.71).cast(to: dtype)
            let y = try x.conv2d(w, nil, options)
            let g = try wave(y.shape, 0.9).cast(to: dtype)
            let geometry = try ConvolutionGeometry(direct: x, w, options, 2, "test")
            let dx = try apply(ConvolutionTranspose(geometry: geometry), [g, w])
            let dw = try apply(ConvolutionWeight(geometry: geometry), x, g)
            let (xs, ws, gs) = (try x.doubles(), try w.doubles(), try g.doubles())
            var sums = [y, dx, dw].map { (value: [Double](repeating: 0, count: $0.count), size: [Double](repeating: 0, count: $0.count)) }
            Self.forEachProduct(large: xShape, small: y.shape.dims, weight: wShape, options) { l, s, k in
                for (side, place, product) in [(0, s, xs[l] * ws[k]), (1, l, gs[s] * ws[k]), (2, k, xs[l] * gs[s])] {
                    sums[side].value[place] += product
                    sums[side].size[place] += abs(product)
                }
            }
            // Each term rounds once or twice, each sum at most once a term.
            let unit = dtype == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne
            for (side, found) in [y, dx, dw].enumerated() {
                for (i, value) in try found.doubles().enumerated() {
                    let bound = unit * (sums[side].size[i] * 8 + 1e-30)
                    #expect(
                        abs(value - sums[side].value[i]) <= bound,
                        "\(dtype.name) \(["y", "dx", "dw"][side])[\(i)]: \(value), expected \(sums[side].value[i])")
                }
            }
        }
    }

    /// The same bits on any number of threads.
    @Test func sameBitsOnAnyThreads() throws {
        let before = Talweg.threads
        defer { try? setThreads(before) }
        let x = try wave(Shape([5, 20, 14, 14]), 0.3).cast(to: .float32)
        let w = try wave(Shape([30, 20, 3, 3]), 0.7).cast(to: .float32)
        var found: [[Double]] = []
        for count in 1...3 {
            try setThreads(count)
            let (a, b) = (try leaf(x), try leaf(w))
            let y = try a.conv2d(b, nil, ConvolutionOptions(Axis(stride: count == 0 ? 2 : 1, padding: 1)))
            let gradients = try y.square().sum().gradients(wrt: [a, b])
            found.append(try y.doubles() + gradients.flatMap { try $0?.doubles() ?? [] })
        }
        #expect(found[0] == found[1] && found[0] == found[2])
    }

    private func message(_ body: () throws -> Tensor) -> String {
        do {
            _ = try body()
            return "no error"
        } catch { return "\(error)" }
    }

    @Test func refusals() throws {
        let x = try Tensor.zeros(Shape([2, 4, 5, 6]), .float32)
        let w = try Tensor.zeros(Shape([6, 4, 3, 3]), .float32)
        func zeros(_ dims: [Int], _ dtype: DType = .float32) throws -> Tensor { try .zeros(Shape(dims), dtype) }
        func with(_ axis: Axis, groups: Int = 1) -> ConvolutionOptions { ConvolutionOptions(axis, groups: groups) }

        #expect(try message { try x.select(axis: 0, index: 0).conv2d(w) }.contains("[4, 5, 6], not [batch, channels"))
        #expect(try message { try x.conv2d(zeros([6, 4, 3])) }.contains("the weight has shape [6, 4, 3]"))
        #expect(try message { try x.conv2d(zeros([6, 3, 3, 3])) }.contains("[2, 4, 5, 6] has 4 channels, the weight"))
        #expect(try message { try x.conv2d(zeros([6, 4, 3, 3], .float64)) }.contains("float32, the weight float64"))
        #expect(try message { try x.cast(to: .int32).conv2d(w.cast(to: .int32)) }.contains("of one floating type"))
        #expect(message { try x.conv2d(w, nil, with(Axis(stride: 0))) }.contains("stride is 0"))
        #expect(message { try x.conv2d(w, nil, with(Axis(padding: -1))) }.contains("padding is -1"))
        #expect(message { try x.conv2d(w, nil, with(Axis(dilation: 0))) }.contains("dilation is 0"))
        #expect(message { try x.conv2d(w, nil, with(Axis(), groups: 0)) }.contains("groups is 0"))
        #expect(try message { try x.conv2d(zeros([6, 2, 3, 3]), nil, with(Axis(), groups: 3)) }.contains("3 groups"))
        #expect(try message { try x.conv2d(zeros([5, 2, 3, 3]), nil, with(Axis(), groups: 2)) }.contains("gives 5"))
        #expect(try message { try x.conv2d(zeros([1, 4, 6, 1])) }.contains("spans 6 positions"))
        #expect(message { try x.conv2d(w, nil, with(Axis(dilation: 3))) }.contains("spans 7 positions"))
        #expect(message { try x.conv2d(w, nil, with(Axis(padding: Int.max))) }.contains("at most 2147483647"))
        #expect(message { try x.conv2d(w, nil, with(Axis(padding: Int(Int32.max)))) }.contains("conv2d"))
        #expect(try message { try x.conv2d(w, zeros([5])) }.contains("[6] is needed"))
        #expect(try message { try x.conv2d(w, zeros([6], .float64)) }.contains("bias float64"))
        #expect(try message { try zeros([1, 4, 0, 6]).conv2d(w) }.contains("no positions"))
        #expect(try message { try x.conv2d(zeros([6, 4, 0, 3])) }.contains("empty"))

        let t = try zeros([4, 3, 3, 3])
        #expect(try message { try x.convTranspose2d(zeros([3, 3, 3, 3])) }.contains("takes 3"))
        #expect(message { try x.convTranspose2d(t, nil, with(Axis(padding: 9))) }.contains("takes away all"))
        #expect(message { try x.convTranspose2d(t, nil, with(Axis(outputPadding: 1))) }.contains("output_padding 1"))
        #expect(message { try x.convTranspose2d(t, nil, with(Axis(), groups: 3)) }.contains("3 groups do not divide"))
        #expect(message { try x.convTranspose2d(t, nil, with(Axis(stride: Int(Int32.max)))) }.contains("conv_transpose2d"))
        #expect(try message { try x.conv1d(w) }.contains("conv1d: the input has shape"))
    }
}
