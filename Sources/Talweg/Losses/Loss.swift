/// The losses that the fit loop offers, with their usual options, as means.
public enum Loss: Int32, Sendable, CaseIterable {
    /// mean((prediction - target)^2), of equal shapes
    case meanSquaredError = 0
    /// The mean over rows of -log softmax(logits)[label], of integer labels.
    case crossEntropy = 1
    /// mean(|prediction - target|)
    case meanAbsoluteError = 2
    /// With a delta of 1.
    case huber = 3
    /// With a beta of 1.
    case smoothL1 = 4
    case logCosh = 5
    /// Of logits, with targets from 0 to 1.
    case binaryCrossEntropyWithLogits = 6
    /// Of probabilities, with targets from 0 to 1.
    case binaryCrossEntropy = 7
    /// Of log probabilities, with integer labels.
    case negativeLogLikelihood = 8
    /// Of log probabilities and target probabilities; the mean over rows.
    case klDivergence = 9
    /// Of logarithms of rates.
    case poissonNegativeLogLikelihood = 10
    /// With targets -1 or 1.
    case hinge = 11
    case squaredHinge = 12
    /// With integer labels.
    case multiMargin = 13
    /// Of logits, with integer labels, and a gamma of 2.
    case focal = 14
    /// Of logits, with targets 0 or 1, an alpha of 0.25 and a gamma of 2.
    case sigmoidFocal = 15

    /// Whether the targets are integer labels, so that a share of rows told rightly can be counted.
    public var takesLabels: Bool {
        switch self {
        case .crossEntropy, .negativeLogLikelihood, .multiMargin, .focal: true
        default: false
        }
    }

    public func callAsFunction(_ prediction: Tensor, _ target: Tensor) throws(TalwegError) -> Tensor {
        switch self {
        case .meanSquaredError: try Tensor.meanSquaredError(prediction, target)
        case .crossEntropy: try Tensor.crossEntropy(prediction, target)
        case .meanAbsoluteError: try Tensor.absoluteError(prediction, target)
        case .huber: try Tensor.huberLoss(prediction, target)
        case .smoothL1: try Tensor.smoothL1Loss(prediction, target)
        case .logCosh: try Tensor.logCoshLoss(prediction, target)
        case .binaryCrossEntropyWithLogits: try Tensor.binaryCrossEntropyWithLogits(prediction, target)
        case .binaryCrossEntropy: try Tensor.binaryCrossEntropy(prediction, target)
        case .negativeLogLikelihood: try Tensor.negativeLogLikelihood(prediction, target)
        case .klDivergence: try Tensor.klDivergence(prediction, target, .batchMean)
        case .poissonNegativeLogLikelihood: try Tensor.poissonNegativeLogLikelihood(prediction, target)
        case .hinge: try Tensor.hingeLoss(prediction, target)
        case .squaredHinge: try Tensor.hingeLoss(prediction, target, squared: true)
        case .multiMargin: try Tensor.multiMarginLoss(prediction, target)
        case .focal: try Tensor.focalLoss(prediction, target)
        case .sigmoidFocal: try Tensor.sigmoidFocalLoss(prediction, target)
        }
    }
}
