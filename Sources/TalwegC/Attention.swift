import CTalweg
import Talweg

/// The caller's options.
private func attentionOptions(_ given: UnsafePointer<tw_attention_options>?) throws(TalwegError) -> AttentionOptions {
    let values = try options(
        given,
        default: tw_attention_options(
            struct_size: MemoryLayout<tw_attention_options>.size, mask: nil, key_mask: nil, causal: false, scale: 0,
            dropout: 0, generator: nil),
        minimum: MemoryLayout<tw_attention_options>.size)
    var options = AttentionOptions()
    options.mask = try resolveIfPresent(values.mask, "mask")
    options.keyMask = try resolveIfPresent(values.key_mask, "key_mask")
    options.causal = values.causal
    options.scale = values.scale == 0 ? nil : values.scale
    options.dropout = values.dropout
    options.generator = try resolveGenerator(values.generator)
    return options
}

@_cdecl("tw_attention") @implementation
public func tw_attention(
    _ scope: OpaquePointer?, _ q: OpaquePointer?, _ k: OpaquePointer?, _ v: OpaquePointer?,
    _ options: UnsafePointer<tw_attention_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try .attention(resolve(q, "q"), resolve(k, "k"), resolve(v, "v"), attentionOptions(options))
    }
}

@_cdecl("tw_self_attention") @implementation
public func tw_self_attention(
    _ scope: OpaquePointer?, _ projection: OpaquePointer?, _ heads: Int64, _ keyHeads: Int64,
    _ options: UnsafePointer<tw_attention_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try .selfAttention(
            resolve(projection, "projection"), heads: Int(heads), keyHeads: Int(keyHeads), attentionOptions(options))
    }
}
