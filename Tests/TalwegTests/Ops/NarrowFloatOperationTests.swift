import Testing

@testable import Talweg

/// Every operation of the table given float16 or bfloat16: the result is near that of float64, or the dtype is refused.
/// What this looks for is an operation that takes the memory for another type's.
@Suite struct NarrowFloatOperationTests {
    /// But those that jump where rounding may move a number, or draw other random numbers for another type.
    static let rows = (elementwiseRows + shapeRows).filter { !["round", "dropout"].contains($0.name) }

    @Test(arguments: rows, narrowTypes)
    func nearOrRefused(_ row: OperationRow, _ dtype: DType) throws {
        for shapes in row.shapes {
            let inputs = try shapes.enumerated().map {
                try Layout.contiguous.make($1, 0.37 + 0.21 * Double($0), row.domain).cast(to: dtype)
            }
            let expected = try row.apply(inputs.map { try $0.cast(to: .float64) })
            do {
                for input in inputs { try input.setRequiresGrad(true) }
                let found = try row.apply(inputs)
                #expect(found.shape == expected.shape, "\(row.name)")
                // Some roundings to eight bits, of numbers about 1.
                for (a, b) in zip(try found.doubles(), try expected.doubles()) where b.isFinite {
                    #expect(abs(a - b) <= 0.06 * max(1, abs(b)), "\(row.name): \(a), in float64 \(b)")
                }
                guard found.requiresGrad, found.count > 0 else { continue }
                try found.sum().backward()
                for input in inputs {
                    guard let gradient = input.grad else { continue }
                    #expect(gradient.dtype == dtype && gradient.shape == input.shape, "\(row.name)")
                }
            } catch let error as TalwegError {
                #expect(error.status == .dtype, "\(row.name): \(error)")
            }
        }
    }
}
