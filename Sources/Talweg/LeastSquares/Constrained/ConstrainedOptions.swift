/// What is fitted under which constraints.
public struct ConstrainedOptions {
    public var intercept = true
    /// The ridge penalty, 0 or more, in the units of the sum of squares.
    public var ridge = 0.0
    /// Row weights [n], 0 or more; nil: all 1.
    public var weights: Tensor?
    /// What is known of y, subtracted first: of y's shape.
    public var offset: Tensor?
    /// Bounds of the coefficients, [p] or [] for all; infinite where there are none; nil: none.
    public var lower: Tensor?
    public var upper: Tensor?
    /// C b = d: C [q, p] and d [q].
    public var equality: (matrix: Tensor, values: Tensor)?
    /// G b <= h: G [r, p] and h [r].
    public var inequality: (matrix: Tensor, values: Tensor)?
    /// A gradient counts as zero below this share of its column's norm times the target's; negative: 10 max(n, p)
    /// times the unit roundoff.
    public var tolerance = -1.0
    /// Systems solved for a target; 0: 10 times the coefficients and inequalities, and 100.
    public var maxIterations = 0

    public init() {}

    func check() throws(TalwegError) {
        guard ridge >= 0, ridge.isFinite else {
            throw .invalid("constrained: ridge is \(ridge); it must be finite and not negative")
        }
        guard tolerance < 1 else {
            throw .invalid("constrained: tolerance is \(tolerance); it must be below 1 (negative: the default)")
        }
        guard maxIterations >= 0 else {
            throw .invalid("constrained: max_iterations is \(maxIterations); it must not be negative")
        }
    }
}
