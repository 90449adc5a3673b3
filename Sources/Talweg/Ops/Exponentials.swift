import TalwegKernels

struct Exponential: SymmetricOperation {
    static let name = "exp"
    static let saves: Saves = .output
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.exp, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Exponential>) throws(TalwegError) -> Tensor { try g * r.y }
}

/// exp(x) - 1, exact near 0
struct ExponentialMinusOne: SymmetricOperation {
    static let name = "expm1"
    static let saves: Saves = .output
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.expm1, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<ExponentialMinusOne>) throws(TalwegError) -> Tensor { try g * (r.y + 1) }
}

struct Logarithm: SymmetricOperation {
    static let name = "log"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.log, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Logarithm>) throws(TalwegError) -> Tensor { try g / r.x }
}

/// log(1 + x), exact near 0
struct LogarithmOnePlus: SymmetricOperation {
    static let name = "log1p"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.log1p, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<LogarithmOnePlus>) throws(TalwegError) -> Tensor { try g / (r.x + 1) }
}

struct LogarithmBase2: SymmetricOperation {
    static let name = "log2"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.log2, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<LogarithmBase2>) throws(TalwegError) -> Tensor { try g / (r.x * 0.693147180559945309417) }
}

struct LogarithmBase10: SymmetricOperation {
    static let name = "log10"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.log10, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<LogarithmBase10>) throws(TalwegError) -> Tensor { try g / (r.x * 2.302585092994045684018) }
}

/// With the derivative 2 / sqrt(pi) exp(-x^2)
struct ErrorFunction: SymmetricOperation {
    static let name = "erf"
    static let saves: Saves = .first
    func forward(_ x: View) throws(TalwegError) -> View { try elementwise(.erf, x, Self.name) }
    func pullback(_ g: Tensor, _ r: UnaryRecord<ErrorFunction>) throws(TalwegError) -> Tensor { try g * ((-r.x.square()).exp() * 1.128379167095512573896) }
}

extension Tensor {
    public func exp() throws(TalwegError) -> Tensor { try apply(Exponential(), floating()) }
    /// exp(x) - 1, exact near 0
    public func expm1() throws(TalwegError) -> Tensor { try apply(ExponentialMinusOne(), floating()) }
    public func log() throws(TalwegError) -> Tensor { try apply(Logarithm(), floating()) }
    /// log(1 + x), exact near 0
    public func log1p() throws(TalwegError) -> Tensor { try apply(LogarithmOnePlus(), floating()) }
    public func log2() throws(TalwegError) -> Tensor { try apply(LogarithmBase2(), floating()) }
    public func log10() throws(TalwegError) -> Tensor { try apply(LogarithmBase10(), floating()) }
    public func erf() throws(TalwegError) -> Tensor { try apply(ErrorFunction(), floating()) }
}
