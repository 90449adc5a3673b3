import CTalweg
import Talweg

extension BagMode {
    init(_ mode: tw_bag_mode) throws(TalwegError) {
        let value = Int32(bitPattern: mode.rawValue)
        guard let found = BagMode(rawValue: value) else {
            throw TalwegError(.invalidArgument, "embedding_bag: mode \(value) is no tw_bag_mode")
        }
        self = found
    }
}

/// A row of a table, or nil for -1.
private func padding(_ index: Int64) -> Int? { index == -1 ? nil : Int(index) }

private func bagOptions(_ given: UnsafePointer<tw_bag_options>?) throws(TalwegError) -> tw_bag_options {
    try options(
        given,
        default: tw_bag_options(
            struct_size: MemoryLayout<tw_bag_options>.size, mode: TW_BAG_MEAN, padding: -1, last_offset: false),
        minimum: MemoryLayout<tw_bag_options>.size)
}

private func embeddingOptions(_ given: UnsafePointer<tw_embedding_options>?) throws(TalwegError)
    -> tw_embedding_options
{
    try options(
        given,
        default: tw_embedding_options(
            struct_size: MemoryLayout<tw_embedding_options>.size, dtype: TW_FLOAT32, padding: -1, max_norm: 0,
            norm_order: 2, initializer: TW_INIT_DEFAULT, scale: 1, generator: nil, weight: nil, frozen: false),
        minimum: MemoryLayout<tw_embedding_options>.size)
}

extension tw_embedding_options {
    fileprivate func limit() throws(TalwegError) -> Embedding.RowLimit? {
        max_norm == 0 ? nil : try Embedding.RowLimit(norm: max_norm, order: norm_order)
    }

    /// The caller's own weight, of the shape that it says.
    fileprivate func given(_ rows: Int64, _ width: Int64, _ name: String) throws(TalwegError) -> Tensor? {
        guard let table: Tensor = try resolveIfPresent(weight, "weight") else { return nil }
        guard table.shape.dims == [Int(rows), Int(width)] else {
            throw TalwegError(.shape, "\(name): the weight has shape \(table.shape), not [\(rows), \(width)]")
        }
        return table
    }
}

@_cdecl("tw_embedding_padded") @implementation
public func tw_embedding_padded(
    _ scope: OpaquePointer?, _ table: OpaquePointer?, _ ids: OpaquePointer?, _ index: Int64
) -> OpaquePointer? {
    binary(scope, table, ids) { table, ids throws(TalwegError) in try table.embedding(ids, padding: padding(index)) }
}

@_cdecl("tw_embedding_limit") @implementation
public func tw_embedding_limit(_ table: OpaquePointer?, _ ids: OpaquePointer?, _ norm: Double, _ order: Double)
    -> tw_status
{
    call { () throws(TalwegError) in
        let found: Tensor = try resolve(table, "table")
        try found.limitRows(resolve(ids, "ids"), norm: norm, order: order)
    }
}

@_cdecl("tw_embedding_bag") @implementation
public func tw_embedding_bag(
    _ scope: OpaquePointer?, _ table: OpaquePointer?, _ ids: OpaquePointer?, _ offsets: OpaquePointer?,
    _ weights: OpaquePointer?, _ given: UnsafePointer<tw_bag_options>?
) -> OpaquePointer? {
    binary(scope, table, ids) { table, ids throws(TalwegError) in
        let options = try bagOptions(given)
        return try table.embeddingBag(
            ids, offsets: resolveIfPresent(offsets, "offsets"), weights: resolveIfPresent(weights, "weights"),
            mode: BagMode(options.mode), padding: padding(options.padding), lastOffset: options.last_offset)
    }
}

@_cdecl("tw_embedding_new") @implementation
public func tw_embedding_new(
    _ rows: Int64, _ width: Int64, _ given: UnsafePointer<tw_embedding_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        let options = try embeddingOptions(given)
        let row = padding(options.padding)
        if let weight = try options.given(rows, width, "embedding") {
            return try Embedding(weight, padding: row, limit: options.limit(), frozen: options.frozen)
        }
        let made = try Embedding(
            Int(rows), Int(width), padding: row, limit: options.limit(), dtype: DType(options.dtype),
            initializer: Initializer(options.initializer, scale: options.scale),
            generator: resolveGenerator(options.generator))
        if options.frozen { try made.parameter("weight")?.setRequiresGrad(false) }
        return made
    }
}

@_cdecl("tw_embedding_bag_new") @implementation
public func tw_embedding_bag_new(
    _ rows: Int64, _ width: Int64, _ given: UnsafePointer<tw_embedding_options>?,
    _ bag: UnsafePointer<tw_bag_options>?, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        let options = try embeddingOptions(given)
        let bag = try bagOptions(bag)
        let row = padding(options.padding == -1 ? bag.padding : options.padding)
        let mode = try BagMode(bag.mode)
        if let weight = try options.given(rows, width, "embedding_bag") {
            return try EmbeddingBag(
                weight, mode: mode, padding: row, limit: options.limit(), lastOffset: bag.last_offset,
                frozen: options.frozen)
        }
        let made = try EmbeddingBag(
            Int(rows), Int(width), mode: mode, padding: row, limit: options.limit(), lastOffset: bag.last_offset,
            dtype: DType(options.dtype), initializer: Initializer(options.initializer, scale: options.scale),
            generator: resolveGenerator(options.generator))
        if options.frozen { try made.parameter("weight")?.setRequiresGrad(false) }
        return made
    }
}
