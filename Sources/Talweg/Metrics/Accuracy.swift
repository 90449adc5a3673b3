import TalwegKernels

extension Tensor {
    /// The share of rows whose largest logit is the label.
    /// - Parameters:
    ///   - logits: [n, classes]
    ///   - labels: [n], integers; one that is no class is never met.
    public static func accuracy(_ logits: Tensor, _ labels: Tensor) throws(TalwegError) -> Double {
        let correct = try correctCount(logits, labels)
        return Double(correct) / Double(labels.count)
    }

    /// How many rows have their largest logit at the label; the first of equal ones counts.
    static func correctCount(_ logits: Tensor, _ labels: Tensor) throws(TalwegError) -> Int {
        guard logits.rank == 2, labels.rank == 1, logits.shape[0] == labels.shape[0] else {
            throw .shape("accuracy: logits \(logits.shape) and labels \(labels.shape); wanted [n, classes] and [n]")
        }
        guard !labels.dtype.isFloating else {
            throw .dtype("accuracy: labels are integers, not \(labels.dtype.name)")
        }
        let (n, classes) = (logits.shape[0], logits.shape[1])
        guard classes > 0 else { throw .shape("accuracy: there are no classes in logits \(logits.shape)") }
        let truth = try labels.view.cast(to: .int64)
        let (y, step) = (truth.pointer(as: Int64.self), truth.strides[0])
        let argmax = kernels.argmax(logits.dtype)
        let (x, row, column) = (
            logits.view.pointer, logits.view.strides[0] * logits.dtype.itemSize, logits.view.strides[1]
        )
        var correct = 0
        var i = 0
        while i < n {
            if Int64(argmax(classes, x + i * row, column)) == y[i * step] { correct += 1 }
            i += 1
        }
        return correct
    }
}
