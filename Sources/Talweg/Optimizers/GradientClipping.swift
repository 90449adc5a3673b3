import CIntrinsics
import TalwegKernels

/// What gradients of a norm are multiplied by so that it is at most `limit` (Pascanu, Mikolov and Bengio, "On the
/// difficulty of training recurrent neural networks", 2013), with PyTorch's guard against a norm of 0.
func clippingScale(_ norm: Double, to limit: Double, for caller: String) throws(TalwegError) -> Double {
    guard norm.isFinite else { throw .numeric("\(caller): the norm of the gradients is \(norm)") }
    return min(1, limit / (norm + 1e-6))
}

/// The gradients of leaves, row-major, for a change in place.
private struct Gradients {
    var updates = Updates()
    private var gradients: [Tensor] = []
    private var copies: [View] = []

    /// Leaves without a gradient are passed over.
    init(_ parameters: [Tensor], for caller: String) throws(TalwegError) {
        for parameter in parameters {
            guard let gradient = parameter.grad else { continue }
            guard gradient.dtype == .float32 || gradient.dtype == .float64 else {
                throw .dtype("\(caller): gradients are float32 or float64, not \(gradient.dtype.name)")
            }
            let view = try gradient.view.contiguous()
            let address = view.pointer
            updates.append(
                Update(
                    count: view.count, dtype: view.dtype, slot: gradients.count, parameter: address,
                    gradient: UnsafeRawPointer(address)))
            gradients.append(gradient)
            copies.append(view)
        }
        for piece in updates.pieces.indices { updates.setOptions(piece == 0 ? .plain : nil, of: piece) }
    }

    /// Changes each piece in place.
    func change(_ body: (Update) -> Void) {
        updates.forEachPiece { _, piece, _ in body(piece) }
        for (gradient, copy) in zip(gradients, copies) {
            _ = gradient.mutableData()
            if !gradient.view.isContiguous { gradient.view.assign(copy) }
        }
        withExtendedLifetime((gradients, copies)) {}
    }
}

/// Scales the gradients of leaves, in place, so that their norm all together is at most `limit`.
/// - Returns: the norm that it was. Leaves without a gradient are passed over.
/// - Throws: numeric, with the gradients unchanged, if the norm is not finite.
public func clipGradientNorm(_ parameters: [Tensor], to limit: Double) throws(TalwegError) -> Double {
    guard limit > 0, limit.isFinite else {
        throw .invalid("clip_grad_norm: max_norm is \(limit); it must be finite and above 0")
    }
    let gradients = try Gradients(parameters, for: "clip_grad_norm")
    let norm = try gradients.updates.gradientNorm()
    let scale = try clippingScale(norm, to: limit, for: "clip_grad_norm")
    if scale < 1 {
        gradients.change { piece in
            let kernel = piece.dtype == .float32 ? kernels.f32.scale : kernels.f64.scale
            kernel(piece.count, scale, piece.gradient, piece.parameter)
        }
    }
    return norm
}

/// Holds every element of the gradients of leaves, in place, within -limit and limit. Leaves without a gradient
/// are passed over.
/// - Throws: numeric, with the gradients unchanged, if one holds NaN.
public func clipGradientValue(_ parameters: [Tensor], to limit: Double) throws(TalwegError) {
    guard limit > 0, limit.isFinite else {
        throw .invalid("clip_grad_value: max_value is \(limit); it must be finite and above 0")
    }
    let gradients = try Gradients(parameters, for: "clip_grad_value")
    // Infinities have a limit, NaN has none.
    guard try !gradients.updates.gradientNorm().isNaN else { throw .numeric("clip_grad_value: a gradient holds NaN") }
    gradients.change { piece in
        guard let kernel = kernels.clip(piece.dtype) else { return }
        // The least and the greatest, each of the dtype and repeated by a stride of 0.
        if piece.dtype == .float32 {
            var (low, high) = (-Float(limit), Float(limit))
            kernel(piece.count, piece.gradient, 1, &low, 0, &high, 0, piece.parameter, 1)
        } else {
            var (low, high) = (-limit, limit)
            kernel(piece.count, piece.gradient, 1, &low, 0, &high, 0, piece.parameter, 1)
        }
    }
}
