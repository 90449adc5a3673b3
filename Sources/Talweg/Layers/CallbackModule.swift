/// A module whose forward pass is a function of the caller's.
public final class CallbackModule: Module {
    private let body: (Tensor) throws(TalwegError) -> Tensor
    private var running = 0

    public init(_ body: @escaping (Tensor) throws(TalwegError) -> Tensor) { self.body = body }

    /// - Throws: state if the function calls its own module without end.
    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        guard running < Module.maximumDepth else {
            throw .state("forward: the module's function calls it again, \(running) calls deep")
        }
        running += 1
        defer { running -= 1 }
        return try body(x)
    }
}
