import Glibc

@testable import Talweg

/// Digits that agree; an error against 0 counts in absolute terms.
func lre(_ found: Double, _ certified: Double) -> Double {
    if found == certified { return 15 }
    let error = abs(found - certified) / (certified == 0 ? 1 : abs(certified))
    return error.isNaN ? 0 : min(15, max(0, -log10(error)))
}

/// A file of the collection.
struct StRD {
    var rows: [[Double]] = []
    var estimates: [Double] = []
    var deviations: [Double] = []
    var residualDeviation = 0.0
    var rSquared = 0.0
    /// Of the nonlinear ones.
    var starts: [[Double]] = [[], []]
    var columns: Int { rows.first?.count ?? 0 }

    init(_ name: String) throws {
        guard let folder = testData, let bytes = contents(of: folder + "/nist/linear/\(name).dat") else {
            throw TalwegError(.io, "\(name).dat is missing")
        }
        var inData = false
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            // The head has a line "Data:" too; the table's begins with the column names.
            if words.first == "Data:", words.dropFirst().first == "y" {
                inData = true
                continue
            }
            if inData {
                let row = words.compactMap(Double.init)
                if !row.isEmpty { rows.append(row) }
            } else if words.count == 3, words[0].hasPrefix("B"), let value = Double(words[1]),
                let error = Double(words[2])
            {
                estimates.append(value)
                deviations.append(error)
            } else if words.count == 3, words[0] == "Standard", words[1] == "Deviation" {
                residualDeviation = Double(words[2]) ?? .nan
            } else if words.count == 2, words[0] == "R-Squared" {
                rSquared = Double(words[1]) ?? .nan
            }
        }
    }
    init(nonlinear name: String) throws {
        guard let folder = testData, let bytes = contents(of: folder + "/nist/nonlinear/\(name).dat") else {
            throw TalwegError(.io, "\(name).dat is missing")
        }
        var inData = false
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            if words.first == "Data:", words.dropFirst().first == "y" {
                inData = true
                continue
            }
            let numbers = words.compactMap(Double.init)
            if inData {
                if numbers.count == 2 { rows.append(numbers) }
            } else if words.count == 6, words[0].hasPrefix("b"), words[1] == "=", numbers.count == 4 {
                starts[0].append(numbers[0])
                starts[1].append(numbers[1])
                estimates.append(numbers[2])
                deviations.append(numbers[3])
            }
        }
    }
}
