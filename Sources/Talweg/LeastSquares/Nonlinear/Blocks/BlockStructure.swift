/// Which blocks of a problem move, where their numbers stand in a step, and which residual blocks each is in.
///
/// A parameter block that is not constant and has residuals is active; the active ones are numbered from 0.
final class BlockStructure {
    let problem: BlockProblem
    /// [blocks]: the active number, or -1.
    let activeOf: PlainArray<Int32>
    /// [active]
    let blockOf: PlainArray<Int32>
    let tangent: PlainArray<Int>
    /// [active + 1]: where its numbers begin in a step.
    let offset: PlainArray<Int>
    let activeCount: Int
    /// How many numbers a step has.
    var unknowns: Int { offset[activeCount] }

    /// How a family's residuals lie.
    struct Layout: BitwiseCopyable {
        /// Of each block.
        var residuals: Int
        var width: Int
        /// Where its residual blocks, residuals and Jacobian begin.
        var firstBlock: Int
        var firstResidual: Int
        var firstDerivative: Int
    }

    /// [families]
    let layouts: PlainArray<Layout>
    let residualBlocks, derivatives: Int
    /// [residual blocks]
    let familyOf: PlainArray<Int32>
    /// [residual blocks + 1]: where the active numbers of each one's parameter blocks begin among `arguments`.
    let firstArgument: PlainArray<Int>
    let arguments: PlainArray<Int32>
    /// [arguments]: where its columns begin in a row of the Jacobian.
    let columns: PlainArray<Int32>
    /// Of each active block: its places among `arguments`, and the residual blocks that they belong to.
    let uses: IndexLists
    let users: PlainArray<Int32>

    init(_ problem: BlockProblem) throws(TalwegError) {
        self.problem = problem
        guard !problem.families.isEmpty else { throw .state("problem: there are no residual blocks") }
        let blocks = problem.blocks.elements
        let activeOf = try PlainArray<Int32>(blocks.count, filledWith: -1)
        layouts = try PlainArray(
            problem.families.count,
            filledWith: Layout(residuals: 0, width: 0, firstBlock: 0, firstResidual: 0, firstDerivative: 0))
        var (blockTotal, residualTotal, derivativeTotal, argumentTotal) = (0, 0, 0, 0)
        for (number, family) in problem.families.enumerated() {
            layouts[number] = Layout(
                residuals: family.residuals, width: family.width, firstBlock: blockTotal,
                firstResidual: residualTotal, firstDerivative: derivativeTotal)
            blockTotal += family.count
            argumentTotal += family.count * family.arity
            residualTotal += family.count * family.residuals
            let (area, overflow) = (family.count * family.residuals).multipliedReportingOverflow(by: family.width)
            let (next, over) = derivativeTotal.addingReportingOverflow(area)
            guard !overflow, !over else { throw .outOfMemory(bytes: Int.max) }
            derivativeTotal = next
            for place in 0..<family.blocks.count {
                let block = Int(family.blocks[place])
                if !blocks[block].isConstant { activeOf[block] = 0 }
            }
        }
        guard argumentTotal < Int(Int32.max) else { throw .outOfMemory(bytes: Int.max) }
        (residualBlocks, derivatives) = (blockTotal, derivativeTotal)

        var active = 0
        for block in 0..<blocks.count where activeOf[block] == 0 {
            activeOf[block] = Int32(active)
            active += 1
        }
        activeCount = active
        blockOf = try PlainArray(active, filledWith: 0)
        tangent = try PlainArray(active, filledWith: 0)
        offset = try PlainArray(active + 1, filledWith: 0)
        for block in 0..<blocks.count where activeOf[block] >= 0 {
            let number = Int(activeOf[block])
            blockOf[number] = Int32(block)
            tangent[number] = blocks[block].tangent
            offset[number + 1] = offset[number] + blocks[block].tangent
        }
        self.activeOf = activeOf

        familyOf = try PlainArray(blockTotal, filledWith: 0)
        firstArgument = try PlainArray(blockTotal + 1, filledWith: 0)
        arguments = try PlainArray(argumentTotal, filledWith: -1)
        columns = try PlainArray(argumentTotal, filledWith: 0)
        let sizes = try PlainArray<Int>(active + 1, filledWith: 0)
        var (row, argument) = (0, 0)
        for (number, family) in problem.families.enumerated() {
            for i in 0..<family.count {
                familyOf[row] = Int32(number)
                firstArgument[row] = argument
                for k in 0..<family.arity {
                    let found = activeOf[Int(family.blocks[i * family.arity + k])]
                    arguments[argument] = found
                    columns[argument] = Int32(family.columns[k])
                    if found >= 0 { sizes[Int(found) + 1] += 1 }
                    argument += 1
                }
                row += 1
            }
        }
        firstArgument[blockTotal] = argument
        uses = try IndexLists(sizes: sizes)
        users = try PlainArray(uses.items.count, filledWith: 0)
        let next = try PlainArray<Int>(active, filledWith: 0)
        for row in 0..<blockTotal {
            for place in firstArgument[row]..<firstArgument[row + 1] where arguments[place] >= 0 {
                let number = Int(arguments[place])
                let entry = uses.starts[number] + next[number]
                uses.items[entry] = Int32(place)
                users[entry] = Int32(row)
                next[number] += 1
            }
        }
    }

    /// How a residual block's family lies, and where its own residuals and Jacobian begin.
    @inline(__always)
    func place(of row: Int) -> (layout: Layout, residual: Int, derivative: Int) {
        let layout = layouts.pointer[Int(familyOf.pointer[row])]
        let number = row - layout.firstBlock
        return (
            layout, layout.firstResidual + number * layout.residuals,
            layout.firstDerivative + number * layout.residuals * layout.width
        )
    }
}
