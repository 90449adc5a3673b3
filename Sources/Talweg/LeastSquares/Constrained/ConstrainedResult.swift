import TalwegKernels

/// A least-squares fit under constraints. Holds copies of all it tells; tensors have the dtype of X (float64 for
/// integers) and, for a y of [n], no axis of targets.
public final class ConstrainedResult: @unchecked Sendable {
    public internal(set) var stopReason = StopReason.closedForm
    /// Systems that were solved, of the target that took the most.
    public internal(set) var iterations = 0
    let p, k, equalities, inequalities: Int
    let b, pushes, places, constants, squares, optimality: UnsafeMutablePointer<Double>
    let equalityMultipliers, inequalityMultipliers: UnsafeMutablePointer<Double>
    private let dtype: DType
    private let manyTargets: Bool
    private let space: Storage

    init(_ problem: LinearProblem, _ set: ConstraintSet, dtype: DType, manyTargets: Bool) throws(TalwegError) {
        (p, k, equalities, inequalities) = (problem.p, problem.k, set.equalities, set.inequalities)
        self.dtype = dtype.isFloating ? dtype : .float64
        self.manyTargets = manyTargets
        let (area, over) = p.multipliedReportingOverflow(by: k)
        let (first, overflow) = equalities.multipliedReportingOverflow(by: k)
        let (second, excess) = inequalities.multipliedReportingOverflow(by: k)
        guard !over, !overflow, !excess else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: slabBytes(area, area, area, k, k, k, first, second))
        var slab = Slab(space.pointer)
        b = slab.doubles(area)
        pushes = slab.doubles(area)
        places = slab.doubles(area)
        constants = slab.doubles(k)
        squares = slab.doubles(k)
        optimality = slab.doubles(k)
        equalityMultipliers = slab.doubles(first)
        inequalityMultipliers = slab.doubles(second)
    }

    /// [p] or [k, p]
    public func coefficientTensor() throws(TalwegError) -> Tensor { try tensor(b, [p]) }
    /// [] or [k]; zeros if none was fitted.
    public func interceptTensor() throws(TalwegError) -> Tensor { try tensor(constants, []) }
    /// int64 [p] or [k, p]: -1 at the lower bound, 1 at the upper, else 0.
    public func activeTensor() throws(TalwegError) -> Tensor { try tensor(places, [p], .int64) }
    /// Derivatives of half the minimum by the bounds, [p] or [k, p].
    public func boundMultiplierTensor() throws(TalwegError) -> Tensor { try tensor(pushes, [p]) }
    /// [q] or [k, q]
    public func equalityMultiplierTensor() throws(TalwegError) -> Tensor {
        try tensor(equalityMultipliers, [equalities])
    }
    /// [r] or [k, r], 0 or more.
    public func inequalityMultiplierTensor() throws(TalwegError) -> Tensor {
        try tensor(inequalityMultipliers, [inequalities])
    }
    /// Weighted residual sums of squares, [] or [k].
    public func residualSumOfSquares() throws(TalwegError) -> Tensor { try tensor(squares, []) }
    /// The largest violation of the conditions of an optimum, [] or [k].
    public func optimalityTensor() throws(TalwegError) -> Tensor { try tensor(optimality, []) }

    private func tensor(_ values: UnsafeMutablePointer<Double>, _ dims: [Int], _ type: DType? = nil)
        throws(TalwegError) -> Tensor
    {
        let out = try View(uninitialized: Shape(manyTargets ? [k] + dims : dims, for: "constrained"), type ?? dtype)
        kernels.cast(from: .float64, to: type ?? dtype)(out.count, values, 1, out.pointer, 1)
        return Tensor(out)
    }

    /// X b + c for rows [m, p], or [m] with one column: [m] or [m, k].
    public func predict(_ X: Tensor) throws(TalwegError) -> Tensor {
        try predictLinear(
            X, b, p: p, constants, k: k, manyTargets: manyTargets, dtype: X.dtype.isFloating ? X.dtype : .float64)
    }
}
