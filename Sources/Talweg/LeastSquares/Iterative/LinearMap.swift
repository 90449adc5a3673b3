/// A matrix [rows, columns] that is known by its products with vectors.
public protocol LinearMap: AnyObject {
    var rows: Int { get }
    var columns: Int { get }
    /// y = A x, x [columns], y [rows]
    func multiply(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) throws(TalwegError)
    /// x = A' y
    func multiplyTransposed(_ y: UnsafePointer<Double>, _ x: UnsafeMutablePointer<Double>) throws(TalwegError)
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
