import CTalweg
import Talweg

@_cdecl("tw_strided_iterator_start") @implementation
public func tw_strided_iterator_start(_ tensor: OpaquePointer?, _ iterator: UnsafeMutablePointer<tw_strided_iterator>?)
    -> tw_status
{
    start(tensor, iterator) { UnsafeMutableRawPointer(mutating: $0.data) }
}

@_cdecl("tw_strided_iterator_start_mutable") @implementation
public func tw_strided_iterator_start_mutable(
    _ tensor: OpaquePointer?, _ iterator: UnsafeMutablePointer<tw_strided_iterator>?
) -> tw_status {
    start(tensor, iterator) { $0.mutableData() }
}

private func start(
    _ tensor: OpaquePointer?, _ out: UnsafeMutablePointer<tw_strided_iterator>?,
    _ data: (Tensor) -> UnsafeMutableRawPointer
) -> tw_status {
    call { () throws(TalwegError) in
        let out = try required(out, "iterator")
        let x: Tensor = try resolve(tensor, "tensor")
        // Neighbouring axes that are one in memory become one; the last is the run.
        var axes: [(size: Int, stride: Int)] = []
        for (size, stride) in zip(x.shape.dims, x.strides) where size != 1 {
            if let last = axes.last, last.stride == stride &* size {
                axes[axes.count - 1] = (last.size &* size, stride)
            } else {
                axes.append((size, stride))
            }
        }
        let run = axes.popLast() ?? (1, 1)
        var made = tw_strided_iterator()
        made.struct_size = UnsafeRawPointer(out).loadUnaligned(as: Int.self)
        made.stride = Int64(run.stride)
        made.item_size = Int64(x.dtype.itemSize)
        made.length = Int64(run.size)
        made.runs = x.count == 0 ? 0 : Int64(axes.reduce(1) { $0 &* $1.size })
        made.rank = Int64(axes.count)
        withPlace(of: &made) { sizes, strides, _ in
            for (axis, place) in axes.enumerated() {
                sizes[axis] = Int64(place.size)
                strides[axis] = Int64(place.stride)
            }
        }
        try giveStruct(made, to: out, minimum: MemoryLayout<tw_strided_iterator>.size)
        out.pointee.data = data(x)
    }
}

@_cdecl("tw_strided_iterator_next") @implementation
public func tw_strided_iterator_next(_ iterator: UnsafeMutablePointer<tw_strided_iterator>?) -> Bool {
    guard let iterator else { return false }
    let rank = Int(iterator.pointee.rank)
    guard iterator.pointee.runs > 0, 0...maximumRank ~= rank else {
        iterator.pointee.count = 0
        return false
    }
    // A count of 0 is that of the place before the first run.
    if iterator.pointee.count != 0 {
        var moved = 0
        withPlace(of: &iterator.pointee) { sizes, strides, index in
            var axis = rank - 1
            while axis >= 0 {
                index[axis] &+= 1
                if index[axis] < sizes[axis] {
                    moved &+= Int(strides[axis])
                    break
                }
                moved &-= Int((sizes[axis] &- 1) &* strides[axis])
                index[axis] = 0
                axis -= 1
            }
        }
        iterator.pointee.data = iterator.pointee.data.map { $0 + moved &* Int(iterator.pointee.item_size) }
    }
    iterator.pointee.count = iterator.pointee.length
    iterator.pointee.runs -= 1
    return true
}

/// The iterator's arrays, each of `maximumRank`.
private func withPlace(
    of iterator: inout tw_strided_iterator,
    _ body: (UnsafeMutablePointer<Int64>, UnsafeMutablePointer<Int64>, UnsafeMutablePointer<Int64>) -> Void
) {
    withUnsafeMutableBytes(of: &iterator) { bytes in
        guard let base = bytes.baseAddress,
            let sizes = MemoryLayout<tw_strided_iterator>.offset(of: \.sizes),
            let strides = MemoryLayout<tw_strided_iterator>.offset(of: \.strides),
            let index = MemoryLayout<tw_strided_iterator>.offset(of: \.index)
        else { return }
        body(
            (base + sizes).assumingMemoryBound(to: Int64.self), (base + strides).assumingMemoryBound(to: Int64.self),
            (base + index).assumingMemoryBound(to: Int64.self))
    }
}
