extension Module {
    /// A table of the modules below with the shapes of their parameters and buffers and how many numbers the
    /// parameters hold; where some are frozen, a last line counts those that train:
    ///
    ///     Sequential
    ///     path   type    parameters                  numbers
    ///     0      Linear  weight [32, 64], bias [32]     2080
    ///     1      ReLU                                      0
    ///     2      Linear  weight [10, 32], bias [10]      330
    ///     total                                         2410
    public final var summary: String {
        var rows = [["path", "type", "parameters", "numbers"]]
        var counted = Set<ObjectIdentifier>()
        for (path, module) in modules {
            if path.isEmpty, module.parameters.isEmpty, module.buffers.isEmpty { continue }
            let texts =
                module.parameters.map { "\($0.name) \($0.tensor.shape)" }
                + module.buffers.map { "\($0.name) \($0.tensor.shape) (buffer)" }
            // A shared parameter is counted where it is first met.
            var numbers = 0
            for (_, tensor) in module.parameters where counted.insert(ObjectIdentifier(tensor)).inserted {
                numbers &+= tensor.count
            }
            rows.append([path.isEmpty ? "." : path, module.typeName, texts.joined(separator: ", "), "\(numbers)"])
        }
        rows.append(["total", "", "", "\(parameterSize)"])
        if trainableSize < parameterSize { rows.append(["trainable", "", "", "\(trainableSize)"]) }

        var widths = [0, 0, 0, 0]
        for row in rows {
            for (column, text) in row.enumerated() { widths[column] = max(widths[column], text.count) }
        }
        func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
        var text = typeName
        for row in rows {
            text += "\n"
            for (column, cell) in row.enumerated() {
                let padding = blanks(widths[column] - cell.count)
                text += column == 3 ? padding + cell : cell + padding + "  "
            }
        }
        return text
    }
}
