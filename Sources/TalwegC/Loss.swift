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
