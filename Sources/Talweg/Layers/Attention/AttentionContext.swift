/// What layers with attention are told beside their inputs. Masks are as in `AttentionOptions`: bool (true: attend)
/// or floating (added), broadcast to [batch, heads, queries, keys]; those of keys are bool [batch, keys], false for
/// padding.
public struct AttentionContext {
    public var mask: Tensor?
    public var keyMask: Tensor?
    /// No query sees what comes after it.
    public var causal = false
    /// The same of a decoder's attention to its memory.
    public var memoryMask: Tensor?
    public var memoryKeyMask: Tensor?
    public var memoryCausal = false
    /// What was seen before, for decoding step by step.
    public var cache: KeyValueCache?

    public init() {}

    /// Of the attention to the memory, which is the context's `mask` there.
    var ofMemory: AttentionContext {
        var context = AttentionContext()
        (context.mask, context.keyMask, context.causal) = (memoryMask, memoryKeyMask, memoryCausal)
        context.cache = cache
        return context
    }
}

/// A module of sequences with attention: one of a transformer's layers, or a stack of them.
public protocol SequenceBlock: Module {
    /// - Parameters:
    ///   - x: [T, B, width], or [B, T, width] if the layer is batch first
    ///   - memory: what a decoder attends to, [S, B, width] or [B, S, width]; nil for an encoder
    func forward(_ x: Tensor, memory: Tensor?, _ context: AttentionContext) throws(TalwegError) -> Tensor
}
