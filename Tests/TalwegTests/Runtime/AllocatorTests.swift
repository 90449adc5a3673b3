import Foundation
import Synchronization
import Testing

@testable import Talweg

// The allocator is the process's, and other suites run meanwhile: what is counted here is the
// calling thread's own, or checked against what any use by others allows.
@Suite struct AllocatorTests {
    @Test func sizeClassesCoverEverySize() {
        var last = 0
        for index in 0..<SizeClass.count {
            let bytes = SizeClass(index: index).byteCount
            #expect(bytes > last && bytes % 64 == 0)
            // The largest of the class, and one byte more than the class before holds.
            #expect(SizeClass(holding: bytes).index == index)
            #expect(SizeClass(holding: last + 1).index == index)
            last = bytes
        }
        #expect(last == 1 << 47)
        #expect(SizeClass(holding: 0).byteCount == 64)
        for power in 6...47 { #expect(SizeClass(holding: 1 << power).byteCount == 1 << power) }
        for bytes in stride(from: 1025, to: 1 << 20, by: 977) {
            #expect(SizeClass(holding: bytes).byteCount <= bytes + bytes / 8 + 64)
        }
        #expect(SizeClass(index: SizeClass.smallCount - 1).byteCount == 32 << 10)
        #expect(!SizeClass(holding: (32 << 10) + 1).isSmall)
    }

    @Test(arguments: [0, 1, 64, 65, 1000, 32 << 10, 33 << 10, 1 << 20, (4 << 20) + 1, 9 << 20])
    func blocksAreAlignedAndApart(byteCount: Int) throws {
        var blocks: [UnsafeMutableRawPointer] = []
        for tag in 0..<20 {
            let block = try Allocator.allocate(byteCount)
            #expect(UInt(bitPattern: block) % 64 == 0)
            block.initializeMemory(as: UInt8.self, repeating: UInt8(tag), count: byteCount)
            blocks.append(block)
        }
        for (tag, block) in blocks.enumerated() where byteCount > 0 {
            let bytes = block.assumingMemoryBound(to: UInt8.self)
            #expect(bytes[0] == UInt8(tag) && bytes[byteCount / 2] == UInt8(tag) && bytes[byteCount - 1] == UInt8(tag))
        }
        for block in blocks { Allocator.free(block, byteCount) }
    }

    @Test func aFreedSmallBlockComesAgain() throws {
        let first = try Allocator.allocate(200)
        Allocator.free(first, 200)
        let second = try Allocator.allocate(256)
        #expect(first == second)
        Allocator.free(second, 256)
    }

    @Test func moreThanTheMachineHasIsRefused() {
        for bytes in [-1, memoryLimit + 1, Int.max] {
            #expect { try Allocator.allocate(bytes) } throws: { ($0 as? TalwegError)?.status == .outOfMemory }
        }
    }

    @Test func blocksPassBetweenThreads() throws {
        // Each thread frees what another took; contents show a block that two have at once.
        let threads = 4, rounds = 200, sizes = [64, 200, 4096, 40_000, 1 << 20]
        let slots = Mutex<[(block: UInt, bytes: Int, tag: UInt8)]>([])
        let wrong = Atomic<Int>(0)
        let group = DispatchGroup()
        for thread in 0..<threads {
            DispatchQueue.global().async(group: group) {
                for round in 0..<rounds {
                    let bytes = sizes[(round + thread) % sizes.count], tag = UInt8(truncatingIfNeeded: round * 4 + thread)
                    guard let block = try? Allocator.allocate(bytes) else {
                        wrong.wrappingAdd(1, ordering: .relaxed)
                        continue
                    }
                    block.initializeMemory(as: UInt8.self, repeating: tag, count: bytes)
                    let other = slots.withLock { slots in
                        slots.append((UInt(bitPattern: block), bytes, tag))
                        return slots.count > 8 ? slots.remove(at: round % 8) : nil
                    }
                    if let other, let block = UnsafeMutableRawPointer(bitPattern: other.block) {
                        let found = block.assumingMemoryBound(to: UInt8.self)
                        if found[0] != other.tag || found[other.bytes - 1] != other.tag {
                            wrong.wrappingAdd(1, ordering: .relaxed)
                        }
                        Allocator.free(block, other.bytes)
                    }
                }
            }
        }
        group.wait()
        #expect(wrong.load(ordering: .relaxed) == 0)
        slots.withLock { slots in
            for slot in slots {
                if let block = UnsafeMutableRawPointer(bitPattern: slot.block) { Allocator.free(block, slot.bytes) }
            }
        }
    }

    @Test func negativeLimitsAreRefused() {
        #expect { try setCacheLimit(-1) } throws: { ($0 as? TalwegError)?.status == .invalidArgument }
    }
}
