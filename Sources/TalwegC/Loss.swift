import CTalweg
import Talweg

@_cdecl("tw_mse_loss") @implementation
public func tw_mse_loss(_ scope: OpaquePointer?, _ prediction: OpaquePointer?, _ target: OpaquePointer?)
    -> OpaquePointer?
{
    produce(scope) { () throws(TalwegError) in
        try .meanSquaredError(resolve(prediction, "prediction"), resolve(target, "target"))
    }
}

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
            given, default: tw_cross_entropy_options(struct_size: size, ignore_index: -100, label_smoothing: 0),
            minimum: size)
        return try .crossEntropy(
            resolve(logits, "logits"), resolve(labels, "labels"),
            CrossEntropyOptions(ignoreIndex: options.ignore_index, labelSmoothing: options.label_smoothing))
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
