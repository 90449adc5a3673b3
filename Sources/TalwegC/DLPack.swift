import CTalweg
import Talweg
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

// MARK: Out

@_cdecl("tw_tensor_to_dlpack_versioned") @implementation
public func tw_tensor_to_dlpack_versioned(_ tensor: OpaquePointer?, _ managed: UnsafeMutablePointer<OpaquePointer?>?)
    -> tw_status
{
    export(tensor, managed) { tensor, keeper in
        tw_dl_managed_tensor_versioned(
            major: 1, minor: 0, context: keeper,
            deleter: { managed in
                release(managed?.pointee.context)
                free(managed)
            },
            flags: 0, tensor: tensor)
    }
}

@_cdecl("tw_tensor_to_dlpack") @implementation
public func tw_tensor_to_dlpack(_ tensor: OpaquePointer?, _ managed: UnsafeMutablePointer<OpaquePointer?>?)
    -> tw_status
{
    export(tensor, managed) { tensor, keeper in
        tw_dl_managed_tensor(
            tensor: tensor, context: keeper,
            deleter: { managed in
                release(managed?.pointee.context)
                free(managed)
            })
    }
}

/// Ends what keeps an exported tensor's elements.
private func release(_ keeper: UnsafeMutableRawPointer?) {
    if let keeper { Unmanaged<Tensor>.fromOpaque(keeper).release() }
}

/// Makes the struct, its sizes and strides behind it, in one block of memory.
private func export<Managed: BitwiseCopyable>(
    _ tensor: OpaquePointer?, _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ make: (tw_dl_tensor, UnsafeMutableRawPointer) -> Managed
) -> tw_status {
    call { () throws(TalwegError) in
        let out = try required(out, "managed")
        let x: Tensor = try resolve(tensor, "tensor")
        if x.requiresGrad { throw TalwegError(.state, "dlpack: the tensor requires a gradient; detach it first") }
        let headSize = MemoryLayout<Managed>.stride
        guard let block = malloc(headSize + 2 * maximumRank * MemoryLayout<Int64>.stride) else {
            throw TalwegError(.outOfMemory, "out of memory: no room for a DLPack tensor")
        }
        let shape = (block + headSize).bindMemory(to: Int64.self, capacity: 2 * maximumRank)
        let strides = shape + maximumRank
        for (axis, (size, stride)) in zip(x.shape.dims, x.strides).enumerated() {
            (shape + axis).initialize(to: Int64(size))
            (strides + axis).initialize(to: Int64(stride))
        }
        // Of its own: the caller's may be the result of an operation, with a tape behind it.
        let keeper = Unmanaged.passRetained(x.detach()).toOpaque()
        let described = tw_dl_tensor(
            data: UnsafeMutableRawPointer(mutating: x.data), device: tw_dl_device(type: Int32(TW_DL_CPU.rawValue), id: 0),
            ndim: Int32(x.rank), dtype: tw_dl_dtype(x.dtype), shape: shape, strides: strides, byte_offset: 0)
        block.bindMemory(to: Managed.self, capacity: 1).initialize(to: make(described, keeper))
        out.pointee = OpaquePointer(block)
    }
}

// MARK: In

@_cdecl("tw_tensor_from_dlpack_versioned") @implementation
public func tw_tensor_from_dlpack_versioned(_ scope: OpaquePointer?, _ managed: OpaquePointer?) -> OpaquePointer? {
    nonisolated(unsafe) let held = managed.map { UnsafeMutablePointer<tw_dl_managed_tensor_versioned>($0) }
    return take(scope, release: { held?.pointee.deleter?(held) }) { () throws(TalwegError) in
        guard let held else { throw TalwegError(.null, "dlpack: the managed tensor is NULL") }
        guard held.pointee.major == 1 else {
            throw TalwegError(
                .unsupported, "dlpack: version \(held.pointee.major).\(held.pointee.minor); this library reads 1.x")
        }
        return (held.pointee.tensor, held.pointee.flags & UInt64(TW_DL_READ_ONLY.rawValue) != 0)
    }
}

@_cdecl("tw_tensor_from_dlpack") @implementation
public func tw_tensor_from_dlpack(_ scope: OpaquePointer?, _ managed: OpaquePointer?) -> OpaquePointer? {
    nonisolated(unsafe) let held = managed.map { UnsafeMutablePointer<tw_dl_managed_tensor>($0) }
    return take(scope, release: { held?.pointee.deleter?(held) }) { () throws(TalwegError) in
        guard let held else { throw TalwegError(.null, "dlpack: the managed tensor is NULL") }
        return (held.pointee.tensor, false)
    }
}

/// A tensor over, or with a copy of, what `describe` tells of.
private func take(
    _ scope: OpaquePointer?, release: @escaping @Sendable () -> Void,
    _ describe: () throws(TalwegError) -> (tw_dl_tensor, isReadOnly: Bool)
) -> OpaquePointer? {
    let armed = Release(release)
    var isShared = true
    let made = produce(scope) { () throws(TalwegError) in
        let (found, isReadOnly) = try describe()
        let borrowed = try borrow(found) { armed.call() }
        isShared = found.data != nil && !isReadOnly
        return isReadOnly ? try borrowed.copy() : borrowed
    }
    if made != nil {
        armed.arm()
        if !isShared { armed.call() }
    }
    return made
}

private func borrow(_ found: tw_dl_tensor, _ release: @escaping @Sendable () -> Void) throws(TalwegError) -> Tensor {
    let device = UInt32(bitPattern: found.device.type)
    guard [TW_DL_CPU, TW_DL_CUDA_HOST, TW_DL_ROCM_HOST].contains(where: { $0.rawValue == device }) else {
        throw TalwegError(
            .unsupported, "dlpack: the elements are on a device of type \(device), not in the processor's memory")
    }
    let dtype = try DType(found.dtype)
    let rank = Int64(found.ndim)
    let shape = try shape(found.shape, rank, for: "dlpack")
    let strides = found.strides == nil ? nil : try integers(found.strides, rank, "strides")
    guard let data = found.data else {
        guard shape.count == 0 else { throw TalwegError(.null, "dlpack: the data is NULL and the shape is \(shape)") }
        return try .zeros(shape, dtype)
    }
    let (address, over) = UInt(bitPattern: data).addingReportingOverflow(UInt(found.byte_offset))
    guard !over, let first = UnsafeMutableRawPointer(bitPattern: address) else {
        throw TalwegError(.invalidArgument, "dlpack: a byte offset of \(found.byte_offset) reaches beyond all memory")
    }
    return try Tensor(borrowing: first, shape, strides: strides, dtype, release: release)
}

// MARK: Types

extension tw_dl_dtype {
    fileprivate init(_ dtype: DType) {
        self.init(code: UInt8(dtype.dlpackCode.rawValue), bits: UInt8(8 * dtype.itemSize), lanes: 1)
    }
}

extension DType {
    fileprivate var dlpackCode: tw_dl_code {
        switch self {
        case .bool: TW_DL_BOOL
        case .int8, .int16, .int32, .int64: TW_DL_INT
        case .uint8, .uint16, .uint32, .uint64: TW_DL_UINT
        case .float16, .float32, .float64: TW_DL_FLOAT
        case .bfloat16: TW_DL_BFLOAT
        }
    }

    fileprivate init(_ found: tw_dl_dtype) throws(TalwegError) {
        guard found.lanes == 1 else { throw TalwegError(.dtype, "dlpack: elements of \(found.lanes) lanes, not one") }
        for dtype in DType.allCases
        where dtype.dlpackCode.rawValue == found.code && 8 * dtype.itemSize == Int(found.bits) {
            self = dtype
            return
        }
        throw TalwegError(.dtype, "dlpack: no dtype is of code \(found.code) and \(found.bits) bits")
    }
}
