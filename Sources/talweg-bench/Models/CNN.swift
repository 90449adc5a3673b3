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
    private let conv1, conv2, conv3, conv4: Convolution
    private let norm2, norm4: BatchNorm
    private let head: Dense
    private let half = PoolingOptions(PoolingOptions.Axis(kernel: 2))

    init(classes: Int) throws {
        conv1 = try Convolution(1, 32, kernel: 5)
        conv2 = try Convolution(32, 32, kernel: 5)
        norm2 = try BatchNorm(32)
        conv3 = try Convolution(32, 64, kernel: 3)
        conv4 = try Convolution(64, 64, kernel: 3)
        norm4 = try BatchNorm(64)
        head = try Dense(576, classes)
        super.init()
        let children: [(String, Module)] = [
            ("conv1", conv1), ("conv2", conv2), ("norm2", norm2), ("conv3", conv3), ("conv4", conv4),
            ("norm4", norm4), ("head", head),
        ]
        for (name, child) in children { try setChild(name, child) }
    }

    override func forward(_ images: Tensor) throws(TalwegError) -> Tensor {
        var x = try conv2(conv1(images).relu())
        x = try norm2.forward(x, relu: true).maxPool2d(half)
        x = try conv4(conv3(x).relu())
        x = try norm4.forward(x, relu: true).maxPool2d(half)
        return try head(x.reshape([images.shape.dims[0], 576]))
    }
}
