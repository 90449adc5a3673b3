import CTalweg
import Talweg

/// The caller's weights.
func recurrentWeights(_ given: UnsafePointer<tw_recurrent_weights>?) throws(TalwegError) -> RecurrentWeights {
    guard given != nil else { throw TalwegError(.null, "weights is NULL") }
    let size = MemoryLayout<tw_recurrent_weights>.size
    let values = try options(
        given, default: tw_recurrent_weights(struct_size: size, w_ih: nil, w_hh: nil, b_ih: nil, b_hh: nil),
        minimum: size)
    return RecurrentWeights(
        input: try resolve(values.w_ih, "w_ih"), hidden: try resolve(values.w_hh, "w_hh"),
        inputBias: try resolveIfPresent(values.b_ih, "b_ih"), hiddenBias: try resolveIfPresent(values.b_hh, "b_hh"))
}

@_cdecl("tw_lstm") @implementation
public func tw_lstm(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ h0: OpaquePointer?, _ c0: OpaquePointer?,
    _ weights: UnsafePointer<tw_recurrent_weights>?, _ batchFirst: Bool,
    _ lastHidden: UnsafeMutablePointer<OpaquePointer?>?, _ lastCells: UnsafeMutablePointer<OpaquePointer?>?
) -> OpaquePointer? {
    produce(scope, also: [lastHidden, lastCells]) { () throws(TalwegError) in
        let (y, h, c) = try Tensor.lstm(
            resolve(x, "x"), hidden: resolveIfPresent(h0, "h0"), cells: resolveIfPresent(c0, "c0"),
            recurrentWeights(weights), batchFirst: batchFirst)
        return (y, [h, c])
    }
}

@_cdecl("tw_gru") @implementation
public func tw_gru(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ h0: OpaquePointer?,
    _ weights: UnsafePointer<tw_recurrent_weights>?, _ batchFirst: Bool,
    _ lastHidden: UnsafeMutablePointer<OpaquePointer?>?
) -> OpaquePointer? {
    produce(scope, also: [lastHidden]) { () throws(TalwegError) in
        let (y, h) = try Tensor.gru(
            resolve(x, "x"), hidden: resolveIfPresent(h0, "h0"), recurrentWeights(weights), batchFirst: batchFirst)
        return (y, [h])
    }
}

@_cdecl("tw_lstm_cell") @implementation
public func tw_lstm_cell(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ h: OpaquePointer?, _ c: OpaquePointer?,
    _ weights: UnsafePointer<tw_recurrent_weights>?, _ cells: UnsafeMutablePointer<OpaquePointer?>?
) -> OpaquePointer? {
    produce(scope, also: [cells]) { () throws(TalwegError) in
        let (hidden, cells) = try Tensor.lstmCell(
            resolve(x, "x"), hidden: resolveIfPresent(h, "h"), cells: resolveIfPresent(c, "c"),
            recurrentWeights(weights))
        return (hidden, [cells])
    }
}

@_cdecl("tw_gru_cell") @implementation
public func tw_gru_cell(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ h: OpaquePointer?, _ weights: UnsafePointer<tw_recurrent_weights>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try .gruCell(resolve(x, "x"), hidden: resolveIfPresent(h, "h"), recurrentWeights(weights))
    }
}
