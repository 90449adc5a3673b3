import Synchronization
import Testing

@testable import Talweg

@Suite struct ThreadPoolTests {
    @Test func everyChunkOnce() throws {
        let before = threads
        defer { try? setThreads(before) }
        for count in [1, 2, 5] {
            try setThreads(count)
            for chunks in [0, 1, 2, 17, 1000] {
                var seen = [Int](repeating: 0, count: chunks)
                seen.withUnsafeMutableBufferPointer { buffer in
                    nonisolated(unsafe) let buffer = buffer
                    ThreadPool.run(chunks: chunks) { chunk in buffer[chunk] += 1 }
                }
                #expect(seen.allSatisfy { $0 == 1 })
            }
        }
    }

    @Test func nestedCallsRunInPlace() throws {
        let before = threads
        defer { try? setThreads(before) }
        try setThreads(3)
        let total = Atomic<Int>(0)
        ThreadPool.run(chunks: 8) { _ in
            ThreadPool.run(chunks: 8) { _ in total.wrappingAdd(1, ordering: .relaxed) }
        }
        #expect(total.load(ordering: .relaxed) == 64)
    }

    @Test func limits() {
        #expect { try setThreads(0) } throws: { ($0 as? TalwegError)?.status == .invalidArgument }
        #expect { try setThreads(1025) } throws: { ($0 as? TalwegError)?.status == .invalidArgument }
    }
}
