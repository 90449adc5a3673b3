import TalwegKernels

extension Tensor {
    /// y_k = a W_k b + c_k of this a [.., first], b [.., second], a weight W [outputs, first, second] and a bias c
    /// [outputs]: one product of matrices with a, and then the sums with b.
    public func bilinear(_ second: Tensor, _ weight: Tensor, _ bias: Tensor? = nil) throws(TalwegError) -> Tensor {
        guard weight.rank == 3 else {
            throw .shape("bilinear: the weight has shape \(weight.shape), not [outputs, first, second]")
        }
        let (outputs, m, n) = (weight.shape[0], weight.shape[1], weight.shape[2])
        guard rank >= 1, second.rank == rank, shape[rank - 1] == m, second.shape[rank - 1] == n,
            shape.dims.dropLast() == second.shape.dims.dropLast()
        else {
            throw .shape("bilinear: inputs \(shape) and \(second.shape); [.., \(m)] and [.., \(n)] are needed")
        }
        guard dtype == weight.dtype, second.dtype == dtype, dtype.isFloating else {
            throw .dtype(
                "bilinear: the inputs are \(dtype.name) and \(second.dtype.name), the weight \(weight.dtype.name)")
        }
        if let bias {
            guard bias.rank == 1, bias.shape[0] == outputs, bias.dtype == dtype else {
                throw .shape(
                    "bilinear: the bias is \(bias.dtype.name) \(bias.shape); \(dtype.name) [\(outputs)] is needed")
            }
        }
        let rows = shape.dims.dropLast().reduce(1, *)
        // [rows, outputs, second]
        let products = try reshape([rows, m]).matmul(weight.permute([1, 0, 2]).reshape([m, outputs * n]))
        let sums = try products.reshape([rows, outputs, n]).matmul(second.reshape([rows, n, 1]))
        let y = try sums.reshape(shape.dims.dropLast() + [outputs])
        guard let bias else { return y }
        return try y + bias
    }
}
