import TalwegKernels

/// Limited-memory BFGS on parameters that lie in tensors (Liu and Nocedal, "On the limited memory BFGS method for large
/// scale optimization", 1989), in float64 whatever the parameters' dtype.
final class LimitedMemoryDescent {
    let size: Int
    private(set) var pairs: CurvaturePairs
    private let parameters: [Tensor]
    private let space: Storage
    /// Where the step began, where it is, and where a trial leads.
    private let begin, here, trial: View
    private let gradient, next, best, direction: View
    private let vectors = MatrixKernels<Double>()

    init(_ parameters: [Tensor], history: Int) throws(TalwegError) {
        self.parameters = parameters
        var count = 0
        for parameter in parameters {
            let (sum, overflow) = count.addingReportingOverflow(parameter.count)
            guard !overflow else { throw .outOfMemory(bytes: Int.max) }
            count = sum
        }
        size = count
        pairs = try CurvaturePairs(size: count, most: history, growing: true)
        let shape = try Shape([count])
        let (total, overflow) = count.multipliedReportingOverflow(by: 7 * 8)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Storage(byteCount: total)
        func view(_ number: Int) -> View {
            View(storage: space, dtype: .float64, shape: shape, strides: shape.rowMajorStrides, offset: number * count)
        }
        self.space = space
        (begin, here, trial) = (view(0), view(1), view(2))
        (gradient, next, best, direction) = (view(3), view(4), view(5), view(6))
    }

    /// Whether these are the parameters that it works on.
    func isOf(_ others: [Tensor]) -> Bool {
        others.count == parameters.count && zip(others, parameters).allSatisfy { $0 === $1 }
    }

    /// Forgets the curvature.
    func reset() { pairs.removeAll() }

    /// Takes over curvature that was saved.
    func restore(_ saved: CurvaturePairs) { pairs = saved }

    /// Iterates until a limit or a tolerance is reached. After a failure the parameters are what they were.
    /// - Parameter closure: the loss, having set the gradients
    /// - Returns: the loss at the start, and what there was of iterations and evaluations
    func run(_ options: LBFGSOptions, rate: Double, _ closure: () throws(TalwegError) -> Double)
        throws(TalwegError) -> (loss: Double, iterations: Int, evaluations: Int)
    {
        gather(into: begin) { $0.view }
        here.assign(begin)
        do throws(TalwegError) {
            return try iterate(options, rate, closure)
        } catch {
            spread(begin)
            throw error
        }
    }

    private func iterate(_ options: LBFGSOptions, _ rate: Double, _ closure: () throws(TalwegError) -> Double)
        throws(TalwegError) -> (loss: Double, iterations: Int, evaluations: Int)
    {
        let first = try closure()
        gatherGradient(into: gradient)
        guard first.isFinite, norm(gradient).isFinite else {
            throw .numeric("lbfgs: the loss at the start is \(first), the gradient's norm \(norm(gradient))")
        }
        var (value, iterations, evaluations) = (first, 0, 1)
        while iterations < options.maxIterations, evaluations < options.maxEvaluations,
            greatest(gradient) > options.gradientTolerance
        {
            iterations += 1
            try pairs.reserve()
            var slope = setDirection()
            if !(slope < 0), pairs.count > 0 {
                pairs.removeAll()
                slope = setDirection()
            }
            let length = greatest(direction)
            let step = pairs.count > 0 ? rate : min(1, 1 / sumOfMagnitudes(gradient)) * rate
            let search = WolfeSearch(
                start: WolfeSearch.Point(step: 0, value: value, slope: slope), length: length,
                tolerance: options.changeTolerance)
            var least = value
            let outcome = try search.run(first: step) { t throws(TalwegError) in
                guard evaluations < options.maxEvaluations else { return nil }
                evaluations += 1
                move(by: t)
                let found = try closure()
                gatherGradient(into: next)
                if found < least {
                    least = found
                    best.assign(next)
                }
                return WolfeSearch.Point(step: t, value: found, slope: dot(next, direction))
            }
            let reached: WolfeSearch.Point
            switch outcome {
            case .found(let point): reached = point
            case .better(let point):
                reached = point
                next.assign(best)
            case .none:
                spread(here)
                // Along the gradient itself once more, if this was not it.
                if pairs.count == 0 { return (first, iterations, evaluations) }
                pairs.removeAll()
                continue
            }
            move(by: reached.step)
            let change = (value - reached.value).magnitude
            value = reached.value
            // The direction becomes the step, the gradient what it changed by.
            pointer(direction).update(from: pointer(trial), count: size)
            vectors.axpy(size, -1, pointer(here), pointer(direction))
            here.assign(trial)
            vectors.scale(size, -1, pointer(gradient))
            vectors.axpy(size, 1, pointer(next), pointer(gradient))
            pairs.add(step: pointer(direction), change: pointer(gradient))
            gradient.assign(next)
            if greatest(direction) <= options.changeTolerance || change < options.changeTolerance { break }
        }
        spread(here)
        return (first, iterations, evaluations)
    }

    /// direction = -(the inverse Hessian) gradient; its slope.
    private func setDirection() -> Double {
        let scale = pairs.scale
        pairs.solve(pointer(gradient), pointer(direction)) { vectors.scale(size, scale, $0) }
        vectors.scale(size, -1, pointer(direction))
        return dot(gradient, direction)
    }

    /// The parameters at a place on the line.
    private func move(by step: Double) {
        trial.assign(here)
        vectors.axpy(size, step, pointer(direction), pointer(trial))
        spread(trial)
    }

    // MARK: Tensors and vectors

    private func pointer(_ view: View) -> UnsafeMutablePointer<Double> { view.pointer(as: Double.self) }
    private func dot(_ a: View, _ b: View) -> Double { vectors.dot(size, pointer(a), pointer(b)) }
    private func norm(_ a: View) -> Double { vectors.norm(size, pointer(a)) }

    private func greatest(_ a: View) -> Double {
        var most = 0.0
        for i in 0..<size { most = max(most, pointer(a)[i].magnitude) }
        return most
    }

    private func sumOfMagnitudes(_ a: View) -> Double {
        var sum = 0.0
        for i in 0..<size { sum += pointer(a)[i].magnitude }
        return sum
    }

    /// Each parameter's part of a vector, of its shape.
    private func forEachPart(_ vector: View, _ body: (Tensor, View) -> Void) {
        var offset = vector.offset
        for parameter in parameters {
            let shape = parameter.shape
            body(parameter, vector.with(shape: shape, strides: shape.rowMajorStrides, offset: offset))
            offset += parameter.count
        }
    }

    private func gather(into vector: View, _ of: (Tensor) -> View?) {
        forEachPart(vector) { parameter, part in
            guard let source = of(parameter) else { return part.fill(0) }
            mapUnary(kernels.cast(from: source.dtype, to: .float64), source, to: part)
        }
    }

    /// Parameters without a gradient have one of zeros.
    private func gatherGradient(into vector: View) { gather(into: vector) { $0.grad?.view } }

    private func spread(_ vector: View) {
        forEachPart(vector) { parameter, part in
            // Tells the tape, too, that the elements change.
            _ = parameter.mutableData()
            mapUnary(kernels.cast(from: .float64, to: parameter.dtype), part, to: parameter.view)
        }
    }
}
