import Talweg

/// The passes of square convolutions of float32 on 32 images, named pass-INxOUTxSIZE-kKERNEL, then -sSTRIDE and
/// -gGROUPS where they are not 1: forward, the gradient to the input, the gradient to the weights. Multiply-adds
/// with the zeros around an image count, as usual; the library leaves some out, so a share of the peak may pass 1.
let convolutionBenchmarks: [Benchmark] = {
    var layers: [Layer] = []
    // ResNet-18's, then those of a small network and of a depthwise-separable one.
    for (size, channels) in [(32, 64), (16, 128), (8, 256), (4, 512)] {
        if channels > 64 {
            layers.append(Layer(inputs: channels / 2, outputs: channels, size: 2 * size, kernel: 3, stride: 2))
            layers.append(Layer(inputs: channels / 2, outputs: channels, size: 2 * size, kernel: 1, stride: 2))
        }
        layers.append(Layer(inputs: channels, outputs: channels, size: size, kernel: 3))
    }
    layers += [
        Layer(inputs: 3, outputs: 64, size: 32, kernel: 3), Layer(inputs: 1, outputs: 16, size: 28, kernel: 3),
        Layer(inputs: 16, outputs: 32, size: 14, kernel: 3), Layer(inputs: 64, outputs: 256, size: 16, kernel: 1),
        Layer(inputs: 128, outputs: 128, size: 16, kernel: 3, groups: 128),
    ]
    return layers.flatMap { layer in Pass.allCases.map { pass in benchmark(pass, layer) } }
}()

private enum Pass: String, CaseIterable { case forward, input, weights }

private struct Layer {
    let inputs, outputs, size, kernel: Int
    var stride = 1
    var groups = 1

    var name: String {
        "\(inputs)x\(outputs)x\(size)-k\(kernel)" + (stride > 1 ? "-s\(stride)" : "")
            + (groups > 1 ? "-g\(groups)" : "")
    }
    var result: Int { (size - 1) / stride + 1 }
}

private func benchmark(_ pass: Pass, _ layer: Layer) -> Benchmark {
    Benchmark(name: "\(pass.rawValue)-\(layer.name)") { options, record in
        let batch = options.quick ? 2 : 32
        func made(_ sizes: Int...) throws -> Tensor { try .uniform(Shape(sizes), low: -1, high: 1, .float32) }
        let x = try made(batch, layer.inputs, layer.size, layer.size)
        let weight = try made(layer.outputs, layer.inputs / layer.groups, layer.kernel, layer.kernel)
        let given = try made(batch, layer.outputs, layer.result, layer.result)
        var convolution = ConvolutionOptions(
            ConvolutionOptions.Axis(stride: layer.stride, padding: layer.kernel / 2))
        convolution.groups = layer.groups
        let seconds: Double
        if pass == .forward {
            seconds = try bestTime(options) { _ = try x.conv2d(weight, nil, convolution) }
        } else {
            let wanted = pass == .input ? x : weight
            try wanted.setRequiresGrad(true)
            let y = try x.conv2d(weight, nil, convolution)
            seconds = try bestTime(options) {
                try y.backward(gradient: given, retainGraph: true)
                try wanted.setGrad(nil)
            }
        }
        let perPlace = 2.0 * Double(layer.outputs * layer.inputs / layer.groups * layer.kernel * layer.kernel)
        let operations = perPlace * Double(batch * layer.result * layer.result)
        record.set("s", seconds)
        record.set("gflops", operations / seconds / 1e9)
        record.set("peak_share", operations / seconds / Machine.here.peak(.f32, threads: options.threads))
    }
}
