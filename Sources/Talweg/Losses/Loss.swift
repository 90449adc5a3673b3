/// The losses that the fit loop offers.
public enum Loss: Int32, Sendable {
    /// mean((prediction - target)^2), of equal shapes
    case meanSquaredError = 0
    /// The mean over rows of -log softmax(logits)[label], of integer labels.
    case crossEntropy = 1

    public func callAsFunction(_ prediction: Tensor, _ target: Tensor) throws(TalwegError) -> Tensor {
        switch self {
        case .meanSquaredError: try Tensor.meanSquaredError(prediction, target)
        case .crossEntropy: try Tensor.crossEntropy(prediction, target)
        }
    }
}
