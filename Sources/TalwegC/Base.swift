import CTalweg
import Talweg
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A string of the library's own, which ends with NUL.
func constant(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

@_cdecl("tw_status_name") @implementation
public func tw_status_name(_ status: tw_status) -> UnsafePointer<CChar>? {
    switch status {
    case TW_OK: constant("TW_OK")
    case TW_ERROR_INVALID_ARGUMENT: constant("TW_ERROR_INVALID_ARGUMENT")
    case TW_ERROR_NULL: constant("TW_ERROR_NULL")
    case TW_ERROR_INVALID_HANDLE: constant("TW_ERROR_INVALID_HANDLE")
    case TW_ERROR_SHAPE: constant("TW_ERROR_SHAPE")
    case TW_ERROR_DTYPE: constant("TW_ERROR_DTYPE")
    case TW_ERROR_INDEX: constant("TW_ERROR_INDEX")
    case TW_ERROR_OUT_OF_MEMORY: constant("TW_ERROR_OUT_OF_MEMORY")
    case TW_ERROR_IO: constant("TW_ERROR_IO")
    case TW_ERROR_FORMAT: constant("TW_ERROR_FORMAT")
    case TW_ERROR_NUMERIC: constant("TW_ERROR_NUMERIC")
    case TW_ERROR_DIVERGED: constant("TW_ERROR_DIVERGED")
    case TW_ERROR_CANCELLED: constant("TW_ERROR_CANCELLED")
    case TW_ERROR_STATE: constant("TW_ERROR_STATE")
    case TW_ERROR_UNSUPPORTED: constant("TW_ERROR_UNSUPPORTED")
    case TW_ERROR_INTERNAL: constant("TW_ERROR_INTERNAL")
    default: constant("TW_ERROR_?")
    }
}

@_cdecl("tw_last_status") @implementation
public func tw_last_status() -> tw_status { tw_status(ThreadState.current.lastStatus) }

@_cdecl("tw_last_message") @implementation
public func tw_last_message() -> UnsafePointer<CChar>? {
    ThreadState.current.lastMessage.map { UnsafePointer($0) } ?? constant("")
}

@_cdecl("tw_clear_last_error") @implementation
public func tw_clear_last_error() {
    let state = ThreadState.current
    state.lastStatus = .ok
    free(state.lastMessage)
    state.lastMessage = nil
}

@_cdecl("tw_version") @implementation
public func tw_version() -> UnsafePointer<CChar>? { version.map { UnsafePointer($0) } ?? constant("") }

/// The header's, in memory that lives as long as the process.
nonisolated(unsafe) private let version: UnsafeMutablePointer<CChar>? = strdup(TW_VERSION_STRING)

@_cdecl("tw_version_number") @implementation
public func tw_version_number() -> Int64 {
    Int64(TW_VERSION_MAJOR) * 1_000_000 + Int64(TW_VERSION_MINOR) * 1000 + Int64(TW_VERSION_PATCH)
}

/// Made at the first call, with the threads there are then.
nonisolated(unsafe) private let buildInfo: UnsafeMutablePointer<CChar>? = {
    #if compiler(>=6.3)
    let compiler = "Swift 6.3 or later"
    #else
    let compiler = "Swift 6.2"
    #endif
    let sets = instructionSets
    return strdup(
        "talweg \(TW_VERSION_STRING), \(compiler), kernels: \(sets.used) (the CPU has \(sets.found.joined(separator: ", "))), "
            + "threads: \(tw_num_threads())")
}()

@_cdecl("tw_build_info") @implementation
public func tw_build_info() -> UnsafePointer<CChar>? { buildInfo.map { UnsafePointer($0) } ?? constant("talweg") }

@_cdecl("tw_set_num_threads") @implementation
public func tw_set_num_threads(_ count: Int64) -> tw_status {
    call { () throws(TalwegError) in try setThreads(Int(count)) }
}

@_cdecl("tw_num_threads") @implementation
public func tw_num_threads() -> Int64 { Int64(threads) }

@_cdecl("tw_set_cache_limit") @implementation
public func tw_set_cache_limit(_ bytes: Int64) -> tw_status {
    call { () throws(TalwegError) in try setCacheLimit(Int(bytes)) }
}

@_cdecl("tw_memory_stats") @implementation
public func tw_memory_stats(_ statistics: UnsafeMutablePointer<tw_memory_statistics>?) -> tw_status {
    call { () throws(TalwegError) in
        let out = try required(statistics, "statistics")
        let found = memoryStatistics
        try giveStruct(
            tw_memory_statistics(
                struct_size: out.pointee.struct_size, bytes_in_use: Int64(found.bytesInUse),
                bytes_cached: Int64(found.bytesCached), peak_bytes_in_use: Int64(found.peakBytes),
                cache_limit: Int64(found.cacheLimit), allocations: Int64(found.allocations),
                system_allocations: Int64(found.systemAllocations)),
            to: out, minimum: MemoryLayout<tw_memory_statistics>.size)
    }
}

@_cdecl("tw_seed") @implementation
public func tw_seed(_ seed: UInt64) { Generator.shared.set(seed: seed) }

@_cdecl("tw_live_handles") @implementation
public func tw_live_handles() -> Int64 { Int64(Handles.count) }
