/// The subscripts of einsum, as NumPy spells them: a term of letters for each operand, one an axis, `...` for the axes
/// that broadcast, and after `->` those of the result.
struct EinsumSubscripts {
    /// A label for each axis of each operand: letters are 0 ... 51, the axes of an ellipsis follow.
    private(set) var terms: [[Int]] = []
    private(set) var output: [Int] = []
    private let text: String

    private static let letters = 52

    /// - Parameter ranks: the operands'.
    init(_ text: String, ranks: [Int]) throws(TalwegError) {
        self.text = text
        let (inputs, result) = try split()
        guard inputs.count == ranks.count else {
            throw problem("\(inputs.count) terms for \(ranks.count) operands")
        }
        var broadcast = 0
        for (position, (term, rank)) in zip(inputs, ranks).enumerated() {
            guard term.hasEllipsis ? term.letters <= rank : term.letters == rank else {
                throw problem("term \(position) has \(term.letters) labels for the operand's \(rank) axes")
            }
            if term.hasEllipsis { broadcast = max(broadcast, rank - term.letters) }
        }
        for (term, rank) in zip(inputs, ranks) {
            terms.append(term.labels(rank - term.letters, of: broadcast))
        }
        output = try result.map { result throws(TalwegError) in try explicit(result, broadcast) } ?? implicit(broadcast)
        guard output.count <= maximumRank else {
            throw TalwegError.shape("einsum: '\(text)': \(output.count) axes in the result; the most is \(maximumRank)")
        }
    }

    /// How messages write a label.
    static func name(_ label: Int) -> String {
        guard label < letters else { return "'...'" }
        return "'" + String(UnicodeScalar(UInt8(label < 26 ? 65 + label : 71 + label))) + "'"
    }

    /// A term as it is written.
    private struct Term {
        /// Labels; -1 stands for the ellipsis.
        var symbols: [Int] = []
        var hasEllipsis: Bool { symbols.contains(-1) }
        var letters: Int { symbols.count - (hasEllipsis ? 1 : 0) }

        /// The ellipsis made of the last `count` of all axes that broadcast.
        func labels(_ count: Int, of all: Int) -> [Int] {
            symbols.flatMap { symbol in
                symbol >= 0 ? [symbol] : ((all - count)..<all).map { EinsumSubscripts.letters + $0 }
            }
        }
    }

    private func problem(_ what: String) -> TalwegError { .invalid("einsum: '\(text)': \(what)") }

    private func split() throws(TalwegError) -> (inputs: [Term], output: Term?) {
        var inputs = [Term()]
        var output: Term?
        let bytes = Array(text.utf8)
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            let symbol: Int
            switch byte {
            case UInt8(ascii: " "): continue
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): symbol = Int(byte) - 65
            case UInt8(ascii: "a")...UInt8(ascii: "z"): symbol = Int(byte) - 71
            case UInt8(ascii: "."):
                guard at + 1 < bytes.count, bytes[at] == byte, bytes[at + 1] == byte else {
                    throw problem("'.' stands for axes only as '...'")
                }
                at += 2
                symbol = -1
            case UInt8(ascii: "-"):
                guard at < bytes.count, bytes[at] == UInt8(ascii: ">") else { throw problem("'-' without '>'") }
                guard output == nil else { throw problem("more than one '->'") }
                at += 1
                output = Term()
                continue
            case UInt8(ascii: ","):
                guard output == nil else { throw problem("the result has one term, without ','") }
                inputs.append(Term())
                continue
            default:
                throw problem("byte \(at - 1) is no letter, ',', '...' or '->'")
            }
            if symbol < 0, output?.hasEllipsis ?? inputs[inputs.count - 1].hasEllipsis {
                throw problem("more than one '...' in a term")
            }
            if output == nil { inputs[inputs.count - 1].symbols.append(symbol) } else { output?.symbols.append(symbol) }
        }
        return (inputs, output)
    }

    private func explicit(_ term: Term, _ broadcast: Int) throws(TalwegError) -> [Int] {
        guard term.hasEllipsis || broadcast == 0 else {
            throw problem("the operands' '...' has axes, so the result needs it too")
        }
        let labels = term.labels(broadcast, of: broadcast)
        let known = LabelSet(terms.joined())
        var seen = LabelSet([])
        for label in labels {
            guard !seen.contains(label) else { throw problem("label \(Self.name(label)) is twice in the result") }
            guard known.contains(label) else { throw problem("label \(Self.name(label)) of the result is in no term") }
            seen.insert(label)
        }
        return labels
    }

    /// What broadcasts, then the letters that are there once, in alphabetical order.
    private func implicit(_ broadcast: Int) -> [Int] {
        var times = [Int](repeating: 0, count: Self.letters + maximumRank)
        for label in terms.joined() { times[label] += 1 }
        return (0..<broadcast).map { Self.letters + $0 } + (0..<Self.letters).filter { times[$0] == 1 }
    }
}
