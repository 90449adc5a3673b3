import Foundation
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

    @Test func callsThatFollowCloselyAndAfterASleep() throws {
        let before = threads
        defer { try? setThreads(before) }
        for count in [2, 4] {
            try setThreads(count)
            var sum = 0
            for call in 0..<3000 {
                // Now and then the workers have gone to sleep.
                if call % 1000 == 999 { usleep(2000) }
                let total = Atomic<Int>(0)
                ThreadPool.run(chunks: 5) { chunk in total.wrappingAdd(chunk + call, ordering: .relaxed) }
                sum += total.load(ordering: .relaxed)
            }
            #expect(sum == 3000 * 10 + 5 * (3000 * 2999 / 2))
        }
    }

    @Test func concurrentCalls() throws {
        let before = threads
        defer { try? setThreads(before) }
        try setThreads(3)
        let total = Atomic<Int>(0)
        let group = DispatchGroup()
        for _ in 0..<4 {
            DispatchQueue.global().async(group: group) {
                for _ in 0..<500 {
                    ThreadPool.run(chunks: 6) { _ in total.wrappingAdd(1, ordering: .relaxed) }
                }
            }
        }
        group.wait()
        #expect(total.load(ordering: .relaxed) == 4 * 500 * 6)
    }

    @Test func limits() {
        #expect { try setThreads(0) } throws: { ($0 as? TalwegError)?.status == .invalidArgument }
        #expect { try setThreads(1025) } throws: { ($0 as? TalwegError)?.status == .invalidArgument }
    }
}
