@testable import Talweg

/// One row an operation: everything the suites need to test its values and
/// gradients on every layout. A new operation adds a row here.
struct OperationRow: Sendable {
    let name: String
    /// The inputs' shapes, a case each; an empty array of dims is a scalar.
    let shapes: [[[Int]]]
    /// Moves wave numbers (in about -0.9...0.97) into the operation's domain.
    let domain: @Sendable (Tensor) throws -> Tensor
    let apply: @Sendable ([Tensor]) throws -> Tensor
    /// One element of the result from the inputs' elements, for element-by-element operations.
    let scalar: (@Sendable ([Double]) -> Double)?
    /// Whether the second derivative exists where the test looks.
    let second: Bool
    /// Whether it has a derivative only where elements differ, so that none may repeat.
    let distinct: Bool

    var layouts: [Layout] { distinct ? Layout.allCases.filter { $0 != .repeated } : Layout.allCases }

    init(
        _ name: String, _ shapes: [[[Int]]], domain: @escaping @Sendable (Tensor) throws -> Tensor = { $0 },
        scalar: (@Sendable ([Double]) -> Double)? = nil, second: Bool = true, distinct: Bool = false,
        _ apply: @escaping @Sendable ([Tensor]) throws -> Tensor
    ) {
        self.name = name
        self.shapes = shapes
        self.domain = domain
        self.apply = apply
        self.scalar = scalar
        self.second = second
        self.distinct = distinct
    }
}

/// The rows of all families but the element-by-element operations, whose values have an oracle of their own.
let familyRows: [OperationRow] = [
    shapeRows,
    arrangeRows,
    indexRows,
    convolutionRows,
    poolingRows,
    linearAlgebraRows,
    productRows,
    contractionRows,
    fusedRows,
    layerRows,
    spectralRows,
    attentionRows,
    recurrentRows,
].flatMap { $0 }
