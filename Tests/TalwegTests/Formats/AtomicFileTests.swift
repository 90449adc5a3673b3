import Glibc
import Testing

@testable import Talweg

@Suite struct AtomicFileTests {
    private func replace(_ path: String, _ text: String, commit: Bool = true) throws {
        let file = try AtomicFile(path: path, caller: "test")
        try file.write(Array(text.utf8))
        if commit { try file.commit() }
    }

    private func mode(_ path: String) -> UInt32 {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    @Test func replacesAsAWhole() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a")
        try replace(path, "one")
        #expect(contents(of: path) == Array("one".utf8))
        try replace(path, "lost", commit: false)
        #expect(contents(of: path) == Array("one".utf8))
        #expect(folder.names == ["a"])
        // Until it is committed the old one is there, and both writers do their work.
        let (first, second) = (
            try AtomicFile(path: path, caller: "test"), try AtomicFile(path: path, caller: "test")
        )
        try first.write(Array("first".utf8))
        try second.write(Array("second".utf8))
        #expect(contents(of: path) == Array("one".utf8))
        try second.commit()
        #expect(contents(of: path) == Array("second".utf8))
        try first.commit()
        #expect(contents(of: path) == Array("first".utf8))
        #expect(folder.names == ["a"])
    }

    @Test func piecesOfAnySize() throws {
        let folder = try TemporaryFolder()
        let file = try AtomicFile(path: folder.file("a"), caller: "test")
        var expected: [UInt8] = []
        for count in [0, 1, 1 << 18, 3, (1 << 18) - 1, 2, 1 << 20, (1 << 18) + 1, 5] {
            let piece = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ count) }
            try file.write(piece)
            expected += piece
        }
        try file.commit()
        #expect(contents(of: folder.file("a")) == expected)
    }

    @Test func keepsPermissionsAndLinks() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a")
        let mask = umask(0o022)
        umask(mask)
        try replace(path, "one")
        #expect(mode(path) == 0o666 & ~mask)
        for bits: mode_t in [0o600, 0o644, 0o755] {
            chmod(path, bits)
            try replace(path, "two")
            #expect(mode(path) == bits)
        }
        symlink("a", folder.file("link"))
        try replace(folder.file("link"), "three")
        #expect(contents(of: path) == Array("three".utf8))
        var status = stat()
        #expect(lstat(folder.file("link"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    }

    @Test func failures() throws {
        let folder = try TemporaryFolder()
        for path in [
            folder.file("none/a"), folder.path, folder.path + "/", "/proc/none/a",
            folder.file(String(repeating: "n", count: 300)),
        ] {
            let error = failure { try replace(path, "text") }
            #expect(error.status == .io && error.message.contains(path), "\(error)")
        }
        #expect(failure { try replace("", "text") }.status == .invalidArgument)
        #expect(failure { try replace("/tmp/a\0b", "text") }.status == .invalidArgument)
        let error = failure { try replace(folder.file("none/a"), "text") }
        #expect(error.message == "test: \(folder.file("none/a")): No such file or directory")
        mkfifo(folder.file("pipe"), 0o600)
        #expect(failure { try replace(folder.file("pipe"), "text") }.status == .io)
        #expect(folder.names == ["pipe"])
    }

    @Test(.enabled(if: geteuid() != 0, "the superuser may write everywhere")) func readOnly() throws {
        let folder = try TemporaryFolder()
        try replace(folder.file("a"), "one")
        chmod(folder.file("a"), 0o444)
        #expect(failure { try replace(folder.file("a"), "two") }.status == .io)
        chmod(folder.path, 0o555)
        #expect(failure { try replace(folder.file("b"), "two") }.status == .io)
        chmod(folder.path, 0o755)
        #expect(contents(of: folder.file("a")) == Array("one".utf8))
    }

    @Test func devices() throws {
        try replace("/dev/null", "text")
        var status = stat()
        #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
        let error = failure { try replace("/dev/full", "text") }
        #expect(error.status == .io && error.message.contains("No space left"))
    }
}
