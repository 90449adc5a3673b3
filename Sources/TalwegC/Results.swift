import CTalweg
import Talweg

// What the exports that read a fit's result have in common.

/// A tensor of a result's.
func resultTensor<T: HandleObject>(
    _ scope: OpaquePointer?, _ result: OpaquePointer?, _ type: T.Type, _ body: (T) throws(TalwegError) -> Tensor
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let fit: T = try resolve(result, "result")
        return try body(fit)
    }
}

/// A number of a result's.
func resultValue<T: HandleObject, V>(
    _ result: OpaquePointer?, _ out: UnsafeMutablePointer<V>?, _ what: StaticString, _ type: T.Type, _ body: (T) -> V
) -> tw_status {
    call { () throws(TalwegError) in
        let fit: T = try resolve(result, "result")
        try required(out, what).pointee = body(fit)
    }
}

/// A value of one of the header's enumerations, of which `function` was given the number.
func choice<T: RawRepresentable>(_ raw: UInt32, _ function: String, _ name: String, _ kind: String)
    throws(TalwegError) -> T
where T.RawValue == Int32 {
    let value = Int32(bitPattern: raw)
    guard let found = T(rawValue: value) else {
        throw TalwegError(.invalidArgument, "\(function): \(name) is \(value), which is none of \(kind)")
    }
    return found
}
