@testable import Talweg

private typealias Axis = ConvolutionOptions.Axis

let convolutionRows: [OperationRow] = [
    OperationRow("conv2d", [[[2, 3, 5, 4], [4, 3, 3, 2], [4]], [[1, 1, 1, 1], [1, 1, 1, 1], [1]]]) {
        try $0[0].conv2d($0[1], $0[2])
    },
    OperationRow("conv2d of nothing", [[[0, 2, 3, 3], [2, 2, 2, 2], [2]], [[2, 2, 3, 3], [0, 2, 2, 2], [0]]]) {
        try $0[0].conv2d($0[1], $0[2])
    },
    OperationRow("conv2d padded, strided, dilated", [[[2, 2, 7, 6], [3, 2, 3, 2]]]) {
        try $0[0].conv2d(
            $0[1], nil,
            ConvolutionOptions(
                height: Axis(stride: 2, padding: 1, dilation: 2), width: Axis(stride: 3, padding: 2, dilation: 1)))
    },
    OperationRow("conv2d in groups", [[[2, 4, 4, 3], [6, 2, 3, 3], [6]]]) {
        try $0[0].conv2d($0[1], $0[2], ConvolutionOptions(Axis(padding: 1), groups: 2))
    },
    OperationRow("conv2d by channels", [[[2, 3, 4, 5], [3, 1, 3, 3], [3]], [[1, 2, 5, 4], [4, 1, 2, 3], [4]]]) {
        try $0[0].conv2d($0[1], $0[2], ConvolutionOptions(Axis(stride: 2, padding: 1), groups: $0[0].shape[1]))
    },
    OperationRow("conv1d", [[[2, 3, 9], [4, 3, 4], [4]]]) {
        try $0[0].conv1d($0[1], $0[2], ConvolutionOptions(Axis(stride: 2, padding: 3, dilation: 2)))
    },
    OperationRow("conv_transpose2d", [[[2, 3, 3, 2], [3, 2, 3, 2], [2]]]) {
        try $0[0].convTranspose2d($0[1], $0[2])
    },
    OperationRow("conv_transpose2d strided", [[[2, 4, 3, 3], [4, 2, 3, 2], [4]]]) {
        try $0[0].convTranspose2d(
            $0[1], $0[2],
            ConvolutionOptions(
                height: Axis(stride: 2, padding: 1, outputPadding: 1),
                width: Axis(stride: 3, padding: 1, dilation: 2, outputPadding: 2), groups: 2))
    },
    OperationRow("conv_transpose1d", [[[2, 2, 4], [2, 3, 3], [3]]]) {
        try $0[0].convTranspose1d($0[1], $0[2], ConvolutionOptions(Axis(stride: 2, padding: 1, outputPadding: 1)))
    },
]

private typealias Window = PoolingOptions.Axis

let poolingRows: [OperationRow] = [
    OperationRow("max_pool2d", [[[2, 2, 5, 7]], [[0, 2, 4, 4]], [[1, 1, 1, 1]]]) {
        try $0[0].maxPool2d(PoolingOptions(Window(kernel: Swift.min(2, $0[0].shape[2]))))
    },
    OperationRow("max_pool2d overlapping", [[[2, 2, 7, 8]]]) {
        try $0[0].maxPool2d(
            PoolingOptions(
                height: Window(kernel: 3, stride: 2, padding: 1), width: Window(kernel: 2, stride: 3, dilation: 2)))
    },
    OperationRow("max_pool1d", [[[2, 3, 9]]]) { try $0[0].maxPool1d(PoolingOptions(Window(kernel: 3, stride: 1, padding: 1))) },
    OperationRow("avg_pool2d", [[[2, 2, 5, 7]], [[0, 2, 4, 4]]]) { try $0[0].avgPool2d(PoolingOptions(Window(kernel: 2))) },
    OperationRow("avg_pool2d of what is inside", [[[2, 2, 7, 6]]]) {
        try $0[0].avgPool2d(
            PoolingOptions(
                height: Window(kernel: 3, stride: 2, padding: 1), width: Window(kernel: 3, stride: 1, padding: 1),
                countsPadding: false))
    },
    OperationRow("avg_pool1d", [[[2, 3, 9]]]) { try $0[0].avgPool1d(PoolingOptions(Window(kernel: 4, stride: 3, padding: 2))) },
    OperationRow("max_pool2d with a ceiling", [[[2, 2, 6, 8]]]) {
        try $0[0].maxPool2d(
            PoolingOptions(
                height: Window(kernel: 3, stride: 2), width: Window(kernel: 2, stride: 3, padding: 1), ceiling: true))
    },
    OperationRow("avg_pool2d with a ceiling", [[[2, 2, 6, 8]]]) {
        try $0[0].avgPool2d(
            PoolingOptions(
                height: Window(kernel: 3, stride: 2, padding: 1), width: Window(kernel: 2, stride: 3), ceiling: true))
    },
    OperationRow("avg_pool1d with a ceiling, of what is inside", [[[2, 3, 8]]]) {
        try $0[0].avgPool1d(
            PoolingOptions(Window(kernel: 4, stride: 3, padding: 2), countsPadding: false, ceiling: true))
    },
    OperationRow("avg_pool2d over a divisor", [[[1, 2, 4, 5]]]) {
        try $0[0].avgPool2d(PoolingOptions(Window(kernel: 2), divisor: 3))
    },
    OperationRow("adaptive_avg_pool2d", [[[2, 2, 5, 7]], [[0, 2, 4, 4]], [[1, 1, 2, 3]]]) {
        try $0[0].adaptiveAvgPool2d(3, 4)
    },
    OperationRow("adaptive_avg_pool1d", [[[2, 3, 7]]]) { try $0[0].adaptiveAvgPool1d(3) },
    OperationRow("adaptive_max_pool2d", [[[2, 2, 5, 7]], [[0, 2, 4, 4]]], distinct: true) {
        try $0[0].adaptiveMaxPool2d(3, 4)
    },
    OperationRow("adaptive_max_pool1d", [[[2, 3, 7]]], distinct: true) { try $0[0].adaptiveMaxPool1d(3) },
    OperationRow("global_average_pool", [[[2, 3, 2, 4]], [[2, 3, 5]]]) { try $0[0].globalAveragePool() },
]
