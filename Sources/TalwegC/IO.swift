import CTalweg
import Talweg

extension SafetensorsFile: HandleObject { static var handleKind: HandleKind { .safetensors } }

@_cdecl("tw_safetensors_save") @implementation
public func tw_safetensors_save(
    _ path: UnsafePointer<CChar>?, _ names: UnsafePointer<UnsafePointer<CChar>?>?,
    _ tensors: UnsafePointer<OpaquePointer?>?, _ count: Int64
) -> tw_status {
    call { () throws(TalwegError) in
        let path = try string(path, "path")
        guard count >= 0 else { throw TalwegError(.invalidArgument, "safetensors_save: count is \(count)") }
        var named: [(name: String, tensor: Tensor)] = []
        for index in 0..<Int(count) {
            guard let names, let tensors else { throw TalwegError(.null, "names or tensors is NULL") }
            named.append((try string(names[index], "name"), try resolve(tensors[index], "tensor")))
        }
        try Safetensors.save(named, to: path)
    }
}

@_cdecl("tw_safetensors_open") @implementation
public func tw_safetensors_open(_ path: UnsafePointer<CChar>?, _ file: UnsafeMutablePointer<OpaquePointer?>?)
    -> tw_status
{
    call { () throws(TalwegError) in
        _ = try required(file, "file")
        try give(try SafetensorsFile(path: string(path, "path")), to: file, "file")
    }
}

@_cdecl("tw_safetensors_free") @implementation
public func tw_safetensors_free(_ file: OpaquePointer?) { free(file, as: SafetensorsFile.self) }

@_cdecl("tw_safetensors_count") @implementation
public func tw_safetensors_count(_ file: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?) -> tw_status {
    call { () throws(TalwegError) in
        let found: SafetensorsFile = try resolve(file, "file")
        try required(count, "count").pointee = Int64(found.count)
    }
}

@_cdecl("tw_safetensors_name") @implementation
public func tw_safetensors_name(
    _ file: OpaquePointer?, _ index: Int64, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ needed: UnsafeMutablePointer<Int>?
) -> tw_status {
    call { () throws(TalwegError) in
        let found: SafetensorsFile = try resolve(file, "file")
        try write(found.name(at: Int(index)), text, capacity, needed)
    }
}

@_cdecl("tw_safetensors_tensor") @implementation
public func tw_safetensors_tensor(_ scope: OpaquePointer?, _ file: OpaquePointer?, _ name: UnsafePointer<CChar>?)
    -> OpaquePointer?
{
    produce(scope) { () throws(TalwegError) in
        let found: SafetensorsFile = try resolve(file, "file")
        return try found.tensor(named: string(name, "name"))
    }
}

@_cdecl("tw_csv_read") @implementation
public func tw_csv_read(
    _ scope: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ given: UnsafePointer<tw_csv_options>?
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let options = try csvOptions(given)
        return try CSV.read(
            string(path, "path"), delimiter: delimiter(options), skipLines: Int(options.skip_lines),
            dtype: DType(options.dtype))
    }
}

@_cdecl("tw_csv_write") @implementation
public func tw_csv_write(
    _ path: UnsafePointer<CChar>?, _ tensor: OpaquePointer?, _ given: UnsafePointer<tw_csv_options>?
) -> tw_status {
    call { () throws(TalwegError) in
        let options = try csvOptions(given)
        try CSV.write(resolve(tensor, "tensor"), to: string(path, "path"), delimiter: delimiter(options))
    }
}

private func csvOptions(_ given: UnsafePointer<tw_csv_options>?) throws(TalwegError) -> tw_csv_options {
    let size = MemoryLayout<tw_csv_options>.size
    let options = try options(
        given,
        default: tw_csv_options(
            struct_size: size, delimiter: CChar(UInt8(ascii: ",")), skip_lines: 0, dtype: TW_FLOAT64),
        minimum: size)
    _ = try DType(options.dtype)
    return options
}

private func delimiter(_ options: tw_csv_options) -> Character {
    Character(Unicode.Scalar(UInt8(bitPattern: options.delimiter)))
}
