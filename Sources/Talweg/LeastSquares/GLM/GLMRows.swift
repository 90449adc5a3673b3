import CIntrinsics
import TalwegKernels
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What a family makes of some rows' linear predictors (McCullagh and Nelder, Generalized Linear Models, 2nd ed.,
/// 2.5): with mu = g^-1(eta), its derivative d and the variance function V,
///
///     score = w (y - mu) d / V,    weight = w d^2 / V (Fisher's),    loss = w D(y, mu) / 2
///
/// where D is the unit deviance.
struct GLMRows {
    let family: GLMFamily
    let link: GLMLink
    let alpha: Double

    init(_ options: GLMOptions) {
        family = options.family
        link = options.link
        alpha = options.alpha
    }

    /// Of a block; all [rows].
    struct Block {
        let y, prior, offset, eta, score, weight, mean: UnsafeMutablePointer<Double>
    }

    /// Fills score, weight and mean from eta; with `start`, eta is set from y instead, and the score is that of the
    /// step from 0 to it.
    /// - Returns: the sum of the losses; infinity where a predictor has no mean.
    func evaluate(_ count: Int, _ block: Block, start: Bool) -> Double {
        if start { for i in 0..<count { block.eta[i] = startingPredictor(block.y[i], block.prior[i]) } }
        var total: Double
        switch (family, link) {
        case (.binomial, .logit): total = logistic(count, block)
        case (.poisson, _): total = counts(count, block)
        default:
            total = 0
            for i in 0..<count { total += row(i, block) }
        }
        if start {
            for i in 0..<count { block.score[i] += block.weight[i] * (block.eta[i] - block.offset[i]) }
        }
        return total.isNaN ? .infinity : total
    }

    /// Takes Fisher's weights to those of the loss as it is: Newton's method ends by doubling its digits, where
    /// scoring may gain few in an iteration.
    func observe(_ count: Int, _ block: Block) {
        switch (family, link) {
        case (.gamma, .log), (.gamma, .automatic):
            for i in 0..<count { block.weight[i] *= block.y[i] / block.mean[i] }
        case (.negativeBinomial, _):
            for i in 0..<count {
                block.weight[i] *= (1 + alpha * block.y[i]) / (1 + alpha * block.mean[i])
            }
        default: break
        }
    }

    private func logistic(_ count: Int, _ block: Block) -> Double {
        guard let sigmoid = kernels.unary(.sigmoid, .float64), let softplus = kernels.unary(.softplus, .float64) else {
            return .infinity
        }
        let (y, w, eta, mean) = (block.y, block.prior, block.eta, block.mean)
        // log(1 + exp eta) - y eta, with the logarithm where the weights go later.
        softplus(count, eta, 1, block.weight, 1)
        for i in 0..<count { block.weight[i] -= y[i] * eta[i] }
        var total = kernels.f64.dot(count, w, 1, block.weight, 1)
        if !GLMRows.areClasses(y, count) { for i in 0..<count { total += w[i] * entropy(y[i]) } }
        sigmoid(count, eta, 1, mean, 1)
        for i in 0..<count {
            let mu = mean[i]
            block.score[i] = w[i] * (y[i] - mu)
            block.weight[i] = w[i] * (mu * (1 - mu))
        }
        return total
    }

    private func counts(_ count: Int, _ block: Block) -> Double {
        guard let exp = kernels.unary(.exp, .float64) else { return .infinity }
        exp(count, block.eta, 1, block.mean, 1)
        var total = 0.0
        for i in 0..<count {
            let (y, w, mu) = (block.y[i], block.prior[i], block.mean[i])
            block.score[i] = w * (y - mu)
            block.weight[i] = w * mu
            total += w * ((y > 0 ? y * (tk_libm_log(y) - block.eta[i]) : 0) - y + mu)
        }
        return total
    }

    /// Whether all are 0 or 1. Without an early end, which would keep the loop from several at a time.
    static func areClasses(_ y: UnsafePointer<Double>, _ count: Int) -> Bool {
        var others = 0
        for i in 0..<count { others |= y[i] * (1 - y[i]) == 0 ? 0 : 1 }
        return others == 0
    }

    /// y log y + (1 - y) log(1 - y)
    private func entropy(_ y: Double) -> Double {
        if y == 0 || y == 1 { return 0 }
        return y * tk_libm_log(y) + (1 - y) * tk_libm_log1p(-y)
    }

    private func row(_ i: Int, _ block: Block) -> Double {
        let (y, w, eta) = (block.y[i], block.prior[i], block.eta[i])
        let mu: Double, score: Double, weight: Double, loss: Double
        switch (family, link) {
        case (.gaussian, .identity):
            (mu, score, weight, loss) = (eta, y - eta, 1, (y - eta) * (y - eta) / 2)
        case (.gaussian, _):
            mu = tk_libm_exp(eta)
            (score, weight, loss) = ((y - mu) * mu, mu * mu, (y - mu) * (y - mu) / 2)
        case (.binomial, .probit):
            // Beyond these there is nothing but rounding.
            let at = min(max(eta, -37), 37)
            mu = GLMRows.normalCDF(at)
            let other = GLMRows.normalCDF(-at), d = tk_libm_exp(-at * at / 2) * 0.398_942_280_401_432_7
            let share = d / (mu * other)
            (score, weight) = ((y * other - (1 - y) * mu) * share, d * share)
            loss = entropy(y) - y * tk_libm_log(mu) - (1 - y) * tk_libm_log(other)
        case (.binomial, .cloglog):
            let at = min(max(eta, -700), 6.5), rate = tk_libm_exp(at)
            mu = -tk_libm_expm1(-rate)
            let other = tk_libm_exp(-rate), share = rate / mu
            (score, weight) = ((y * other - (1 - y) * mu) * share, other * rate * share)
            loss = entropy(y) - y * tk_libm_log(mu) + (1 - y) * rate
        case (.gamma, .inverse):
            guard eta > 0 else { return .infinity }
            mu = 1 / eta
            (score, weight, loss) = (mu - y, mu * mu, y * eta - 1 - tk_libm_log(y * eta))
        case (.gamma, _):
            mu = tk_libm_exp(eta)
            (score, weight, loss) = ((y - mu) / mu, 1, y / mu - 1 - tk_libm_log(y) + eta)
        case (.negativeBinomial, _):
            mu = tk_libm_exp(eta)
            let spread = 1 + alpha * mu
            (score, weight) = ((y - mu) / spread, mu / spread)
            loss = (y > 0 ? y * (tk_libm_log(y) - eta) : 0)
                - (y + 1 / alpha) * (tk_libm_log1p(alpha * y) - tk_libm_log1p(alpha * mu))
        default: return .infinity
        }
        block.mean[i] = mu
        block.score[i] = w * score
        block.weight[i] = w * weight
        return w * loss
    }

    static func normalCDF(_ x: Double) -> Double { tk_libm_erfc(-x * 0.707_106_781_186_547_5) / 2 }

    /// The mean that belongs to a linear predictor; NaN where none does.
    func mean(_ eta: Double) -> Double {
        switch link {
        case .automatic, .identity: return eta
        case .log: return tk_libm_exp(eta)
        case .logit: return eta >= 0 ? 1 / (1 + tk_libm_exp(-eta)) : tk_libm_exp(eta) / (1 + tk_libm_exp(eta))
        case .probit: return GLMRows.normalCDF(eta)
        case .cloglog: return -tk_libm_expm1(-tk_libm_exp(eta))
        case .inverse: return eta == 0 ? .nan : 1 / eta
        }
    }

    /// The linear predictor of a mean inside the family's range.
    func predictor(_ mu: Double) -> Double {
        switch link {
        case .automatic, .identity: return mu
        case .log: return tk_libm_log(mu)
        case .logit: return tk_libm_log(mu) - tk_libm_log1p(-mu)
        case .cloglog: return tk_libm_log(-tk_libm_log1p(-mu))
        case .inverse: return 1 / mu
        case .probit:
            // Newton's method from 0 on a function that is convex below and concave above it converges.
            var x = 0.0
            for _ in 0..<60 {
                let density = tk_libm_exp(-x * x / 2) * 0.398_942_280_401_432_7
                let step = (GLMRows.normalCDF(x) - mu) / max(density, 1e-300)
                x -= min(max(step, -1), 1)
                if step.magnitude < 1e-14 { break }
            }
            return x
        }
    }

    /// Sets the intercept of b [width], at 0, to the model of the mean alone; true if the first step must begin at
    /// the observations, where there is no intercept that could hold the mean.
    func setStart(_ data: RegressionData, _ b: UnsafeMutablePointer<Double>) throws(TalwegError) -> Bool {
        guard data.intercept, data.offset == nil || link != .inverse else { return true }
        var sum = 0.0, moved = 0.0
        for i in 0..<data.n {
            let w = data.weights?[i] ?? 1
            sum += w * data.y[i]
            moved += w * (data.offset?[i] ?? 0)
        }
        var mean = sum / data.sumOfWeights
        switch family {
        case .gaussian:
            guard link == .identity || mean > 0 else {
                throw .invalid("glm: the mean of y is \(mean); the log link needs one above 0")
            }
        case .binomial, .multinomial: mean = min(max(mean, 1e-3), 1 - 1e-3)
        case .poisson, .gamma, .negativeBinomial: mean = max(mean, 1e-3)
        }
        b[data.p] = predictor(mean) - moved / data.sumOfWeights
        return false
    }

    /// Predictors near the observations, as R's glm starts from.
    private func startingPredictor(_ y: Double, _ w: Double) -> Double {
        switch family {
        case .gaussian: return link == .log ? tk_libm_log(max(y, 1e-3)) : y
        case .binomial, .multinomial:
            let weight = max(w, 1e-3)
            return predictor((weight * y + 0.5) / (weight + 1))
        case .poisson: return tk_libm_log(y + 0.1)
        case .gamma: return predictor(y)
        case .negativeBinomial: return tk_libm_log(y == 0 ? 1.0 / 6 : y)
        }
    }

    /// V(mu), of Pearson's statistic.
    func variance(_ mu: Double) -> Double {
        switch family {
        case .gaussian: 1
        case .binomial, .multinomial: mu * (1 - mu)
        case .poisson: mu
        case .gamma: mu * mu
        case .negativeBinomial: mu + alpha * mu * mu
        }
    }

    /// Throws for the first y out of the family's range.
    func check(_ data: RegressionData) throws(TalwegError) {
        for i in 0..<data.n {
            let y = data.y[i]
            let wanted: String
            switch family {
            case .gaussian:
                if link != .log { return }
                // With a logarithm for a link any y can be fitted, as long as their mean is positive.
                continue
            case .binomial:
                if y >= 0, y <= 1 { continue }
                wanted = "0 to 1"
            case .poisson, .negativeBinomial:
                if y >= 0 { continue }
                wanted = "0 or more"
            case .gamma:
                if y > 0 { continue }
                wanted = "above 0"
            case .multinomial:
                if y >= 0, y == y.rounded(), y < 1e6 { continue }
                wanted = "class numbers 0, 1, ..."
            }
            throw .invalid("glm: y has \(y) in row \(i); the \(family.name) family needs \(wanted)")
        }
    }

    /// The log-likelihood of one row with all its constants but a binomial coefficient.
    func logLikelihood(_ y: Double, _ mu: Double, _ w: Double, dispersion: Double) -> Double {
        if w == 0 { return 0 }
        switch family {
        case .gaussian:
            return (tk_libm_log(w / (2 * .pi * dispersion)) - w * (y - mu) * (y - mu) / dispersion) / 2
        case .binomial, .multinomial:
            return w * ((y > 0 ? y * tk_libm_log(mu) : 0) + (y < 1 ? (1 - y) * tk_libm_log1p(-mu) : 0))
        case .poisson:
            return w * ((y > 0 ? y * tk_libm_log(mu) : 0) - mu - lgamma(y + 1).0)
        case .gamma:
            let shape = w / dispersion
            return shape * tk_libm_log(shape * y / mu) - shape * y / mu - lgamma(shape).0 - tk_libm_log(y)
        case .negativeBinomial:
            let size = 1 / alpha
            let share = tk_libm_log1p(alpha * mu)
            return w * ((y > 0 ? y * (tk_libm_log(alpha * mu) - share) : 0) - size * share
                + lgamma(y + size).0 - lgamma(size).0 - lgamma(y + 1).0)
        }
    }
}
