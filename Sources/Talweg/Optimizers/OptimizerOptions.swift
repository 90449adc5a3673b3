/// The options of a group of parameters: those that its optimizer has, each with a value.
public struct OptimizerOptions: Sendable {
    private var values = InlineArray<28, Double>(repeating: 0)
    /// A bit an option.
    private var present: UInt64 = 0

    init(_ values: KeyValuePairs<OptimizerOption, Double>) {
        for (option, value) in values {
            present |= 1 << UInt64(option.rawValue)
            self[option] = value
        }
    }

    /// Whether the optimizer has the option.
    public func has(_ option: OptimizerOption) -> Bool { present & 1 << UInt64(option.rawValue) != 0 }

    /// 0 for an option that the optimizer has not; setting that changes nothing.
    public subscript(option: OptimizerOption) -> Double {
        get { values[Int(option.rawValue)] }
        set { if has(option) { values[Int(option.rawValue)] = newValue } }
    }

    func isOn(_ option: OptimizerOption) -> Bool { self[option] != 0 }

    /// The options that there are, in the order of their numbers.
    public var all: [OptimizerOption] { OptimizerOption.allCases.filter { has($0) } }

    /// Refuses values outside their ranges.
    func check() throws(TalwegError) {
        for option in all { try option.check(self[option]) }
        if isOn(.nesterov), has(.dampening) {
            guard self[.momentum] > 0 else { throw .invalid("optimizer: nesterov needs a momentum above 0") }
            guard self[.dampening] == 0 else {
                throw .invalid("optimizer: nesterov needs dampening 0, not \(self[.dampening])")
            }
        }
    }
}
