import Glibc

@testable import Talweg

/// A folder that goes when the test ends.
final class TemporaryFolder {
    let path: String

    init() throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/talweg-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw TalwegError(.io, "mkdtemp: errno \(errno)") }
        path = String(cString: made)
    }

    deinit {
        for name in names { unlink(path + "/" + name) }
        rmdir(path)
    }

    func file(_ name: String) -> String { path + "/" + name }

    /// What is in it.
    var names: [String] { fileNames(in: path) }
}

/// What is in a folder, in order; nothing if it cannot be read.
func fileNames(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
            tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

/// The whole of a file, or nil.
func contents(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let got = fread(&block, 1, block.count, file)
        if got == 0 { return bytes }
        bytes += block[..<got]
    }
}

func write(_ bytes: [UInt8], to path: String) throws {
    guard let file = fopen(path, "wb"), fwrite(bytes, 1, bytes.count, file) == bytes.count, fclose(file) == 0 else {
        throw TalwegError(.io, "\(path): errno \(errno)")
    }
}

func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }

/// The package's root folder.
var packageRoot: String { parent(of: #filePath, 4) }

/// The folder of public data sets, which a user's checkout does not have.
let testData: String? = {
    let path = getenv("TALWEG_TEST_DATA").map { String(cString: $0) } ?? packageRoot + "/../shared/data"
    return access(path, R_OK) == 0 ? path : nil
}()

/// A file beside the tests in Fixtures.
func fixture(_ name: String) throws -> String {
    let path = packageRoot + "/Tests/TalwegTests/Fixtures/" + name
    guard let bytes = contents(of: path) else { throw TalwegError(.io, "\(path) is missing") }
    return String(decoding: bytes, as: UTF8.self)
}

private func parent(of path: String, _ levels: Int) -> String {
    path.split(separator: "/", omittingEmptySubsequences: false).dropLast(levels).joined(separator: "/")
}

/// The status of the error that a call ends with, and its message.
func failure<R>(_ body: () throws -> R) -> TalwegError {
    do {
        _ = try body()
        return TalwegError(.ok, "no error")
    } catch let error as TalwegError {
        return error
    } catch {
        return TalwegError(.internal, "\(error)")
    }
}
