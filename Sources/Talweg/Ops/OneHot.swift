import TalwegKernels

extension Tensor {
    /// Rows of zeros with a one at the position that each element (integers in 0 ..< classes) names: [.., classes].
    public func oneHot(classes: Int, _ dtype: DType) throws(TalwegError) -> Tensor {
        guard classes >= 0 else { throw .invalid("one_hot: \(classes) classes") }
        let given = try positions(below: classes, "one_hot", fromEnd: false)
        let y = try View.full(Shape(shape.dims + [classes], for: "one_hot"), 0, dtype)
        let one = try View.full(.scalar, 1, dtype)
        let (places, size) = (given.pointer(as: Int64.self), dtype.itemSize)
        let copy = kernels.copy(itemSize: size)
        forEachRowGroup(given.count, width: classes) { first, count in
            for i in first..<(first + count) {
                copy(1, one.pointer, 1, y.pointer + (i * classes + Int(places[i])) * size, 1)
            }
        }
        return Tensor(y)
    }
}
