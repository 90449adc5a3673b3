import CTalweg
import Talweg

extension BlockProblem: HandleObject {
    static var handleKind: HandleKind { .problem }
}

/// Residual blocks by a C function.
private final class CBlockFunction: BlockFunction {
    private let given: tw_residual_blocks
    private let sizes: [Int]
    private var parameters: [UnsafePointer<Double>?]
    private var jacobians: [UnsafeMutablePointer<Double>?]

    init(_ given: tw_residual_blocks, sizes: [Int]) {
        self.given = given
        self.sizes = sizes
        parameters = [UnsafePointer<Double>?](repeating: nil, count: sizes.count)
        jacobians = [UnsafeMutablePointer<Double>?](repeating: nil, count: sizes.count)
    }

    var hasDerivatives: Bool { given.derivatives }

    func evaluate(
        first: Int, count: Int, parameters given: UnsafePointer<UnsafePointer<Double>>,
        residuals: UnsafeMutablePointer<Double>, jacobians wanted: UnsafePointer<UnsafeMutablePointer<Double>?>?
    ) throws(TalwegError) {
        let own = self.given, arity = sizes.count, m = Int(own.residual_count)
        var code: Int32 = 0, failed = 0
        parameters.withUnsafeMutableBufferPointer { x in
            jacobians.withUnsafeMutableBufferPointer { j in
                for k in 0..<arity {
                    x[k] = given[k]
                    j[k] = wanted?[k]
                }
                if let batch = own.batch {
                    code = batch(
                        own.context, Int64(first), Int64(count), x.baseAddress, residuals,
                        wanted == nil ? nil : j.baseAddress)
                    return
                }
                guard let function = own.function else { return }
                for i in 0..<count {
                    code = function(
                        own.context, Int64(first + i), x.baseAddress, residuals + i * m,
                        wanted == nil ? nil : j.baseAddress)
                    if code != 0 {
                        failed = i
                        return
                    }
                    for k in 0..<arity {
                        x[k] = x[k].map { $0 + sizes[k] }
                        j[k] = j[k].map { $0 + m * sizes[k] }
                    }
                }
            }
        }
        guard code == 0 else {
            throw TalwegError(
                .cancelled, "problem: the function of residual block \(first + failed) returned \(code)")
        }
    }
}

private final class CManifold: CustomManifold {
    let tangentSize: Int
    private let plus: tw_plus_function
    private let jacobian: tw_plus_jacobian_function
    private let context: UnsafeMutableRawPointer?

    init(_ given: tw_parameter_blocks) throws(TalwegError) {
        guard let plus = given.plus, let jacobian = given.plus_jacobian else {
            throw TalwegError(.null, "problem: a custom manifold needs plus and plus_jacobian")
        }
        (self.plus, self.jacobian, context) = (plus, jacobian, given.context)
        tangentSize = Int(given.tangent_size)
    }

    func plus(_ x: UnsafePointer<Double>, _ d: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>)
        throws(TalwegError)
    {
        let code = plus(context, x, d, y)
        guard code == 0 else { throw TalwegError(.cancelled, "problem: plus returned \(code)") }
    }

    func derive(_ x: UnsafePointer<Double>, _ j: UnsafeMutablePointer<Double>) throws(TalwegError) {
        let code = jacobian(context, x, j)
        guard code == 0 else { throw TalwegError(.cancelled, "problem: plus_jacobian returned \(code)") }
    }
}

private func manifold(_ given: tw_parameter_blocks) throws(TalwegError) -> BlockManifold {
    switch given.manifold {
    case TW_MANIFOLD_EUCLIDEAN: return .euclidean
    case TW_MANIFOLD_ANGLE_LAST: return .angleLast
    case TW_MANIFOLD_QUATERNION: return .quaternion
    case TW_MANIFOLD_QUATERNION_FIRST: return .quaternionFirst
    case TW_MANIFOLD_SPHERE: return .sphere
    case TW_MANIFOLD_CUSTOM: return .custom(try CManifold(given))
    default:
        throw TalwegError(
            .invalidArgument,
            "problem: manifold is \(Int32(bitPattern: given.manifold.rawValue)), which is none of tw_manifold")
    }
}

@_cdecl("tw_problem_new") @implementation
public func tw_problem_new(_ problem: UnsafeMutablePointer<OpaquePointer?>?) -> tw_status {
    call { () throws(TalwegError) in try give(BlockProblem(), to: problem, "problem") }
}

@_cdecl("tw_problem_free") @implementation
public func tw_problem_free(_ problem: OpaquePointer?) { free(problem, as: BlockProblem.self) }

@_cdecl("tw_problem_add_parameters") @implementation
public func tw_problem_add_parameters(
    _ problem: OpaquePointer?, _ blocks: UnsafePointer<tw_parameter_blocks>?, _ count: Int64,
    _ values: UnsafePointer<Double>?, _ first: UnsafeMutablePointer<Int64>?
) -> tw_status {
    call { () throws(TalwegError) in
        let owner: BlockProblem = try resolve(problem, "problem")
        var defaults = tw_parameter_blocks()
        defaults.struct_size = MemoryLayout<tw_parameter_blocks>.size
        defaults.size = 1
        let given = try options(blocks, default: defaults, minimum: MemoryLayout<tw_parameter_blocks>.size)
        guard let values else { throw TalwegError(.null, "values is NULL") }
        let made = try owner.addParameters(
            count: Int(count), size: Int(given.size), values: values, manifold: manifold(given),
            isConstant: given.constant, lower: given.lower, upper: given.upper,
            elimination: choice(given.elimination.rawValue, "problem", "elimination", "tw_elimination"))
        first?.pointee = Int64(made)
    }
}

@_cdecl("tw_problem_get_parameters") @implementation
public func tw_problem_get_parameters(
    _ problem: OpaquePointer?, _ block: Int64, _ values: UnsafeMutablePointer<Double>?, _ capacity: Int64
) -> tw_status {
    call { () throws(TalwegError) in
        let owner: BlockProblem = try resolve(problem, "problem")
        let out = try required(values, "values")
        let size = try owner.size(of: Int(block))
        guard capacity >= size else {
            throw TalwegError(.shape, "problem: block \(block) has \(size) numbers; there is room for \(capacity)")
        }
        try owner.read(Int(block), out)
    }
}

@_cdecl("tw_problem_set_parameters") @implementation
public func tw_problem_set_parameters(
    _ problem: OpaquePointer?, _ block: Int64, _ values: UnsafePointer<Double>?, _ count: Int64
) -> tw_status {
    call { () throws(TalwegError) in
        let owner: BlockProblem = try resolve(problem, "problem")
        guard let values else { throw TalwegError(.null, "values is NULL") }
        let size = try owner.size(of: Int(block))
        guard count == size else {
            throw TalwegError(.shape, "problem: block \(block) has \(size) numbers; \(count) were given")
        }
        try owner.write(Int(block), values)
    }
}

@_cdecl("tw_problem_set_constant") @implementation
public func tw_problem_set_constant(_ problem: OpaquePointer?, _ block: Int64, _ constant: Bool) -> tw_status {
    call { () throws(TalwegError) in
        let owner: BlockProblem = try resolve(problem, "problem")
        try owner.setConstant(Int(block), constant)
    }
}

@_cdecl("tw_problem_add_residuals") @implementation
public func tw_problem_add_residuals(
    _ problem: OpaquePointer?, _ residuals: UnsafePointer<tw_residual_blocks>?, _ blocks: UnsafePointer<Int64>?,
    _ count: Int64
) -> tw_status {
    call { () throws(TalwegError) in
        let owner: BlockProblem = try resolve(problem, "problem")
        guard let residuals else { throw TalwegError(.null, "residuals is NULL") }
        guard let blocks else { throw TalwegError(.null, "blocks is NULL") }
        let given = try options(
            residuals, default: tw_residual_blocks(), minimum: MemoryLayout<tw_residual_blocks>.size)
        guard given.function != nil || given.batch != nil else {
            throw TalwegError(.null, "problem: residuals has no function")
        }
        guard given.function == nil || given.batch == nil else {
            throw TalwegError(.invalidArgument, "problem: residuals has both a function and a batch function")
        }
        guard count >= 1 else {
            throw TalwegError(.invalidArgument, "problem: \(count) residual blocks; 1 or more are needed")
        }
        var sizes: [Int] = []
        for k in 0..<max(min(Int(given.block_count), 64), 0) { sizes.append(try owner.size(of: Int(blocks[k]))) }
        try owner.addResiduals(
            CBlockFunction(given, sizes: sizes), residuals: Int(given.residual_count), arity: Int(given.block_count),
            blocks: blocks, count: Int(count), loss: choice(given.loss.rawValue, "problem", "loss", "tw_residual_loss"),
            lossScale: given.loss_scale)
    }
}

@_cdecl("tw_problem_residuals") @implementation
public func tw_problem_residuals(_ scope: OpaquePointer?, _ problem: OpaquePointer?) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let owner: BlockProblem = try resolve(problem, "problem")
        return try owner.residuals().0
    }
}

@_cdecl("tw_problem_cost") @implementation
public func tw_problem_cost(_ problem: OpaquePointer?, _ cost: UnsafeMutablePointer<Double>?) -> tw_status {
    call { () throws(TalwegError) in
        let owner: BlockProblem = try resolve(problem, "problem")
        let out = try required(cost, "cost")
        out.pointee = try owner.residuals().cost
    }
}

private func blockOptions(_ pointer: UnsafePointer<tw_problem_options>?) throws(TalwegError) -> BlockOptions {
    var values = BlockOptions()
    var defaults = tw_problem_options()
    defaults.struct_size = MemoryLayout<tw_problem_options>.size
    defaults.cost_tolerance = values.costTolerance
    defaults.step_tolerance = values.stepTolerance
    defaults.gradient_tolerance = values.gradientTolerance
    defaults.polish = values.polish
    defaults.max_iterations = Int64(values.maxIterations)
    defaults.first_damping = values.firstDamping
    let given = try options(pointer, default: defaults, minimum: MemoryLayout<tw_problem_options>.size)
    values.solver = try choice(given.solver.rawValue, "problem", "solver", "tw_problem_solver")
    values.differences = try choice(given.differences.rawValue, "problem", "differences", "tw_difference_scheme")
    values.costTolerance = given.cost_tolerance
    values.stepTolerance = given.step_tolerance
    values.gradientTolerance = given.gradient_tolerance
    values.polish = given.polish
    values.maxIterations = Int(given.max_iterations)
    values.maxEvaluations = Int(given.max_evaluations)
    values.maxSeconds = given.max_seconds
    values.firstDamping = given.first_damping
    values.callback = progressCallback(given.callback, given.context)
    return values
}

@_cdecl("tw_problem_solve") @implementation
public func tw_problem_solve(
    _ problem: OpaquePointer?, _ options: UnsafePointer<tw_problem_options>?,
    _ summary: UnsafeMutablePointer<tw_problem_summary>?
) -> tw_status {
    call { () throws(TalwegError) in
        let owner: BlockProblem = try resolve(problem, "problem")
        let least = MemoryLayout<tw_problem_summary>.size
        // A struct that takes nothing is refused before the work.
        if let summary, !(least...4096).contains(summary.pointee.struct_size) {
            throw TalwegError(
                .invalidArgument,
                "struct_size is \(summary.pointee.struct_size), this struct has \(least) bytes; start from its _INIT")
        }
        let found = try owner.solve(blockOptions(options))
        if let summary { try giveStruct(told(found, summary), to: summary, minimum: least) }
    }
}

private func told(_ s: BlockSummary, _ out: UnsafeMutablePointer<tw_problem_summary>) -> tw_problem_summary {
    tw_problem_summary(
        struct_size: out.pointee.struct_size, stop: tw_least_squares_stop(rawValue: UInt32(s.stop.rawValue)),
        solver: tw_problem_solver(rawValue: UInt32(s.solver.rawValue)), initial_cost: s.initialCost,
        final_cost: s.finalCost, optimality: s.optimality, iterations: Int64(s.iterations),
        evaluations: Int64(s.evaluations), jacobian_evaluations: Int64(s.jacobianEvaluations), seconds: s.seconds,
        residual_count: Int64(s.residuals), unknown_count: Int64(s.unknowns),
        eliminated_blocks: Int64(s.eliminatedBlocks), kept_blocks: Int64(s.keptBlocks),
        factor_nonzeros: Int64(s.factorNonzeros))
}

@_cdecl("tw_problem_report") @implementation
public func tw_problem_report(
    _ problem: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ needed: UnsafeMutablePointer<Int>?
) -> tw_status {
    call { () throws(TalwegError) in
        let owner: BlockProblem = try resolve(problem, "problem")
        guard let summary = owner.summary else {
            throw TalwegError(.state, "problem: it has not been solved")
        }
        try write(summary.text, text, capacity, needed)
    }
}

@_cdecl("tw_problem_covariance") @implementation
public func tw_problem_covariance(
    _ scope: OpaquePointer?, _ problem: OpaquePointer?, _ blocks: UnsafePointer<Int64>?, _ count: Int64,
    _ absolute: Bool
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        let owner: BlockProblem = try resolve(problem, "problem")
        return try owner.covariance(
            integers(blocks, count, "blocks", most: owner.blockCount), absolute: absolute)
    }
}
