import CTalweg
import Talweg

extension KeyValueCache: HandleObject { static var handleKind: HandleKind { .keyValueCache } }

// MARK: Caches

@_cdecl("tw_key_value_cache_new") @implementation
public func tw_key_value_cache_new(_ capacity: Int64, _ cache: UnsafeMutablePointer<OpaquePointer?>?) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(cache, "cache")
        try give(KeyValueCache(capacity: Int(capacity)), to: cache, "cache")
    }
}

@_cdecl("tw_key_value_cache_free") @implementation
public func tw_key_value_cache_free(_ cache: OpaquePointer?) { free(cache, as: KeyValueCache.self) }

@_cdecl("tw_key_value_cache_length") @implementation
public func tw_key_value_cache_length(_ cache: OpaquePointer?, _ length: UnsafeMutablePointer<Int64>?) -> tw_status {
    call { () throws(TalwegError) in
        let out = try required(length, "length")
        let found: KeyValueCache = try resolve(cache, "cache")
        out.pointee = Int64(found.length)
    }
}

@_cdecl("tw_key_value_cache_capacity") @implementation
public func tw_key_value_cache_capacity(_ cache: OpaquePointer?, _ capacity: UnsafeMutablePointer<Int64>?)
    -> tw_status
{
    call { () throws(TalwegError) in
        let out = try required(capacity, "capacity")
        let found: KeyValueCache = try resolve(cache, "cache")
        out.pointee = Int64(found.capacity)
    }
}

@_cdecl("tw_key_value_cache_reset") @implementation
public func tw_key_value_cache_reset(_ cache: OpaquePointer?) -> tw_status {
    call { () throws(TalwegError) in
        let found: KeyValueCache = try resolve(cache, "cache")
        found.reset()
    }
}

// MARK: Making modules

/// The caller's number of heads, 0 being none of their own.
private func optionalSize(_ size: Int64) -> Int? { size == 0 ? nil : Int(size) }

@_cdecl("tw_multihead_attention_new") @implementation
public func tw_multihead_attention_new(
    _ width: Int64, _ heads: Int64, _ given: UnsafePointer<tw_multihead_attention_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        let size = MemoryLayout<tw_multihead_attention_options>.size
        let values = try options(
            given,
            default: tw_multihead_attention_options(
                struct_size: size, key_heads: 0, key_width: 0, value_width: 0, bias: true, batch_first: false,
                causal: false, rotary: false, rotary_base: 10_000, dropout: 0, dtype: TW_FLOAT32, generator: nil),
            minimum: size)
        var options = MultiheadAttentionOptions()
        options.keyHeads = optionalSize(values.key_heads)
        options.keyWidth = optionalSize(values.key_width)
        options.valueWidth = optionalSize(values.value_width)
        options.bias = values.bias
        options.batchFirst = values.batch_first
        options.causal = values.causal
        options.rotaryBase = values.rotary ? values.rotary_base : nil
        options.dropout = values.dropout
        options.dtype = try DType(values.dtype)
        options.generator = try resolveGenerator(values.generator)
        return try MultiheadAttention(Int(width), heads: Int(heads), options)
    }
}

private func transformerOptions(_ given: UnsafePointer<tw_transformer_options>?) throws(TalwegError)
    -> TransformerOptions
{
    let size = MemoryLayout<tw_transformer_options>.size
    let values = try options(
        given,
        default: tw_transformer_options(
            struct_size: size, feed_forward: 2048, activation: TW_FEED_FORWARD_RELU, norm_first: false,
            root_mean_square: false, bias: true, batch_first: false, causal: false, rotary: false,
            rotary_base: 10_000, key_heads: 0, dropout: 0.1, epsilon: 1e-5, dtype: TW_FLOAT32, generator: nil),
        minimum: size)
    let activation = Int32(bitPattern: values.activation.rawValue)
    guard let function = FeedForwardActivation(rawValue: activation) else {
        throw TalwegError(.invalidArgument, "activation: \(activation) is no tw_feed_forward")
    }
    var options = TransformerOptions()
    options.feedForward = Int(values.feed_forward)
    options.activation = function
    options.normFirst = values.norm_first
    options.rootMeanSquare = values.root_mean_square
    options.bias = values.bias
    options.batchFirst = values.batch_first
    options.causal = values.causal
    options.rotaryBase = values.rotary ? values.rotary_base : nil
    options.keyHeads = optionalSize(values.key_heads)
    options.dropout = values.dropout
    options.epsilon = values.epsilon
    options.dtype = try DType(values.dtype)
    options.generator = try resolveGenerator(values.generator)
    return options
}

@_cdecl("tw_transformer_encoder_layer_new") @implementation
public func tw_transformer_encoder_layer_new(
    _ width: Int64, _ heads: Int64, _ options: UnsafePointer<tw_transformer_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try TransformerEncoderLayer(Int(width), heads: Int(heads), transformerOptions(options))
    }
}

@_cdecl("tw_transformer_decoder_layer_new") @implementation
public func tw_transformer_decoder_layer_new(
    _ width: Int64, _ heads: Int64, _ options: UnsafePointer<tw_transformer_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try TransformerDecoderLayer(Int(width), heads: Int(heads), transformerOptions(options))
    }
}

/// The caller's layers.
private func layers(_ handles: UnsafePointer<OpaquePointer?>?, _ count: Int64) throws(TalwegError) -> [Module] {
    var found: [Module] = []
    var place = 0
    while place < count {
        guard let handles else { throw TalwegError(.null, "layers is NULL") }
        found.append(try resolve(handles[place], "layer"))
        place += 1
    }
    return found
}

@_cdecl("tw_transformer_encoder_new") @implementation
public func tw_transformer_encoder_new(
    _ given: UnsafePointer<OpaquePointer?>?, _ count: Int64, _ norm: OpaquePointer?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try TransformerEncoder(layers(given, count), norm: resolveIfPresent(norm, "norm"))
    }
}

@_cdecl("tw_transformer_decoder_new") @implementation
public func tw_transformer_decoder_new(
    _ given: UnsafePointer<OpaquePointer?>?, _ count: Int64, _ norm: OpaquePointer?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try TransformerDecoder(layers(given, count), norm: resolveIfPresent(norm, "norm"))
    }
}

@_cdecl("tw_checkpointed_new") @implementation
public func tw_checkpointed_new(_ module: OpaquePointer?, _ checkpointed: UnsafeMutablePointer<OpaquePointer?>?)
    -> tw_status
{
    makeLayer(checkpointed) { () throws(TalwegError) in try Checkpointed(resolve(module, "module")) }
}

// MARK: Use

private func attentionContext(_ given: UnsafePointer<tw_attention_context>?) throws(TalwegError) -> AttentionContext {
    let size = MemoryLayout<tw_attention_context>.size
    let values = try options(
        given,
        default: tw_attention_context(
            struct_size: size, mask: nil, key_mask: nil, causal: false, memory_causal: false, memory_mask: nil,
            memory_key_mask: nil, cache: nil),
        minimum: size)
    var context = AttentionContext()
    context.mask = try resolveIfPresent(values.mask, "mask")
    context.keyMask = try resolveIfPresent(values.key_mask, "key_mask")
    context.causal = values.causal
    context.memoryMask = try resolveIfPresent(values.memory_mask, "memory_mask")
    context.memoryKeyMask = try resolveIfPresent(values.memory_key_mask, "memory_key_mask")
    context.memoryCausal = values.memory_causal
    context.cache = try resolveIfPresent(values.cache, "cache")
    return context
}

@_cdecl("tw_multihead_attention") @implementation
public func tw_multihead_attention(
    _ scope: OpaquePointer?, _ module: OpaquePointer?, _ query: OpaquePointer?, _ key: OpaquePointer?,
    _ value: OpaquePointer?, _ context: UnsafePointer<tw_attention_context>?,
    _ weights: UnsafeMutablePointer<OpaquePointer?>?
) -> OpaquePointer? {
    produce(scope, also: [weights]) { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        guard let attention = found as? MultiheadAttention else {
            throw TalwegError(.state, "multihead_attention: the module is a \(found.typeName)")
        }
        let (output, given) = try attention.attend(
            resolve(query, "query"), resolveIfPresent(key, "key"), resolveIfPresent(value, "value"),
            attentionContext(context), wantsWeights: weights != nil)
        return (output, given.map { [$0] } ?? [])
    }
}

@_cdecl("tw_transformer_forward") @implementation
public func tw_transformer_forward(
    _ scope: OpaquePointer?, _ module: OpaquePointer?, _ x: OpaquePointer?, _ memory: OpaquePointer?,
    _ context: UnsafePointer<tw_attention_context>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        guard let block = found as? SequenceBlock else {
            throw TalwegError(
                .state, "transformer_forward: the module is a \(found.typeName), no layer of a transformer")
        }
        return try block.forward(
            resolve(x, "x"), memory: resolveIfPresent(memory, "memory"), attentionContext(context))
    }
}
