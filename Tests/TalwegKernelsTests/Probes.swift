import TalwegKernels
import TalwegKernelsBF16
import Testing

/// The benchmarks' probes do what they say, so that what is measured is work that was done.
@Suite struct Probes {
  @Test func multiplyAdd() {
    for table in tables {
      check(table, table.probes.multiplyAddF32, Float.self)
      check(table, table.probes.multiplyAddF64, Double.self)
    }
  }

  /// Fused or not, a round is within an ulp or so of the exact value, and the factor keeps errors from growing.
  private func check<T: BinaryFloatingPoint>(_ table: KernelTable, _ probe: MultiplyAddProbe, _ type: T.Type) {
    let rounds = 100
    var values = (0..<(2 + ProbeKernels.elements)).map { T(1 + 0.01 * Double($0)) }
    values[0] = 0.999
    values[1] = 0.001
    let before = values
    let count = values.withUnsafeMutableBytes { probe(rounds, $0.baseAddress!) }
    #expect((12...ProbeKernels.elements).contains(count))
    for i in 2..<values.count {
      var wanted = before[i]
      if i < 2 + count {
        for _ in 0..<rounds { wanted = wanted * before[0] + before[1] }
      }
      let error = abs(values[i] - wanted)
      #expect(error <= T(rounds) * T.ulpOfOne * wanted, "\(table.name) \(type) at \(i)")
    }
  }

  /// 1.5 0.5 + -2 0.25 = 0.25: exact.
  @Test(.enabled(if: cpuSupportsAVX512BF16())) func multiplyPairs() {
    var values = (0..<(2 + ProbeKernels.elements)).map { Float($0) }
    values[0] = Float(bitPattern: 0xc000_3fc0)
    values[1] = Float(bitPattern: 0x3e80_3f00)
    let before = values
    let count = values.withUnsafeMutableBytes { bf16PairProbe()(100, $0.baseAddress!) }
    #expect(count == 2 * ProbeKernels.elements)
    for i in 2..<values.count { #expect(values[i] == before[i] + 25, "at \(i)") }
  }

  @Test func traffic() {
    let n = 1024
    let room = UnsafeMutableRawPointer.allocate(byteCount: 3 * 4 * n, alignment: 64)
    defer { room.deallocate() }
    let (x, z, y) = (room, room + 4 * n, room + 8 * n)
    let floats = y.assumingMemoryBound(to: Float.self)
    for table in tables {
      for i in 0..<n {
        x.storeBytes(of: Float(i), toByteOffset: 4 * i, as: Float.self)
        z.storeBytes(of: Float(2 * i), toByteOffset: 4 * i, as: Float.self)
      }
      // Integers below 2^24: exact in any order.
      #expect(table.probes.read(n, x) == Float(n * (n - 1) / 2))
      table.probes.write(n, y)
      #expect((0..<n).allSatisfy { floats[$0] == 1 }, "\(table.name) write")
      table.probes.copy(n, x, y)
      #expect((0..<n).allSatisfy { floats[$0] == Float($0) }, "\(table.name) copy")
      table.probes.triad(n, x, z, y)
      #expect((0..<n).allSatisfy { floats[$0] == Float(7 * $0) }, "\(table.name) triad")
    }
  }
}
