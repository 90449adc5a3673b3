/// A matrix [rows, columns] that is known by its products with vectors.
public protocol LinearMap: AnyObject {
    var rows: Int { get }
    var columns: Int { get }
    /// y = A x, x [columns], y [rows]
    func multiply(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) throws(TalwegError)
    /// x = A' y
    func multiplyTransposed(_ y: UnsafePointer<Double>, _ x: UnsafeMutablePointer<Double>) throws(TalwegError)
}

extension LinearMap {
    /// A x, or, if `transposed`, A' x: float64.
    public func product(_ x: Tensor, transposed: Bool) throws(TalwegError) -> Tensor {
        let (from, to) = transposed ? (rows, columns) : (columns, rows)
        guard x.count == from else { throw .shape("operator: x has \(x.count) numbers; \(from) are needed") }
        let values = try x.detach().cast(to: .float64).view.contiguous()
        let result = try View(uninitialized: Shape([to]), .float64)
        let (source, target) = (values.pointer(as: Double.self), result.pointer(as: Double.self))
        if transposed { try multiplyTransposed(source, target) } else { try multiply(source, target) }
        withExtendedLifetime(values) {}
        return Tensor(result)
    }
}

/// A matrix by functions.
public final class FunctionMap: LinearMap {
    public typealias Product = (UnsafePointer<Double>, UnsafeMutablePointer<Double>) throws(TalwegError) -> Void

    public let rows: Int
    public let columns: Int
    private let product, transposed: Product

    public init(rows: Int, columns: Int, multiply: @escaping Product, multiplyTransposed: @escaping Product)
        throws(TalwegError)
    {
        guard rows >= 1, columns >= 1 else {
            throw .invalid("linear map: \(rows) x \(columns); at least one row and one column are needed")
        }
        (self.rows, self.columns, product, transposed) = (rows, columns, multiply, multiplyTransposed)
    }

    public func multiply(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) throws(TalwegError) {
        try product(x, y)
    }

    public func multiplyTransposed(_ y: UnsafePointer<Double>, _ x: UnsafeMutablePointer<Double>) throws(TalwegError) {
        try transposed(y, x)
    }
}
