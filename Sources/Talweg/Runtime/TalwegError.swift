/// How a call ended; the raw values are those of `tw_status` in the C header.
public enum Status: Int32, Sendable {
    case ok = 0
    case invalidArgument = 1
    case null = 2
    case invalidHandle = 3
    case shape = 4
    case dtype = 5
    case index = 6
    case outOfMemory = 7
    case io = 8
    case format = 9
    case numeric = 10
    case diverged = 11
    case cancelled = 12
    case state = 13
    case unsupported = 14
    case `internal` = 15
}

/// The one error that the engine throws: a status and what was wrong, with the values.
public struct TalwegError: Error, Equatable, CustomStringConvertible, Sendable {
    public let status: Status
    public let message: String

    public init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }

    public var description: String { message }

    static func invalid(_ message: String) -> TalwegError { TalwegError(.invalidArgument, message) }
    static func shape(_ message: String) -> TalwegError { TalwegError(.shape, message) }
    static func dtype(_ message: String) -> TalwegError { TalwegError(.dtype, message) }
    static func index(_ message: String) -> TalwegError { TalwegError(.index, message) }
    static func numeric(_ message: String) -> TalwegError { TalwegError(.numeric, message) }
    static func state(_ message: String) -> TalwegError { TalwegError(.state, message) }
    static func io(_ message: String) -> TalwegError { TalwegError(.io, message) }
    static func format(_ message: String) -> TalwegError { TalwegError(.format, message) }
    static func unsupported(_ message: String) -> TalwegError { TalwegError(.unsupported, message) }
    static func `internal`(_ message: String) -> TalwegError { TalwegError(.internal, message) }
    static func outOfMemory(bytes: Int) -> TalwegError {
        TalwegError(.outOfMemory, "out of memory: \(bytes) bytes were wanted")
    }
}
