import Talweg

/// Four convolutions in two stages over 64 digits of 28 x 28, Adam.
func digitConvolutions() throws -> Training {
    let batch = 64
    let model = try CNN(classes: 10)
    let (x, labels) = try (normal(batch, 1, 28, 28), integers(below: 10, batch))
    // Places of the result x kernel x channels: 28 shrinks to 24 and 20, pooled 10 to 8 and 6, pooled 3.
    let first = 24 * 24 * 25 * 32
    let image = first + 20 * 20 * 25 * 32 * 32 + 8 * 8 * 9 * 32 * 64 + 6 * 6 * 9 * 64 * 64 + 576 * 10
    return Training(
        model: model, optimizer: try Adam(model), forward: Double(batch * image), first: Double(batch * first),
        loss: { try .crossEntropy(model(x), labels) })
}

private final class CNN: Module {
    private let conv1, conv2, conv3, conv4: Conv2d
    private let norm2, norm4: BatchNorm2d
    private let head: Dense
    private let half: MaxPool2d

    init(classes: Int) throws {
        // He's scale, as for layers that ReLU follows.
        let he = ConvolutionLayerOptions(initializer: .heNormal)
        let relu = ChannelNormOptions(relu: true)
        conv1 = try Conv2d(1, 32, kernel: 5, he)
        conv2 = try Conv2d(32, 32, kernel: 5, he)
        norm2 = try BatchNorm2d(32, relu)
        conv3 = try Conv2d(32, 64, kernel: 3, he)
        conv4 = try Conv2d(64, 64, kernel: 3, he)
        norm4 = try BatchNorm2d(64, relu)
        head = try Dense(576, classes)
        half = try MaxPool2d(PoolingOptions(PoolingOptions.Axis(kernel: 2)))
        super.init()
        let children: [(String, Module)] = [
            ("conv1", conv1), ("conv2", conv2), ("norm2", norm2), ("conv3", conv3), ("conv4", conv4),
            ("norm4", norm4), ("head", head),
        ]
        for (name, child) in children { try setChild(name, child) }
    }

    override func forward(_ images: Tensor) throws(TalwegError) -> Tensor {
        var x = try conv2(conv1(images).relu())
        x = try half(norm2(x))
        x = try conv4(conv3(x).relu())
        x = try half(norm4(x))
        return try head(x.reshape([images.shape.dims[0], 576]))
    }
}
