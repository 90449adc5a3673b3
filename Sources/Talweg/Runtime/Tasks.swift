import Synchronization

/// Calls `body` once for each task, on several threads, each with a workspace of its own. Which thread does
/// which task is left to chance, so a task's result may depend on its number alone.
func runTasks(_ count: Int, workspaceBytes: Int, _ body: (Int, UnsafeMutableRawPointer) -> Void)
    throws(TalwegError)
{
    if count <= 0 { return }
    let workers = min(ThreadPool.threads, count)
    let (each, over) = max(workspaceBytes, 0).addingReportingOverflow(63)
    let (bytes, overflow) = (each & ~63).multipliedReportingOverflow(by: workers)
    guard !over, !overflow else { throw .outOfMemory(bytes: Int.max) }
    let workspace = try Workspace(byteCount: bytes)
    let memory = workspace.pointer
    if workers == 1 {
        for task in 0..<count { body(task, memory) }
        return
    }
    let next = Atomic<Int>(0)
    ThreadPool.run(chunks: workers) { worker in
        while true {
            let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
            if task >= count { return }
            body(task, memory + worker * (each & ~63))
        }
    }
}

extension ThreadPool {
    /// The same for chunks that may fail: when all are done, the first one's error is thrown.
    static func run(chunks: Int, _ body: (Int) throws(TalwegError) -> Void) throws(TalwegError) {
        if chunks <= 1 {
            if chunks == 1 { try body(0) }
            return
        }
        var errors = [TalwegError?](repeating: nil, count: chunks)
        errors.withUnsafeMutableBufferPointer { errors in
            run(chunks: chunks) { chunk in
                do throws(TalwegError) { try body(chunk) } catch { errors[chunk] = error }
            }
        }
        for error in errors { if let error { throw error } }
    }
}
