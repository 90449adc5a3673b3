import Talweg

/// ResNet-18 for 32 x 32 images (He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2016;
/// with a stem of 3 x 3), 32 of them, SGD with momentum 0.9.
func residualNetwork() throws -> Training {
    let batch = 32
    let model = try ResNet18(classes: 10)
    let (x, labels) = try (normal(batch, 3, 32, 32), integers(below: 10, batch))
    let first = 32 * 32 * 9 * 3 * 64
    var image = first + 512 * 10
    // Each stage's four convolutions; in the later three the first has half the channels, and so has the 1 x 1
    // beside it.
    for (size, channels) in [(32, 64), (16, 128), (8, 256), (4, 512)] {
        let (places, square) = (size * size, channels * channels)
        image += channels == 64 ? places * 9 * 4 * square : places * (9 * 7 + 1) * square / 2
    }
    return Training(
        model: model, optimizer: try SGD(model, learningRate: 0.01, momentum: 0.9),
        forward: Double(batch * image), first: Double(batch * first), loss: { try .crossEntropy(model(x), labels) })
}

private final class ResNet18: Module {
    private let stem: Conv2d
    private let norm: BatchNorm2d
    private let blocks: [Block]
    private let head: Dense

    init(classes: Int) throws {
        stem = try Conv2d(3, 64, kernel: 3, unbiased(padding: 1))
        norm = try BatchNorm2d(64, ChannelNormOptions(relu: true))
        var blocks: [Block] = []
        var inputs = 64
        for (outputs, stride) in [(64, 1), (128, 2), (256, 2), (512, 2)] {
            blocks.append(try Block(inputs, outputs, stride: stride))
            blocks.append(try Block(outputs, outputs, stride: 1))
            inputs = outputs
        }
        self.blocks = blocks
        head = try Dense(512, classes)
        super.init()
        try setChild("stem", stem)
        try setChild("norm", norm)
        for (index, block) in blocks.enumerated() { try setChild("block\(index)", block) }
        try setChild("head", head)
    }

    override func forward(_ images: Tensor) throws(TalwegError) -> Tensor {
        var x = try norm(stem(images))
        for block in blocks { x = try block(x) }
        return try head(x.globalAveragePool())
    }
}

/// A convolution that batch norm and ReLU follow: He's scale, no bias.
private func unbiased(stride: Int = 1, padding: Int = 0) -> ConvolutionLayerOptions {
    ConvolutionLayerOptions(stride: stride, padding: padding, bias: false, initializer: .heNormal)
}

/// Two 3 x 3 convolutions beside the identity, or beside a 1 x 1 convolution where the shape changes.
private final class Block: Module {
    private let conv1, conv2: Conv2d
    private let norm1, norm2: BatchNorm2d
    private let shortcut: (Conv2d, BatchNorm2d)?

    init(_ inputs: Int, _ outputs: Int, stride: Int) throws {
        let relu = ChannelNormOptions(relu: true)
        conv1 = try Conv2d(inputs, outputs, kernel: 3, unbiased(stride: stride, padding: 1))
        norm1 = try BatchNorm2d(outputs, relu)
        conv2 = try Conv2d(outputs, outputs, kernel: 3, unbiased(padding: 1))
        norm2 = try BatchNorm2d(outputs, relu)
        shortcut =
            stride == 1 && inputs == outputs
            ? nil
            : try (Conv2d(inputs, outputs, kernel: 1, unbiased(stride: stride)), BatchNorm2d(outputs))
        super.init()
        try setChild("conv1", conv1)
        try setChild("norm1", norm1)
        try setChild("conv2", conv2)
        try setChild("norm2", norm2)
        if let shortcut {
            try setChild("shortcut", shortcut.0)
            try setChild("shortcut_norm", shortcut.1)
        }
    }

    override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        let y = try conv2(norm1(conv1(x)))
        let beside = if let shortcut { try shortcut.1(shortcut.0(x)) } else { x }
        return try norm2.forward(y, residual: beside)
    }
}
