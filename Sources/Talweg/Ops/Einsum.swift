import TalwegKernels

// Einstein's sums, made of recorded operations: diagonals, sums and products two by two.

/// The most operands of one call.
private let mostOperands = 64

extension Tensor {
    /// Sums of products by subscripts, as NumPy spells them: `"bij,bjk->bik"`. Products are taken two by two, in the
    /// order of the fewest multiply-adds (of up to eight operands; of more by a greedy rule).
    public static func einsum(_ subscripts: String, _ operands: [Tensor]) throws(TalwegError) -> Tensor {
        guard !operands.isEmpty, operands.count <= mostOperands else {
            throw .invalid("einsum: \(operands.count) operands; from 1 to \(mostOperands) are allowed")
        }
        let spec = try EinsumSubscripts(subscripts, ranks: operands.map(\.rank))
        let sizes = try labelSizes(spec, operands, subscripts)
        var dtype = operands[0].dtype
        for operand in operands { dtype = promoted(dtype, operand.dtype) }
        // Truth values are counted: a sum of products is whether there is one.
        let computed = dtype == .bool ? DType.int64 : dtype

        var live: [Labelled?] = []
        for (operand, labels) in zip(operands, spec.terms) {
            let x = operand.dtype == computed ? operand : try operand.cast(to: computed)
            live.append(try Labelled(tensor: x, labels: labels).simplified(sizes))
        }
        try sumWhatIsAlone(&live, spec.output)

        let kept = LabelSet(spec.output)
        let order = EinsumOrder(
            live.map { LabelSet($0?.labels ?? []) }, output: kept, sizes: sizes.map { Double($0) })
        for (first, second) in order.steps {
            guard let a = live[first], let b = live[second] else { continue }
            (live[first], live[second]) = (nil, nil)
            var needed = kept
            for case let other? in live { needed = needed.union(LabelSet(other.labels)) }
            let isLast = live.count == order.steps.count + operands.count - 1
            let others = isLast ? [] : a.labels + b.labels.filter { !a.labels.contains($0) }
            live.append(try contracted(a, b, keeping: needed, order: isLast ? spec.output : others, "einsum"))
        }
        guard let last = live.last, let result = last else { throw .internal("einsum: no result") }
        return try result.aligned(spec.output).cast(to: dtype)
    }
}

/// The size of each label: an axis of size 1 broadcasts.
private func labelSizes(_ spec: EinsumSubscripts, _ operands: [Tensor], _ subscripts: String)
    throws(TalwegError) -> [Int]
{
    var sizes = [Int](repeating: 1, count: 64)
    for (position, labels) in spec.terms.enumerated() {
        let shape = operands[position].shape
        for (axis, label) in labels.enumerated() {
            let size = shape[axis]
            if let earlier = labels[..<axis].firstIndex(of: label), shape[earlier] != size {
                throw .shape(
                    "einsum: '\(subscripts)': label \(EinsumSubscripts.name(label)) has sizes \(shape[earlier]) and "
                        + "\(size) in operand \(position) of shape \(shape)")
            }
            guard sizes[label] == 1 || size == 1 || sizes[label] == size else {
                throw .shape(
                    "einsum: '\(subscripts)': label \(EinsumSubscripts.name(label)) has size \(size) in operand "
                        + "\(position) of shape \(shape), \(sizes[label]) before")
            }
            if size != 1 { sizes[label] = size }
        }
    }
    return sizes
}

/// Sums each operand over the labels that neither another one nor the result has.
private func sumWhatIsAlone(_ live: inout [Labelled?], _ output: [Int]) throws(TalwegError) {
    for position in live.indices {
        guard let operand = live[position] else { continue }
        var needed = LabelSet(output)
        for (other, labelled) in live.enumerated() where other != position {
            needed = needed.union(LabelSet(labelled?.labels ?? []))
        }
        let alone = operand.labels.indices.filter { !needed.contains(operand.labels[$0]) }
        if alone.isEmpty { continue }
        let sum = try operand.tensor.sum(axes: alone).cast(to: operand.tensor.dtype)
        live[position] = Labelled(tensor: sum, labels: operand.labels.filter(needed.contains))
    }
}

extension Labelled {
    /// With the diagonals that repeated labels mean, and without the axes that broadcast.
    fileprivate func simplified(_ sizes: [Int]) throws(TalwegError) -> Labelled {
        var (x, labels) = (tensor, labels)
        var axis = 0
        while axis < labels.count {
            if let again = labels[(axis + 1)...].firstIndex(of: labels[axis]) {
                x = try apply(Diagonal(rows: axis, columns: again, offset: 0), x)
                labels.append(labels[axis])
                labels.remove(at: again)
                labels.remove(at: axis)
            } else if x.shape[axis] == 1, sizes[labels[axis]] != 1 {
                x = try x.squeeze(axis)
                labels.remove(at: axis)
            } else {
                axis += 1
            }
        }
        return Labelled(tensor: x, labels: labels)
    }
}
