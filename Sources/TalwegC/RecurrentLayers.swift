import CTalweg
import Talweg

/// The caller's options.
private func recurrentOptions(_ given: UnsafePointer<tw_recurrent_options>?) throws(TalwegError)
    -> (options: RecurrentOptions, rectified: Bool)
{
    let size = MemoryLayout<tw_recurrent_options>.size
    let values = try options(
        given,
        default: tw_recurrent_options(
            struct_size: size, layers: 1, bias: true, batch_first: false, bidirectional: false, rectified: false,
            projection: 0, dropout: 0, dtype: TW_FLOAT32, generator: nil),
        minimum: size)
    var options = RecurrentOptions()
    options.layers = Int(values.layers)
    options.bias = values.bias
    options.batchFirst = values.batch_first
    options.bidirectional = values.bidirectional
    options.projection = Int(values.projection)
    options.dropout = values.dropout
    options.dtype = try DType(values.dtype)
    options.generator = try resolveGenerator(values.generator)
    return (options, values.rectified)
}

/// The options of a cell, which has no layers.
private func cellOptions(_ given: UnsafePointer<tw_recurrent_options>?, _ name: String, isSimple: Bool)
    throws(TalwegError) -> (options: RecurrentOptions, rectified: Bool)
{
    let (options, rectified) = try recurrentOptions(given)
    guard options.layers == 1, !options.batchFirst, !options.bidirectional, options.projection == 0,
        options.dropout == 0
    else {
        throw TalwegError(
            .invalidArgument,
            "\(name): a cell is one step: layers is 1, projection and dropout are 0, batch_first and bidirectional "
                + "false")
    }
    guard isSimple || !rectified else {
        throw TalwegError(.invalidArgument, "\(name): rectified is of an RNN alone")
    }
    return (options, rectified)
}

private func layerOptions(_ given: UnsafePointer<tw_recurrent_options>?, _ name: String) throws(TalwegError)
    -> RecurrentOptions
{
    let (options, rectified) = try recurrentOptions(given)
    guard !rectified else { throw TalwegError(.invalidArgument, "\(name): rectified is of an RNN alone") }
    return options
}

@_cdecl("tw_rnn_new") @implementation
public func tw_rnn_new(
    _ inputs: Int64, _ hidden: Int64, _ given: UnsafePointer<tw_recurrent_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        let (options, rectified) = try recurrentOptions(given)
        return try RNN(Int(inputs), Int(hidden), rectified: rectified, options)
    }
}

@_cdecl("tw_lstm_new") @implementation
public func tw_lstm_new(
    _ inputs: Int64, _ hidden: Int64, _ given: UnsafePointer<tw_recurrent_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in try LSTM(Int(inputs), Int(hidden), layerOptions(given, "LSTM")) }
}

@_cdecl("tw_gru_new") @implementation
public func tw_gru_new(
    _ inputs: Int64, _ hidden: Int64, _ given: UnsafePointer<tw_recurrent_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in try GRU(Int(inputs), Int(hidden), layerOptions(given, "GRU")) }
}

@_cdecl("tw_rnn_cell_new") @implementation
public func tw_rnn_cell_new(
    _ inputs: Int64, _ hidden: Int64, _ given: UnsafePointer<tw_recurrent_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        let (options, rectified) = try cellOptions(given, "RNNCell", isSimple: true)
        return try RNNCell(
            Int(inputs), Int(hidden), bias: options.bias, rectified: rectified, dtype: options.dtype,
            generator: options.generator)
    }
}

@_cdecl("tw_lstm_cell_new") @implementation
public func tw_lstm_cell_new(
    _ inputs: Int64, _ hidden: Int64, _ given: UnsafePointer<tw_recurrent_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        let (options, _) = try cellOptions(given, "LSTMCell", isSimple: false)
        return try LSTMCell(
            Int(inputs), Int(hidden), bias: options.bias, dtype: options.dtype, generator: options.generator)
    }
}

@_cdecl("tw_gru_cell_new") @implementation
public func tw_gru_cell_new(
    _ inputs: Int64, _ hidden: Int64, _ given: UnsafePointer<tw_recurrent_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        let (options, _) = try cellOptions(given, "GRUCell", isSimple: false)
        return try GRUCell(
            Int(inputs), Int(hidden), bias: options.bias, dtype: options.dtype, generator: options.generator)
    }
}

@_cdecl("tw_rnn") @implementation
public func tw_rnn(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ h0: OpaquePointer?,
    _ weights: UnsafePointer<tw_recurrent_weights>?, _ rectified: Bool, _ batchFirst: Bool,
    _ lastHidden: UnsafeMutablePointer<OpaquePointer?>?
) -> OpaquePointer? {
    produce(scope, also: [lastHidden]) { () throws(TalwegError) in
        let (y, h) = try Tensor.rnn(
            resolve(x, "x"), hidden: resolveIfPresent(h0, "h0"), recurrentWeights(weights), rectified: rectified,
            batchFirst: batchFirst)
        return (y, [h])
    }
}
