import CIntrinsics
import Synchronization
import TalwegKernels

// Convolution, its transposed and the gradient to its weights are the three sides of one sum of products
// large x small x weight: each is linear in both of its inputs, and the other two are its pullbacks.

/// The small side of x and weight, plus a bias for each channel if there is a third input.
struct Convolution: VariadicOperation {
    static let name = "conv"
    static let savesOutput = false
    let geometry: ConvolutionGeometry

    func saves(input: Int) -> Bool { input < 2 }
    func forward(_ inputs: [View]) throws(TalwegError) -> View {
        try convolved(geometry.direct, inputs, geometry.small)
    }
    func pullback(_ g: Tensor, wanted: [Bool], _ r: VariadicRecord<Convolution>) throws(TalwegError) -> [Tensor?] {
        [
            wanted[0] ? try apply(ConvolutionTranspose(geometry: geometry), [g, r.input(1)]) : nil,
            wanted[1] ? try apply(ConvolutionWeight(geometry: geometry), r.input(0), g) : nil,
            wanted.count > 2 && wanted[2] ? try g.summedChannels() : nil,
        ]
    }
}

/// The large side of a small one and weight, plus a bias for each channel if there is a third input.
struct ConvolutionTranspose: VariadicOperation {
    static let name = "conv_transpose"
    static let savesOutput = false
    let geometry: ConvolutionGeometry

    func saves(input: Int) -> Bool { input < 2 }
    func forward(_ inputs: [View]) throws(TalwegError) -> View {
        try convolved(geometry.transposed, inputs, geometry.large)
    }
    func pullback(_ g: Tensor, wanted: [Bool], _ r: VariadicRecord<ConvolutionTranspose>)
        throws(TalwegError) -> [Tensor?]
    {
        [
            wanted[0] ? try apply(Convolution(geometry: geometry), [g, r.input(1)]) : nil,
            wanted[1] ? try apply(ConvolutionWeight(geometry: geometry), g, r.input(0)) : nil,
            wanted.count > 2 && wanted[2] ? try g.summedChannels() : nil,
        ]
    }
}

/// The weight's gradient, from the large side and the small one.
struct ConvolutionWeight: BilinearOperation {
    static let name = "conv_weight"
    static let saves: Saves = .inputs
    let geometry: ConvolutionGeometry

    func forward(_ large: View, _ small: View) throws(TalwegError) -> View {
        try weightGradient(geometry, large, small)
    }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<ConvolutionWeight>) throws(TalwegError) -> Tensor {
        try apply(ConvolutionTranspose(geometry: geometry), [r.b, g])
    }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<ConvolutionWeight>) throws(TalwegError) -> Tensor {
        try apply(Convolution(geometry: geometry), [r.a, g])
    }
}

extension Tensor {
    /// Cross-correlation of this [n, c, h, w] with weight [o, c / groups, kh, kw], plus bias [o].
    public func conv2d(_ weight: Tensor, _ bias: Tensor? = nil, _ options: ConvolutionOptions = ConvolutionOptions())
        throws(TalwegError) -> Tensor
    {
        let geometry = try ConvolutionGeometry(direct: self, weight, options, 2, "conv2d")
        return try apply(Convolution(geometry: geometry), operands(weight, bias, geometry.small[1], "conv2d"))
    }

    /// Cross-correlation of this [n, c, l] with weight [o, c / groups, k], plus bias [o].
    public func conv1d(_ weight: Tensor, _ bias: Tensor? = nil, _ options: ConvolutionOptions = ConvolutionOptions())
        throws(TalwegError) -> Tensor
    {
        let geometry = try ConvolutionGeometry(direct: self, weight, options, 1, "conv1d")
        return try apply(Convolution(geometry: geometry), operands(weight, bias, geometry.small[1], "conv1d"))
    }

    /// The transpose of `conv2d` as a linear map of its input: this [n, c, h, w], weight [c, o / groups, kh, kw].
    public func convTranspose2d(
        _ weight: Tensor, _ bias: Tensor? = nil, _ options: ConvolutionOptions = ConvolutionOptions()
    ) throws(TalwegError) -> Tensor {
        let name = "conv_transpose2d"
        let geometry = try ConvolutionGeometry(transposed: self, weight, options, 2, name)
        return try apply(ConvolutionTranspose(geometry: geometry), operands(weight, bias, geometry.large[1], name))
    }

    /// The transpose of `conv1d` as a linear map of its input: this [n, c, l], weight [c, o / groups, k].
    public func convTranspose1d(
        _ weight: Tensor, _ bias: Tensor? = nil, _ options: ConvolutionOptions = ConvolutionOptions()
    ) throws(TalwegError) -> Tensor {
        let name = "conv_transpose1d"
        let geometry = try ConvolutionGeometry(transposed: self, weight, options, 1, name)
        return try apply(ConvolutionTranspose(geometry: geometry), operands(weight, bias, geometry.large[1], name))
    }

    private func operands(_ weight: Tensor, _ bias: Tensor?, _ channels: Int, _ name: String)
        throws(TalwegError) -> [Tensor]
    {
        guard let bias else { return [self, weight] }
        guard bias.dtype == dtype else { throw .dtype("\(name): the input is \(dtype.name), the bias \(bias.dtype.name)") }
        guard bias.rank == 1, bias.shape[0] == channels else {
            throw .shape("\(name): the bias has shape \(bias.shape); [\(channels)] is needed")
        }
        return [self, weight, bias]
    }

    /// Summed over all axes but that of the channels, 1.
    fileprivate func summedChannels() throws(TalwegError) -> Tensor {
        try sum(axes: (0..<rank).filter { $0 != 1 })
    }
}

/// A convolution of source, weight and perhaps bias.
private func convolved(_ p: tk_convolution, _ inputs: [View], _ shape: Shape) throws(TalwegError) -> View {
    let result = try View(uninitialized: shape, inputs[0].dtype)
    guard result.count > 0 else { return result }
    guard let table = kernels.float(result.dtype) else {
        throw .dtype("conv: needs float32 or float64, not \(result.dtype.name)")
    }
    let (source, weight) = (try inputs[0].contiguous(), try inputs[1].contiguous())
    let bias = inputs.count > 2 ? try inputs[2].contiguous() : nil
    var p = p
    var plan = tk_convolution_plan(p, table.gemmBlocks)
    let packed = try Workspace(byteCount: plan.packed_bytes)
    let (from, weights, to) = (source.pointer, weight.pointer, result.pointer)
    let kernel = table.convolution
    try withUnsafePointers(&p, &plan) { p, plan throws(TalwegError) in
        ThreadPool.run(chunks: plan.pointee.packing_chunks) { chunk in
            kernel.packWeights(p, plan, weights, packed.pointer, chunk)
        }
        try runChunks(plan.pointee.chunks, workspaceBytes: plan.pointee.workspace_bytes) { chunk, workspace in
            kernel.convolve(p, plan, from, packed.pointer, bias?.pointer, to, chunk, workspace)
        }
    }
    return result
}

/// The gradient to the weights of a direct convolution: sums over positions, in parts that are added up.
private func weightGradient(_ geometry: ConvolutionGeometry, _ large: View, _ small: View)
    throws(TalwegError) -> View
{
    let result = try View(uninitialized: geometry.weight, large.dtype)
    guard result.count > 0 else { return result }
    guard small.count > 0 else {
        result.fill(0)
        return result
    }
    guard let table = kernels.float(result.dtype) else {
        throw .dtype("conv: needs float32 or float64, not \(result.dtype.name)")
    }
    let (source, gradient) = (try large.contiguous(), try small.contiguous())
    var p = geometry.direct
    var plan = tk_weight_gradient_plan(p, table.gemmBlocks)
    let (from, with, to) = (source.pointer, gradient.pointer, result.pointer)
    let parts = try Workspace(byteCount: plan.sums_bytes)
    let kernel = table.convolution
    try withUnsafePointers(&p, &plan) { p, plan throws(TalwegError) in
        let sums = plan.pointee.sums_bytes == 0 ? to : parts.pointer
        try runChunks(plan.pointee.chunks, workspaceBytes: plan.pointee.workspace_bytes) { chunk, workspace in
            kernel.weightGradient(p, plan, from, with, sums, chunk, workspace)
        }
        ThreadPool.run(chunks: plan.pointee.finishing_chunks) { chunk in
            kernel.finishWeightGradient(p, plan, sums, to, chunk)
        }
    }
    return result
}

/// Calls `body` with the addresses of two values that the kernels read.
func withUnsafePointers<A, B>(
    _ a: inout A, _ b: inout B, _ body: (UnsafePointer<A>, UnsafePointer<B>) throws(TalwegError) -> Void
) throws(TalwegError) {
    try withUnsafePointer(to: a) { a throws(TalwegError) in
        try withUnsafePointer(to: b) { b throws(TalwegError) in try body(a, b) }
    }
}

/// Calls `body` once for each chunk with a workspace that no other chunk has meanwhile: there are as many as
/// threads, not as chunks.
func runChunks(_ chunks: Int, workspaceBytes: Int, _ body: (Int, UnsafeMutableRawPointer) -> Void)
    throws(TalwegError)
{
    let workers = min(ThreadPool.threads, chunks)
    let (each, overflow) = workspaceBytes.addingReportingOverflow(63)
    let (all, over) = (each & ~63).multipliedReportingOverflow(by: workers)
    guard !overflow, !over else { throw .outOfMemory(bytes: Int.max) }
    let workspace = try Workspace(byteCount: all)
    let next = Atomic<Int>(0)
    ThreadPool.run(chunks: workers) { worker in
        let own = workspace.pointer + worker * (each & ~63)
        while true {
            let chunk = next.wrappingAdd(1, ordering: .relaxed).oldValue
            if chunk >= chunks { return }
            body(chunk, own)
        }
    }
}
