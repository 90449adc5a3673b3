import Talweg

/// y = x w + b of one feature, 4 rows, SGD: what a step costs when there is nothing to compute.
func linearRegression() throws -> Training {
    let model = try Dense(1, 1)
    let (x, y) = try (normal(4, 1), normal(4, 1))
    return Training(
        model: model, optimizer: try SGD(model, learningRate: 0.01), forward: 4, first: 4,
        loss: { try .meanSquaredError(model(x), y) })
}

/// 13-64-64-1 with ReLU, 32 rows, Adam.
func tabular() throws -> Training {
    let model = try Sequential(Dense(13, 64, .relu), Dense(64, 64, .relu), Dense(64, 1))
    let (x, y) = try (normal(32, 13), normal(32, 1))
    return Training(
        model: model, optimizer: try Adam(model), forward: 32 * (13 * 64 + 64 * 64 + 64), first: 32 * 13 * 64,
        loss: { try .meanSquaredError(model(x), y) })
}

/// 784-512-256-10 with ReLU, 128 images, Adam.
func digitPerceptron() throws -> Training {
    let model = try Sequential(Dense(784, 512, .relu), Dense(512, 256, .relu), Dense(256, 10))
    let (x, labels) = try (normal(128, 784), integers(below: 10, 128))
    return Training(
        model: model, optimizer: try Adam(model), forward: 128 * (784 * 512 + 512 * 256 + 256 * 10),
        first: 128 * 784 * 512, loss: { try .crossEntropy(model(x), labels) })
}
