import CTalweg
import Talweg

// Losses of numbers and of two classes, and penalties.

/// The caller's reduction.
func reduction(_ given: tw_reduction, _ name: String) throws(TalwegError) -> Reduction {
    try choice(given.rawValue, name, "reduction", "tw_reduction")
}

/// The reduction of options that have nothing else.
private func reduction(_ given: UnsafePointer<tw_loss_options>?, _ name: String) throws(TalwegError) -> Reduction {
    let size = MemoryLayout<tw_loss_options>.size
    let options = try options(
        given, default: tw_loss_options(struct_size: size, reduction: TW_REDUCTION_MEAN), minimum: size)
    return try reduction(options.reduction, name)
}

@_cdecl("tw_mse_loss") @implementation
public func tw_mse_loss(_ scope: OpaquePointer?, _ prediction: OpaquePointer?, _ target: OpaquePointer?)
    -> OpaquePointer?
{
    produce(scope) { () throws(TalwegError) in
        try .meanSquaredError(resolve(prediction, "prediction"), resolve(target, "target"))
    }
}

@_cdecl("tw_mse_loss_with") @implementation
public func tw_mse_loss_with(
    _ scope: OpaquePointer?, _ prediction: OpaquePointer?, _ target: OpaquePointer?,
    _ given: UnsafePointer<tw_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try .squaredError(
            resolve(prediction, "prediction"), resolve(target, "target"), reduction(given, "mse_loss"))
    }
}

@_cdecl("tw_mae_loss") @implementation
public func tw_mae_loss(
    _ scope: OpaquePointer?, _ prediction: OpaquePointer?, _ target: OpaquePointer?,
    _ given: UnsafePointer<tw_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try .absoluteError(
            resolve(prediction, "prediction"), resolve(target, "target"), reduction(given, "l1_loss"))
    }
}

@_cdecl("tw_log_cosh_loss") @implementation
public func tw_log_cosh_loss(
    _ scope: OpaquePointer?, _ prediction: OpaquePointer?, _ target: OpaquePointer?,
    _ given: UnsafePointer<tw_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try .logCoshLoss(
            resolve(prediction, "prediction"), resolve(target, "target"), reduction(given, "log_cosh_loss"))
    }
}

@_cdecl("tw_hinge_loss") @implementation
public func tw_hinge_loss(
    _ scope: OpaquePointer?, _ prediction: OpaquePointer?, _ target: OpaquePointer?,
    _ given: UnsafePointer<tw_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try .hingeLoss(
            resolve(prediction, "prediction"), resolve(target, "target"), reduction(given, "hinge_loss"))
    }
}

@_cdecl("tw_squared_hinge_loss") @implementation
public func tw_squared_hinge_loss(
    _ scope: OpaquePointer?, _ prediction: OpaquePointer?, _ target: OpaquePointer?,
    _ given: UnsafePointer<tw_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try .hingeLoss(
            resolve(prediction, "prediction"), resolve(target, "target"), squared: true,
            reduction(given, "squared_hinge_loss"))
    }
}

@_cdecl("tw_huber_loss") @implementation
public func tw_huber_loss(
    _ scope: OpaquePointer?, _ prediction: OpaquePointer?, _ target: OpaquePointer?,
    _ given: UnsafePointer<tw_huber_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_huber_loss_options>.size
        let options = try options(
            given, default: tw_huber_loss_options(struct_size: size, reduction: TW_REDUCTION_MEAN, delta: 1),
            minimum: size)
        return try .huberLoss(
            resolve(prediction, "prediction"), resolve(target, "target"), delta: options.delta,
            reduction(options.reduction, "huber_loss"))
    }
}

@_cdecl("tw_smooth_l1_loss") @implementation
public func tw_smooth_l1_loss(
    _ scope: OpaquePointer?, _ prediction: OpaquePointer?, _ target: OpaquePointer?,
    _ given: UnsafePointer<tw_smooth_l1_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_smooth_l1_loss_options>.size
        let options = try options(
            given, default: tw_smooth_l1_loss_options(struct_size: size, reduction: TW_REDUCTION_MEAN, beta: 1),
            minimum: size)
        return try .smoothL1Loss(
            resolve(prediction, "prediction"), resolve(target, "target"), beta: options.beta,
            reduction(options.reduction, "smooth_l1_loss"))
    }
}

@_cdecl("tw_poisson_nll_loss") @implementation
public func tw_poisson_nll_loss(
    _ scope: OpaquePointer?, _ prediction: OpaquePointer?, _ target: OpaquePointer?,
    _ given: UnsafePointer<tw_poisson_nll_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_poisson_nll_loss_options>.size
        let options = try options(
            given, default: tw_poisson_nll_loss_options(
                struct_size: size, reduction: TW_REDUCTION_MEAN, log_input: true, full: false, epsilon: 1e-8),
            minimum: size)
        return try .poissonNegativeLogLikelihood(
            resolve(prediction, "prediction"), resolve(target, "target"), isLog: options.log_input, full: options.full,
            epsilon: options.epsilon, reduction(options.reduction, "poisson_nll_loss"))
    }
}

@_cdecl("tw_gaussian_nll_loss") @implementation
public func tw_gaussian_nll_loss(
    _ scope: OpaquePointer?, _ prediction: OpaquePointer?, _ target: OpaquePointer?, _ variance: OpaquePointer?,
    _ given: UnsafePointer<tw_gaussian_nll_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_gaussian_nll_loss_options>.size
        let options = try options(
            given, default: tw_gaussian_nll_loss_options(
                struct_size: size, reduction: TW_REDUCTION_MEAN, full: false, epsilon: 1e-6),
            minimum: size)
        return try .gaussianNegativeLogLikelihood(
            resolve(prediction, "prediction"), resolve(target, "target"), variance: resolve(variance, "variance"),
            full: options.full, epsilon: options.epsilon, reduction(options.reduction, "gaussian_nll_loss"))
    }
}

@_cdecl("tw_bce_with_logits_loss") @implementation
public func tw_bce_with_logits_loss(
    _ scope: OpaquePointer?, _ logits: OpaquePointer?, _ target: OpaquePointer?,
    _ given: UnsafePointer<tw_bce_with_logits_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_bce_with_logits_loss_options>.size
        let options = try options(
            given, default: tw_bce_with_logits_loss_options(
                struct_size: size, reduction: TW_REDUCTION_MEAN, weight: nil, pos_weight: nil),
            minimum: size)
        return try .binaryCrossEntropyWithLogits(
            resolve(logits, "logits"), resolve(target, "target"), weight: resolveIfPresent(options.weight, "weight"),
            positiveWeight: resolveIfPresent(options.pos_weight, "pos_weight"),
            reduction(options.reduction, "binary_cross_entropy_with_logits"))
    }
}

@_cdecl("tw_bce_loss") @implementation
public func tw_bce_loss(
    _ scope: OpaquePointer?, _ probabilities: OpaquePointer?, _ target: OpaquePointer?,
    _ given: UnsafePointer<tw_bce_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_bce_loss_options>.size
        let options = try options(
            given, default: tw_bce_loss_options(struct_size: size, reduction: TW_REDUCTION_MEAN, weight: nil),
            minimum: size)
        return try .binaryCrossEntropy(
            resolve(probabilities, "probabilities"), resolve(target, "target"),
            weight: resolveIfPresent(options.weight, "weight"), reduction(options.reduction, "binary_cross_entropy"))
    }
}

@_cdecl("tw_sigmoid_focal_loss") @implementation
public func tw_sigmoid_focal_loss(
    _ scope: OpaquePointer?, _ logits: OpaquePointer?, _ target: OpaquePointer?,
    _ given: UnsafePointer<tw_sigmoid_focal_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_sigmoid_focal_loss_options>.size
        let options = try options(
            given, default: tw_sigmoid_focal_loss_options(
                struct_size: size, reduction: TW_REDUCTION_MEAN, alpha: 0.25, gamma: 2),
            minimum: size)
        return try .sigmoidFocalLoss(
            resolve(logits, "logits"), resolve(target, "target"), alpha: options.alpha == -1 ? nil : options.alpha,
            gamma: options.gamma, reduction(options.reduction, "sigmoid_focal_loss"))
    }
}

@_cdecl("tw_l1_penalty") @implementation
public func tw_l1_penalty(_ scope: OpaquePointer?, _ module: OpaquePointer?) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        return try found.l1Penalty()
    }
}

@_cdecl("tw_l2_penalty") @implementation
public func tw_l2_penalty(_ scope: OpaquePointer?, _ module: OpaquePointer?) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        return try found.l2Penalty()
    }
}
