#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Memory from the system and back, in sizes of `SizeClass`.
enum SystemMemory {
    /// From here on blocks are mappings of their own, which go back to the system as a
    /// whole and at once.
    private static let mapped = 1 << 20
    /// From here on they are made of huge pages where the system has them.
    private static let huge = 4 << 20
    private static let hugePage = 2 << 20

    static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        if byteCount >= huge, let block = mapAligned(byteCount) { return block }
        if byteCount >= mapped { return map(byteCount) }
        var block: UnsafeMutableRawPointer?
        return posix_memalign(&block, SizeClass.line, byteCount) == 0 ? block : nil
    }

    static func free(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
        if byteCount >= mapped {
            munmap(block, byteCount)
        } else {
            #if canImport(Glibc)
            Glibc.free(block)
            #else
            Darwin.free(block)
            #endif
        }
    }

    private static func map(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        #if os(Linux)
        let anonymous = MAP_ANONYMOUS
        #else
        let anonymous = MAP_ANON
        #endif
        let block = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | anonymous, -1, 0)
        return block == MAP_FAILED ? nil : block
    }

    /// From the start of a huge page on: what lies before and behind is unmapped.
    private static func mapAligned(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        guard let whole = map(byteCount + hugePage) else { return nil }
        let address = Int(bitPattern: whole)
        let before = (address + hugePage - 1) / hugePage * hugePage - address
        let block = whole + before
        if before > 0 { munmap(whole, before) }
        if before < hugePage { munmap(block + byteCount, hugePage - before) }
        #if os(Linux)
        // Of whole huge pages only: the rest of the last one may never be touched.
        madvise(block, byteCount / hugePage * hugePage, MADV_HUGEPAGE)
        #endif
        return block
    }

    /// The limit on the process's address space, if it has one.
    static var addressSpaceLimit: Int? {
        var limit = rlimit()
        #if canImport(Glibc)
        let status = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        #else
        let status = getrlimit(RLIMIT_AS, &limit)
        #endif
        return status == 0 ? Int(exactly: limit.rlim_cur) : nil
    }
}

/// The bytes that the machine has, or that its control group allows (Linux, version 2).
let memoryLimit: Int = {
    let (bytes, overflow) = Int(sysconf(Int32(_SC_PHYS_PAGES)))
        .multipliedReportingOverflow(by: Int(sysconf(Int32(_SC_PAGESIZE))))
    let physical = overflow || bytes <= 0 ? 1 << 46 : min(bytes, 1 << 46)
    guard let file = fopen("/sys/fs/cgroup/memory.max", "r") else { return physical }
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 32)
    guard fgets(&text, 32, file) != nil else { return physical }
    // "max" where there is no limit, which is no number.
    let limit = strtol(text, nil, 10)
    return limit > 0 ? min(physical, limit) : physical
}()
