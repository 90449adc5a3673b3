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
    private let stem: Convolution
    private let norm: BatchNorm
    private let blocks: [Block]
    private let head: Dense

    init(classes: Int) throws {
        stem = try Convolution(3, 64, kernel: 3, padding: 1, bias: false)
        norm = try BatchNorm(64)
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
        var x = try norm.forward(stem(images), relu: true)
        for block in blocks { x = try block(x) }
        return try head(x.mean(axes: [2, 3]))
    }
}

/// Two 3 x 3 convolutions beside the identity, or beside a 1 x 1 convolution where the shape changes.
private final class Block: Module {
    private let conv1, conv2: Convolution
    private let norm1, norm2: BatchNorm
    private let shortcut: (Convolution, BatchNorm)?

    init(_ inputs: Int, _ outputs: Int, stride: Int) throws {
        conv1 = try Convolution(inputs, outputs, kernel: 3, stride: stride, padding: 1, bias: false)
        norm1 = try BatchNorm(outputs)
        conv2 = try Convolution(outputs, outputs, kernel: 3, padding: 1, bias: false)
        norm2 = try BatchNorm(outputs)
        shortcut =
            stride == 1 && inputs == outputs
            ? nil
            : try (Convolution(inputs, outputs, kernel: 1, stride: stride, bias: false), BatchNorm(outputs))
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
        let y = try conv2(norm1.forward(conv1(x), relu: true))
        let beside = if let shortcut { try shortcut.1.forward(shortcut.0(x), relu: false) } else { x }
        return try norm2.forward(y, residual: beside, relu: true)
    }
}
