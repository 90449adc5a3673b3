import CTalweg
import Talweg

extension EventWriter: HandleObject { static var handleKind: HandleKind { .eventWriter } }

@_cdecl("tw_event_writer_new") @implementation
public func tw_event_writer_new(_ folder: UnsafePointer<CChar>?, _ writer: UnsafeMutablePointer<OpaquePointer?>?)
    -> tw_status
{
    call { () throws(TalwegError) in
        _ = try required(writer, "writer")
        try give(EventWriter(folder: string(folder, "folder")), to: writer, "writer")
    }
}

@_cdecl("tw_event_writer_free") @implementation
public func tw_event_writer_free(_ writer: OpaquePointer?) { free(writer, as: EventWriter.self) }

@_cdecl("tw_event_writer_add_scalar") @implementation
public func tw_event_writer_add_scalar(
    _ writer: OpaquePointer?, _ tag: UnsafePointer<CChar>?, _ value: Double, _ step: Int64
) -> tw_status {
    call { () throws(TalwegError) in
        let found: EventWriter = try resolve(writer, "writer")
        try found.addScalar(string(tag, "tag"), value, step: Int(step))
    }
}

@_cdecl("tw_event_writer_add_histogram") @implementation
public func tw_event_writer_add_histogram(
    _ writer: OpaquePointer?, _ tag: UnsafePointer<CChar>?, _ values: OpaquePointer?, _ step: Int64, _ bins: Int64
) -> tw_status {
    call { () throws(TalwegError) in
        let found: EventWriter = try resolve(writer, "writer")
        try found.addHistogram(string(tag, "tag"), resolve(values, "values"), step: Int(step), bins: Int(bins))
    }
}

@_cdecl("tw_event_writer_flush") @implementation
public func tw_event_writer_flush(_ writer: OpaquePointer?) -> tw_status {
    call { () throws(TalwegError) in
        let found: EventWriter = try resolve(writer, "writer")
        try found.flush()
    }
}

@_cdecl("tw_event_writer_close") @implementation
public func tw_event_writer_close(_ writer: OpaquePointer?) -> tw_status {
    call { () throws(TalwegError) in
        let found: EventWriter = try resolve(writer, "writer")
        try found.close()
    }
}

@_cdecl("tw_event_writer_path") @implementation
public func tw_event_writer_path(
    _ writer: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ needed: UnsafeMutablePointer<Int>?
) -> tw_status {
    call { () throws(TalwegError) in
        let found: EventWriter = try resolve(writer, "writer")
        try write(found.path, text, capacity, needed)
    }
}
