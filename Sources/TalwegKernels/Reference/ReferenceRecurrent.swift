internal import CIntrinsics

// LSTM and GRU as they are defined, in double. Packed weights have panels of one column.

let referenceRecurrentF32 = RecurrentKernels(
  lstm: { p, begin, end, _ in ReferenceRecurrent<Float>(p.pointee, 4).lstm(begin, end) },
  lstmBackward: { p, begin, end, _ in ReferenceRecurrent<Float>(p.pointee, 4).lstmBackward(begin, end) },
  gru: { p, begin, end, _ in ReferenceRecurrent<Float>(p.pointee, 3).gru(begin, end) },
  gruBackward: { p, begin, end, _ in ReferenceRecurrent<Float>(p.pointee, 3).gruBackward(begin, end) },
  packPanels: { referencePackPanels($0, $1, $2, $3, $4, $5, Float.self) }, panelColumns: 1)

let referenceRecurrentF64 = RecurrentKernels(
  lstm: { p, begin, end, _ in ReferenceRecurrent<Double>(p.pointee, 4).lstm(begin, end) },
  lstmBackward: { p, begin, end, _ in ReferenceRecurrent<Double>(p.pointee, 4).lstmBackward(begin, end) },
  gru: { p, begin, end, _ in ReferenceRecurrent<Double>(p.pointee, 3).gru(begin, end) },
  gruBackward: { p, begin, end, _ in ReferenceRecurrent<Double>(p.pointee, 3).gruBackward(begin, end) },
  packPanels: { referencePackPanels($0, $1, $2, $3, $4, $5, Double.self) }, panelColumns: 1)

@inline(__always)
private func referencePackPanels<T>(
  _ k: Int, _ n: Int, _ b: UnsafeRawPointer, _ row: Int, _ column: Int, _ packed: UnsafeMutableRawPointer, _: T.Type
) {
  let b = b.assumingMemoryBound(to: T.self), packed = packed.assumingMemoryBound(to: T.self)
  for j in 0..<n {
    for i in 0..<k { packed[j &* k &+ i] = b[i &* row &+ j &* column] }
  }
}

private struct ReferenceRecurrent<T: BinaryFloatingPoint> {
  let p: tk_recurrent
  let width, gates: Int

  @inline(__always) init(_ p: tk_recurrent, _ gates: Int) {
    self.p = p
    width = p.width
    self.gates = gates &* p.width
  }

  /// An element of [steps, batch, columns].
  @inline(__always) private func at(
    _ array: UnsafeMutableRawPointer?, _ step: Int, _ row: Int, _ columns: Int, _ column: Int
  ) -> UnsafeMutablePointer<T> {
    array!.assumingMemoryBound(to: T.self) + ((step &* p.batch &+ row) &* columns &+ column)
  }

  @inline(__always) private func logistic(_ x: Double) -> Double { 1 / (1 + Reference.exp(-x)) }
  @inline(__always) private func gate(_ step: Int, _ row: Int, _ gate: Int, _ j: Int) -> Double {
    Double(at(p.gates, step, row, gates, gate &* width &+ j).pointee)
  }
  @inline(__always) private func state(_ step: Int, _ row: Int, _ j: Int) -> Double {
    Double(at(p.hidden, step, row, width, j).pointee)
  }
  @inline(__always) private func cell(_ step: Int, _ row: Int, _ j: Int) -> Double {
    Double(at(p.cells, step, row, width, j).pointee)
  }
  @inline(__always) private func bias(_ gate: Int, _ j: Int) -> Double {
    p.bias.map { Double($0.assumingMemoryBound(to: T.self)[gate &* width &+ j]) } ?? 0
  }

  /// The recurrent product of one gate.
  @inline(__always) private func product(_ step: Int, _ row: Int, _ gate: Int, _ j: Int) -> Double {
    let weights = p.weights!.assumingMemoryBound(to: T.self) + (gate &* width &+ j) &* width
    var sum = 0.0
    for i in 0..<width { sum += state(step, row, i) * Double(weights[i]) }
    return sum
  }

  @inline(__always) func lstm(_ begin: Int, _ end: Int) {
    for step in 0..<p.steps {
      for row in begin..<end {
        for j in 0..<width {
          @inline(__always) func sum(_ gate: Int) -> Double {
            self.gate(step, row, gate, j) + product(step, row, gate, j) + bias(gate, j)
          }
          let i = logistic(sum(0)), f = logistic(sum(1)), g = Reference.tanh(sum(2)), o = logistic(sum(3))
          let c = f * cell(step, row, j) + i * g
          for (gate, value) in [(0, i), (1, f), (2, g), (3, o)] {
            at(p.gates, step, row, gates, gate &* width &+ j).pointee = T(value)
          }
          at(p.cells, step &+ 1, row, width, j).pointee = T(c)
          at(p.hidden, step &+ 1, row, width, j).pointee = T(o * Reference.tanh(c))
        }
      }
    }
  }

  @inline(__always) func gru(_ begin: Int, _ end: Int) {
    for step in 0..<p.steps {
      for row in begin..<end {
        for j in 0..<width {
          let r = logistic(gate(step, row, 0, j) + product(step, row, 0, j) + bias(0, j))
          let z = logistic(gate(step, row, 1, j) + product(step, row, 1, j) + bias(1, j))
          let recurrent = product(step, row, 2, j) + bias(3, j)
          let n = Reference.tanh(gate(step, row, 2, j) + bias(2, j) + r * recurrent)
          for (gate, value) in [(0, r), (1, z), (2, n)] {
            at(p.gates, step, row, gates, gate &* width &+ j).pointee = T(value)
          }
          at(p.cells, step, row, width, j).pointee = T(recurrent)
          at(p.hidden, step &+ 1, row, width, j).pointee = T((1 - z) * n + z * state(step, row, j))
        }
      }
    }
  }

  /// The gradient of the state after a step by what follows: dh of `next` (row-major, from the step after) and dy.
  @inline(__always) private func arriving(_ step: Int, _ row: Int, _ j: Int) -> Double {
    let dy = p.dy.map { Double($0.assumingMemoryBound(to: T.self)[step &* p.dy_step &+ row &* p.dy_row &+ j]) } ?? 0
    return Double(at(p.dh_first, 0, row, width, j).pointee) + dy
  }

  /// dh_first and dc_first hold the gradients of the state that a step leaves, and get those of the one before.
  @inline(__always) private func start(_ begin: Int, _ end: Int) {
    for row in begin..<end {
      for j in 0..<width {
        let at = row &* width &+ j
        self.at(p.dh_first, 0, row, width, j).pointee = p.dh_last?.assumingMemoryBound(to: T.self)[at] ?? 0
        if p.dc_first != nil {
          self.at(p.dc_first, 0, row, width, j).pointee = p.dc_last?.assumingMemoryBound(to: T.self)[at] ?? 0
        }
      }
    }
  }

  /// The gradient of the state before a step through the products, whose own is `slopes`.
  @inline(__always) private func recurrent(_ slopes: UnsafeMutableRawPointer?, _ step: Int, _ row: Int, _ j: Int)
    -> Double
  {
    let weights = p.weights!.assumingMemoryBound(to: T.self) + j &* gates
    var sum = 0.0
    for g in 0..<gates { sum += Double(at(slopes, step, row, gates, g).pointee) * Double(weights[g]) }
    return sum
  }

  @inline(__always) func lstmBackward(_ begin: Int, _ end: Int) {
    start(begin, end)
    for step in stride(from: p.steps &- 1, through: 0, by: -1) {
      for row in begin..<end {
        for j in 0..<width {
          let i = gate(step, row, 0, j), f = gate(step, row, 1, j), g = gate(step, row, 2, j)
          let o = gate(step, row, 3, j), squashed = Reference.tanh(cell(step &+ 1, row, j))
          let h = arriving(step, row, j), dc = at(p.dc_first, 0, row, width, j)
          let c = Double(dc.pointee) + h * o * (1 - squashed * squashed)
          let slopes = [
            c * g * i * (1 - i), c * cell(step, row, j) * f * (1 - f), c * i * (1 - g * g),
            h * squashed * o * (1 - o),
          ]
          for (gate, slope) in slopes.enumerated() {
            at(p.dgates, step, row, gates, gate &* width &+ j).pointee = T(slope)
          }
          dc.pointee = T(c * f)
        }
        for j in 0..<width { at(p.dh_first, 0, row, width, j).pointee = T(recurrent(p.dgates, step, row, j)) }
      }
    }
  }

  @inline(__always) func gruBackward(_ begin: Int, _ end: Int) {
    start(begin, end)
    for step in stride(from: p.steps &- 1, through: 0, by: -1) {
      for row in begin..<end {
        for j in 0..<width {
          let r = gate(step, row, 0, j), z = gate(step, row, 1, j), n = gate(step, row, 2, j)
          let h = arriving(step, row, j), dn = h * (1 - z) * (1 - n * n)
          let dr = dn * cell(step, row, j) * r * (1 - r), dz = h * (state(step, row, j) - n) * z * (1 - z)
          for (gate, input, product) in [(0, dr, dr), (1, dz, dz), (2, dn, dn * r)] {
            at(p.dgates, step, row, gates, gate &* width &+ j).pointee = T(input)
            at(p.dgates_hidden, step, row, gates, gate &* width &+ j).pointee = T(product)
          }
          at(p.dh_first, 0, row, width, j).pointee = T(h * z)
        }
        for j in 0..<width {
          at(p.dh_first, 0, row, width, j).pointee += T(recurrent(p.dgates_hidden, step, row, j))
        }
      }
    }
  }
}
