import CTalweg
import Talweg

extension Loss {
    init(_ loss: tw_loss) throws(TalwegError) {
        guard let found = Loss(rawValue: Int32(bitPattern: loss.rawValue)) else {
            throw TalwegError(.invalidArgument, "loss: \(Int32(bitPattern: loss.rawValue)) is no tw_loss")
        }
        self = found
    }
}

@_cdecl("tw_fit") @implementation
public func tw_fit(
    _ module: OpaquePointer?, _ optimizer: OpaquePointer?, _ inputs: OpaquePointer?, _ targets: OpaquePointer?,
    _ given: UnsafePointer<tw_fit_options>?, _ history: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    history?.pointee = nil
    return call { () throws(TalwegError) in
        // What came after the first version begins with max_steps.
        let first = MemoryLayout<tw_fit_options>.offset(of: \tw_fit_options.max_steps)
        let options = try options(
            given, default: .initial, minimum: first ?? MemoryLayout<tw_fit_options>.size)
        defer { options.destroy?(options.context) }
        let made = try fit(
            resolve(module, "module"), resolve(optimizer, "optimizer"), resolve(inputs, "inputs"),
            resolve(targets, "targets"), FitOptions(options))
        if history != nil { try give(made, to: history, "history") }
        if made.stop == .cancelled {
            throw TalwegError(.cancelled, "fit: cancelled after \(made.epochs.count) epochs")
        }
    }
}

@_cdecl("tw_predict") @implementation
public func tw_predict(_ scope: OpaquePointer?, _ module: OpaquePointer?, _ inputs: OpaquePointer?, _ batchSize: Int64)
    -> OpaquePointer?
{
    produce(scope) { () throws(TalwegError) in
        try predict(resolve(module, "module"), resolve(inputs, "inputs"), batchSize: Int(batchSize))
    }
}
