/// Residuals r(x), m numbers, of p parameters, whose sum of squares is to be small.
public protocol ResidualFunction {
    /// m
    var count: Int { get }

    /// Writes r(x). Numbers that are not finite say that it has no value there: the step is refused.
    func residuals(_ x: UnsafePointer<Double>, _ r: UnsafeMutablePointer<Double>) throws(TalwegError)

    /// Writes dr/dx [m, p], column after column, and returns true; or returns false, for differences.
    func jacobian(_ x: UnsafePointer<Double>, _ columns: UnsafeMutablePointer<Double>) throws(TalwegError) -> Bool
}

extension ResidualFunction {
    public func jacobian(_ x: UnsafePointer<Double>, _ columns: UnsafeMutablePointer<Double>)
        throws(TalwegError) -> Bool
    {
        false
    }
}

/// Residuals by functions on plain memory.
public final class FunctionResiduals: ResidualFunction {
    /// Reads x [p] and writes numbers.
    public typealias Evaluation = (UnsafePointer<Double>, UnsafeMutablePointer<Double>) throws(TalwegError) -> Void

    public let count: Int
    private let parameters: Int
    private let evaluate: Evaluation
    private let derive: Evaluation?
    private let rows: Storage?

    /// - Parameters:
    ///   - jacobian: writes dr/dx [count, p], row-major; nil: by differences
    ///   - residuals: writes r(x) [count]
    public init(count: Int, parameters: Int, jacobian: Evaluation? = nil, residuals: @escaping Evaluation)
        throws(TalwegError)
    {
        guard count >= 1, parameters >= 1 else {
            throw .invalid("least_squares: \(count) residuals of \(parameters) parameters; both must be 1 or more")
        }
        (self.count, self.parameters, evaluate, derive) = (count, parameters, residuals, jacobian)
        let (area, overflow) = count.multipliedReportingOverflow(by: parameters)
        let (bytes, over) = area.multipliedReportingOverflow(by: 8)
        guard !overflow, !over else { throw .outOfMemory(bytes: Int.max) }
        rows = jacobian == nil ? nil : try Storage(byteCount: bytes)
    }

    public func residuals(_ x: UnsafePointer<Double>, _ r: UnsafeMutablePointer<Double>) throws(TalwegError) {
        try evaluate(x, r)
    }

    public func jacobian(_ x: UnsafePointer<Double>, _ columns: UnsafeMutablePointer<Double>)
        throws(TalwegError) -> Bool
    {
        guard let derive, let rows else { return false }
        let memory = rows.pointer.assumingMemoryBound(to: Double.self)
        // What is not written shows as not finite.
        memory.update(repeating: .nan, count: count * parameters)
        try derive(x, memory)
        for j in 0..<parameters {
            for i in 0..<count { columns[j * count + i] = memory[i * parameters + j] }
        }
        return true
    }
}

/// Residuals that are tensor code, differentiated by the engine.
public final class TensorResiduals: ResidualFunction {
    public let count: Int
    private let parameters: Int
    private let function: (Tensor) throws(TalwegError) -> Tensor

    /// - Parameters:
    ///   - start: x [p], where it is evaluated once for the number of residuals
    ///   - function: r(x), float64, of any shape, which does not change
    public init(at start: Tensor, _ function: @escaping (Tensor) throws(TalwegError) -> Tensor) throws(TalwegError) {
        parameters = start.count
        self.function = function
        let first = try withRecording(false) { () throws(TalwegError) in
            try function(start.cast(to: .float64).detach())
        }
        count = first.count
    }

    public func residuals(_ x: UnsafePointer<Double>, _ r: UnsafeMutablePointer<Double>) throws(TalwegError) {
        let leaf = try point(x)
        let value = try withRecording(false) { () throws(TalwegError) in try checked(function(leaf)) }
        let values = try value.view.contiguous()
        r.update(from: values.pointer(as: Double.self), count: count)
        withExtendedLifetime(values) {}
    }

    public func jacobian(_ x: UnsafePointer<Double>, _ columns: UnsafeMutablePointer<Double>)
        throws(TalwegError) -> Bool
    {
        let leaf = try point(x)
        try leaf.setRequiresGrad(true)
        let value = try withRecording(true) { () throws(TalwegError) in try checked(function(leaf)) }
        let found = try value.jacobian(wrt: [leaf])
        guard let first = found.first else { throw .internal("least_squares: no Jacobian") }
        let transposed = try first.reshape([count, parameters]).transpose().view.contiguous()
        columns.update(from: transposed.pointer(as: Double.self), count: count * parameters)
        withExtendedLifetime(transposed) {}
        return true
    }

    private func point(_ x: UnsafePointer<Double>) throws(TalwegError) -> Tensor {
        let view = try View(uninitialized: Shape([parameters]), .float64)
        view.pointer(as: Double.self).update(from: x, count: parameters)
        return Tensor(view)
    }

    private func checked(_ r: Tensor) throws(TalwegError) -> Tensor {
        guard r.count == count else {
            throw .shape("least_squares: the function gave \(r.count) residuals, at first \(count)")
        }
        guard r.dtype == .float64 else {
            throw .dtype("least_squares: the residuals are \(r.dtype.name); float64 is needed")
        }
        return r
    }
}
