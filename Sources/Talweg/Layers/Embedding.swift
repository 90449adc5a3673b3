import TalwegKernels

/// A row of a table for each id: ids (integers of any shape) -> [.., width]; parameter "weight" [rows, width], at first
/// N(0, 1).
public final class Embedding: Module {
    public let padding: Int?
    public let limit: RowLimit?

    /// The greatest norm of rows, to which longer ones are scaled down when they are looked up.
    public struct RowLimit: Sendable {
        public var norm: Double
        /// p of the norm (sum |x|^p)^(1/p)
        public var order: Double

        /// - Throws: invalidArgument unless both are above 0.
        public init(norm: Double, order: Double = 2) throws(TalwegError) {
            guard norm > 0, order > 0 else {
                throw .invalid("embedding: the greatest norm is \(norm) and its order \(order); both must be above 0")
            }
            (self.norm, self.order) = (norm, order)
        }
    }

    /// - Parameters:
    ///   - padding: a row that gets no gradient, and starts as zeros
    ///   - initializer: of the weight; `standard` is N(0, 1)
    /// - Throws: invalidArgument for sizes below 1, index for a padding that is no row, dtype for one that is not
    ///   floating.
    public init(
        _ rows: Int, _ width: Int, padding: Int? = nil, limit: RowLimit? = nil, dtype: DType = .float32,
        initializer: Initializer = .standard, generator: Generator = .shared
    ) throws(TalwegError) {
        (self.padding, self.limit) = (padding, limit)
        super.init()
        try setParameter(
            "weight", Embedding.table(rows, width, padding, dtype, initializer, generator, "embedding"))
    }

    /// Over rows that there are: the tensor itself becomes the parameter.
    /// - Parameter frozen: whether it is not to be trained
    public init(_ weight: Tensor, padding: Int? = nil, limit: RowLimit? = nil, frozen: Bool = false)
        throws(TalwegError)
    {
        (self.padding, self.limit) = (padding, limit)
        super.init()
        try adoptTable(weight, padding, frozen: frozen, "embedding")
    }

    public override func forward(_ ids: Tensor) throws(TalwegError) -> Tensor {
        guard let weight = parameter("weight") else { throw .state("embedding: its weight was removed") }
        if let limit { try weight.limitRows(ids, norm: limit.norm, order: limit.order) }
        return try weight.embedding(ids, padding: padding)
    }

    static func table(
        _ rows: Int, _ width: Int, _ padding: Int?, _ dtype: DType, _ initializer: Initializer,
        _ generator: Generator, _ name: String
    ) throws(TalwegError) -> Tensor {
        guard rows >= 1, width >= 1 else {
            throw .invalid("\(name): \(rows) rows of width \(width); both must be 1 or more")
        }
        guard dtype.isFloating else { throw .dtype("\(name): needs a floating type, not \(dtype.name)") }
        let start: Initializer = initializer == .standard ? .normal(scale: 1) : initializer
        let table = try start.weight(
            Shape([rows, width], for: name), fanIn: width, fanOut: rows, dtype, generator)
        if let padding {
            try table.checkPadding(padding, name)
            try table.select(axis: 0, index: padding).assign(.zeros(.scalar, dtype))
        }
        return table
    }
}

extension Module {
    /// Names a table that there is as the parameter "weight".
    func adoptTable(_ weight: Tensor, _ padding: Int?, frozen: Bool, _ name: String) throws(TalwegError) {
        try weight.requireTable(name)
        if let padding { try weight.checkPadding(padding, name) }
        try setParameter("weight", weight)
        if frozen { try weight.setRequiresGrad(false) }
    }
}
