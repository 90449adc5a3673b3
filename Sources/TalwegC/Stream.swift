import CTalweg
import Talweg

extension LeastSquaresStream: HandleObject {
    static var handleKind: HandleKind { .lstsqStream }
}

@_cdecl("tw_lstsq_stream_new") @implementation
public func tw_lstsq_stream_new(
    _ features: Int64, _ targets: Int64, _ given: UnsafePointer<tw_lstsq_stream_options>?,
    _ stream: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(stream, "stream")
        var chosen = StreamOptions()
        if given != nil {
            let read = try options(
                given, default: tw_lstsq_stream_options(), minimum: MemoryLayout<tw_lstsq_stream_options>.size)
            chosen.intercept = read.intercept
            chosen.ridge = read.ridge
            chosen.rankTolerance = read.rank_tolerance
            chosen.forgetting = read.forgetting
        }
        try give(
            LeastSquaresStream(features: Int(features), targets: Int(targets), chosen), to: stream, "stream")
    }
}

@_cdecl("tw_lstsq_stream_free") @implementation
public func tw_lstsq_stream_free(_ stream: OpaquePointer?) { free(stream, as: LeastSquaresStream.self) }

@_cdecl("tw_lstsq_stream_push") @implementation
public func tw_lstsq_stream_push(
    _ stream: OpaquePointer?, _ X: OpaquePointer?, _ y: OpaquePointer?, _ weights: OpaquePointer?
) -> tw_status {
    call { () throws(TalwegError) in
        let found: LeastSquaresStream = try resolve(stream, "stream")
        try found.push(resolve(X, "X"), resolve(y, "y"), weights: resolveIfPresent(weights, "weights"))
    }
}

@_cdecl("tw_lstsq_stream_drop") @implementation
public func tw_lstsq_stream_drop(
    _ stream: OpaquePointer?, _ X: OpaquePointer?, _ y: OpaquePointer?, _ weights: OpaquePointer?
) -> tw_status {
    call { () throws(TalwegError) in
        let found: LeastSquaresStream = try resolve(stream, "stream")
        try found.drop(resolve(X, "X"), resolve(y, "y"), weights: resolveIfPresent(weights, "weights"))
    }
}

@_cdecl("tw_lstsq_stream_merge") @implementation
public func tw_lstsq_stream_merge(_ stream: OpaquePointer?, _ other: OpaquePointer?) -> tw_status {
    call { () throws(TalwegError) in
        let found: LeastSquaresStream = try resolve(stream, "stream")
        try found.merge(resolve(other, "other"))
    }
}

@_cdecl("tw_lstsq_stream_solve") @implementation
public func tw_lstsq_stream_solve(_ stream: OpaquePointer?, _ result: UnsafeMutablePointer<OpaquePointer?>?)
    -> tw_status
{
    call { () throws(TalwegError) in
        let found: LeastSquaresStream = try resolve(stream, "stream")
        _ = try required(result, "result")
        try give(found.solve(), to: result, "result")
    }
}

@_cdecl("tw_lstsq_stream_rows") @implementation
public func tw_lstsq_stream_rows(_ stream: OpaquePointer?, _ rows: UnsafeMutablePointer<Int64>?) -> tw_status {
    call { () throws(TalwegError) in
        let found: LeastSquaresStream = try resolve(stream, "stream")
        try required(rows, "rows").pointee = Int64(found.rows)
    }
}

@_cdecl("tw_lstsq_stream_push_from") @implementation
public func tw_lstsq_stream_push_from(
    _ stream: OpaquePointer?, _ source: tw_block_source?, _ context: UnsafeMutableRawPointer?
) -> tw_status {
    call { () throws(TalwegError) in
        let found: LeastSquaresStream = try resolve(stream, "stream")
        guard let source else { throw TalwegError(.null, "source is NULL") }
        try found.push(from: { () throws(TalwegError) in try block(source, context) })
    }
}

/// The next block of the caller's, nil at the end. Tensors outlive the scope that they were made in.
private func block(_ source: tw_block_source, _ context: UnsafeMutableRawPointer?) throws(TalwegError)
    -> (X: Tensor, y: Tensor, weights: Tensor?)?
{
    var X: OpaquePointer?
    var y: OpaquePointer?
    var weights: OpaquePointer?
    return try callBack("lstsq_stream_push_from") { _, scope throws(TalwegError) in
        source(context, scope, &X, &y, &weights)
    } results: { () throws(TalwegError) -> (X: Tensor, y: Tensor, weights: Tensor?)? in
        guard let X else { return nil }
        return (try resolve(X, "X"), try resolve(y, "y"), try resolveIfPresent(weights, "weights"))
    }
}

@_cdecl("tw_lstsq_stream_push_csv") @implementation
public func tw_lstsq_stream_push_csv(
    _ stream: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ given: UnsafePointer<tw_stream_file_options>?
) -> tw_status {
    call { () throws(TalwegError) in
        let found: LeastSquaresStream = try resolve(stream, "stream")
        try found.push(csv: string(path, "path"), fileOptions(given))
    }
}

@_cdecl("tw_lstsq_stream_push_npy") @implementation
public func tw_lstsq_stream_push_npy(
    _ stream: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ given: UnsafePointer<tw_stream_file_options>?
) -> tw_status {
    call { () throws(TalwegError) in
        let found: LeastSquaresStream = try resolve(stream, "stream")
        try found.push(npy: string(path, "path"), fileOptions(given))
    }
}

private func fileOptions(_ given: UnsafePointer<tw_stream_file_options>?) throws(TalwegError) -> StreamFileOptions {
    var chosen = StreamFileOptions()
    guard given != nil else { return chosen }
    let read = try options(
        given, default: tw_stream_file_options(), minimum: MemoryLayout<tw_stream_file_options>.size)
    chosen.targetColumn = Int(read.target_column)
    chosen.weightColumn = Int(read.weight_column)
    if read.target_path != nil { chosen.targetPath = try string(read.target_path, "target_path") }
    if read.weight_path != nil { chosen.weightPath = try string(read.weight_path, "weight_path") }
    chosen.delimiter = Character(Unicode.Scalar(UInt8(bitPattern: read.delimiter)))
    chosen.skipLines = Int(read.skip_lines)
    if let progress = read.progress {
        let context = read.context
        chosen.callback = { rows in progress(context, Int64(rows)) != 0 }
    }
    return chosen
}

@_cdecl("tw_lstsq_stream_save") @implementation
public func tw_lstsq_stream_save(
    _ stream: OpaquePointer?, _ bytes: UnsafeMutableRawPointer?, _ capacity: Int, _ needed: UnsafeMutablePointer<Int>?
) -> tw_status {
    call { () throws(TalwegError) in
        let found: LeastSquaresStream = try resolve(stream, "stream")
        let size = found.byteCount
        needed?.pointee = size
        guard let bytes else {
            guard capacity == 0 else { throw TalwegError(.null, "bytes is NULL and capacity is \(capacity)") }
            return
        }
        guard capacity < 0 || capacity >= size else {
            throw TalwegError(.invalidArgument, "lstsq_stream_save: \(size) bytes are needed; there are \(capacity)")
        }
        found.save(to: bytes)
    }
}

@_cdecl("tw_lstsq_stream_load") @implementation
public func tw_lstsq_stream_load(
    _ bytes: UnsafeRawPointer?, _ size: Int, _ stream: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(stream, "stream")
        guard let bytes else { throw TalwegError(.null, "bytes is NULL") }
        guard size >= 0 else { throw TalwegError(.invalidArgument, "size is more than memory has") }
        try give(
            LeastSquaresStream.load(UnsafeRawBufferPointer(start: bytes, count: size)), to: stream, "stream")
    }
}
