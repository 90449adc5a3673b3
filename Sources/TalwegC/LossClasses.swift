import CTalweg
import Talweg

// Losses of several classes, of distributions, vectors and sequences.

@_cdecl("tw_cross_entropy_loss") @implementation
public func tw_cross_entropy_loss(_ scope: OpaquePointer?, _ logits: OpaquePointer?, _ labels: OpaquePointer?)
    -> OpaquePointer?
{
    produce(scope) { () throws(TalwegError) in
        try .crossEntropy(resolve(logits, "logits"), resolve(labels, "labels"))
    }
}

@_cdecl("tw_cross_entropy_loss_with") @implementation
public func tw_cross_entropy_loss_with(
    _ scope: OpaquePointer?, _ logits: OpaquePointer?, _ labels: OpaquePointer?,
    _ given: UnsafePointer<tw_cross_entropy_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_cross_entropy_options>.size
        let options = try options(
            given,
            default: tw_cross_entropy_options(
                struct_size: size, ignore_index: -100, label_smoothing: 0, weight: nil, reduction: TW_REDUCTION_MEAN),
            minimum: MemoryLayout<tw_cross_entropy_options>.offset(of: \.weight) ?? size)
        return try .crossEntropy(
            resolve(logits, "logits"), resolve(labels, "labels"),
            CrossEntropyOptions(
                ignoreIndex: options.ignore_index, labelSmoothing: options.label_smoothing,
                weight: resolveIfPresent(options.weight, "weight"),
                reduction: reduction(options.reduction, "cross_entropy_loss")))
    }
}

@_cdecl("tw_nll_loss") @implementation
public func tw_nll_loss(
    _ scope: OpaquePointer?, _ logProbabilities: OpaquePointer?, _ labels: OpaquePointer?,
    _ given: UnsafePointer<tw_nll_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_nll_loss_options>.size
        let options = try options(
            given, default: tw_nll_loss_options(
                struct_size: size, reduction: TW_REDUCTION_MEAN, weight: nil, ignore_index: -100),
            minimum: size)
        return try .negativeLogLikelihood(
            resolve(logProbabilities, "log_probabilities"), resolve(labels, "labels"),
            weight: resolveIfPresent(options.weight, "weight"), ignoreIndex: options.ignore_index,
            reduction(options.reduction, "nll_loss"))
    }
}

@_cdecl("tw_focal_loss") @implementation
public func tw_focal_loss(
    _ scope: OpaquePointer?, _ logits: OpaquePointer?, _ labels: OpaquePointer?,
    _ given: UnsafePointer<tw_focal_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_focal_loss_options>.size
        let options = try options(
            given, default: tw_focal_loss_options(
                struct_size: size, reduction: TW_REDUCTION_MEAN, gamma: 2, weight: nil, ignore_index: -100),
            minimum: size)
        return try .focalLoss(
            resolve(logits, "logits"), resolve(labels, "labels"), gamma: options.gamma,
            weight: resolveIfPresent(options.weight, "weight"), ignoreIndex: options.ignore_index,
            reduction(options.reduction, "focal_loss"))
    }
}

@_cdecl("tw_multi_margin_loss") @implementation
public func tw_multi_margin_loss(
    _ scope: OpaquePointer?, _ scores: OpaquePointer?, _ labels: OpaquePointer?,
    _ given: UnsafePointer<tw_multi_margin_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_multi_margin_loss_options>.size
        let options = try options(
            given, default: tw_multi_margin_loss_options(
                struct_size: size, reduction: TW_REDUCTION_MEAN, p: 1, margin: 1, weight: nil),
            minimum: size)
        return try .multiMarginLoss(
            resolve(scores, "scores"), resolve(labels, "labels"), power: Int(options.p), margin: options.margin,
            weight: resolveIfPresent(options.weight, "weight"), reduction(options.reduction, "multi_margin_loss"))
    }
}

@_cdecl("tw_kl_div_loss") @implementation
public func tw_kl_div_loss(
    _ scope: OpaquePointer?, _ logProbabilities: OpaquePointer?, _ target: OpaquePointer?,
    _ given: UnsafePointer<tw_kl_div_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_kl_div_loss_options>.size
        let options = try options(
            given, default: tw_kl_div_loss_options(
                struct_size: size, reduction: TW_REDUCTION_MEAN, log_target: false),
            minimum: size)
        return try .klDivergence(
            resolve(logProbabilities, "log_probabilities"), resolve(target, "target"), isLogTarget: options.log_target,
            reduction(options.reduction, "kl_div"))
    }
}

@_cdecl("tw_cosine_embedding_loss") @implementation
public func tw_cosine_embedding_loss(
    _ scope: OpaquePointer?, _ first: OpaquePointer?, _ second: OpaquePointer?, _ target: OpaquePointer?,
    _ given: UnsafePointer<tw_cosine_embedding_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_cosine_embedding_loss_options>.size
        let options = try options(
            given, default: tw_cosine_embedding_loss_options(
                struct_size: size, reduction: TW_REDUCTION_MEAN, margin: 0),
            minimum: size)
        return try .cosineEmbeddingLoss(
            resolve(first, "first"), resolve(second, "second"), resolve(target, "target"), margin: options.margin,
            reduction(options.reduction, "cosine_embedding_loss"))
    }
}

@_cdecl("tw_triplet_margin_loss") @implementation
public func tw_triplet_margin_loss(
    _ scope: OpaquePointer?, _ anchor: OpaquePointer?, _ positive: OpaquePointer?, _ negative: OpaquePointer?,
    _ given: UnsafePointer<tw_triplet_margin_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_triplet_margin_loss_options>.size
        let options = try options(
            given, default: tw_triplet_margin_loss_options(
                struct_size: size, reduction: TW_REDUCTION_MEAN, margin: 1, p: 2, epsilon: 1e-6, swap: false),
            minimum: size)
        return try .tripletMarginLoss(
            resolve(anchor, "anchor"), resolve(positive, "positive"), resolve(negative, "negative"),
            margin: options.margin, norm: options.p, epsilon: options.epsilon, swap: options.swap,
            reduction(options.reduction, "triplet_margin_loss"))
    }
}

@_cdecl("tw_info_nce_loss") @implementation
public func tw_info_nce_loss(
    _ scope: OpaquePointer?, _ query: OpaquePointer?, _ keys: OpaquePointer?,
    _ given: UnsafePointer<tw_info_nce_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_info_nce_loss_options>.size
        let options = try options(
            given, default: tw_info_nce_loss_options(
                struct_size: size, reduction: TW_REDUCTION_MEAN, temperature: 0.1, negatives: nil),
            minimum: size)
        return try .infoNCELoss(
            resolve(query, "query"), resolve(keys, "keys"), negatives: resolveIfPresent(options.negatives, "negatives"),
            temperature: options.temperature, reduction(options.reduction, "info_nce_loss"))
    }
}

@_cdecl("tw_ctc_loss") @implementation
public func tw_ctc_loss(
    _ scope: OpaquePointer?, _ logProbabilities: OpaquePointer?, _ targets: OpaquePointer?,
    _ inputLengths: OpaquePointer?, _ targetLengths: OpaquePointer?, _ given: UnsafePointer<tw_ctc_loss_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let size = MemoryLayout<tw_ctc_loss_options>.size
        let options = try options(
            given, default: tw_ctc_loss_options(
                struct_size: size, reduction: TW_REDUCTION_MEAN, blank: 0, zero_infinity: false),
            minimum: size)
        return try .ctcLoss(
            resolve(logProbabilities, "log_probabilities"), resolve(targets, "targets"),
            inputLengths: resolve(inputLengths, "input_lengths"),
            targetLengths: resolve(targetLengths, "target_lengths"), blank: Int(options.blank),
            zeroInfinity: options.zero_infinity,
            reduction(options.reduction, "ctc_loss"))
    }
}
