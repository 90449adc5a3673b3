import TalwegKernels
import Testing

/// Every elementwise float kernel of every table against the reference.
@Suite struct Elementwise {
  /// Ulp of the type by which a kernel may differ from the reference.
  static func bound(_ op: UnaryOp) -> Double {
    switch op {
    case .exp, .log: 1.6
    case .rsqrt: 0
    case .expm1, .log1p, .erf, .tanh, .softplus, .sigmoid: 3
    case .log2, .log10, .sin, .cos, .asin, .acos, .atan, .sinh, .cosh: 2.5
    case .tan: 3.5
    case .gelu: 8
    default: 0
    }
  }

  @Test(arguments: floatTypes) func unary(type: DType) {
    for table in tables {
      for op in UnaryOp.allCases {
        let kernel = table.unary(op, type)!, reference = KernelTable.reference.unary(op, type)!
        for (sx, sy) in [(1, 1), (2, 1), (1, 3), (0, 1), (-1, 1), (-2, -1)] {
          for n in sizes {
            let x = Row(type, count: n, stride: sx) { sample($0, type) }
            var y = Row(op.writesBool ? .bool : type, count: n, stride: sy)
            var expected = y
            x.withPointer { x in
              y.withMutablePointer { kernel(n, x, sx, $0, sy) }
              expected.withMutablePointer { reference(n, x, sx, $0, sy) }
            }
            let bad = (0..<n).first { !isNear(y[$0], expected[$0], Self.bound(op), type) }
            if let bad {
              Issue.record("\(table.name) \(op) \(type) n \(n) strides \(sx) \(sy): f(\(x[bad])) = \(y[bad]), not \(expected[bad])")
              break
            }
            #expect(n > 200 || y.isRestUntouched, "\(table.name) \(op) \(type) n \(n) strides \(sx) \(sy)")
          }
        }
      }
    }
  }

  @Test(arguments: floatTypes) func binary(type: DType) {
    for table in tables {
      for op in BinaryOp.allCases {
        guard let kernel = table.binary(op, type) else {
          #expect(KernelTable.reference.binary(op, type) == nil)
          continue
        }
        let reference = KernelTable.reference.binary(op, type)!
        for (sa, sb, sy) in [(1, 1, 1), (1, 0, 1), (0, 1, 1), (2, 1, 1), (1, -1, 1), (1, 1, 2), (0, 0, -1)] {
          for n in sizes {
            let a = Row(type, count: n, stride: sa) { sample($0, type) }
            let b = Row(type, count: n, stride: sb) { sample($0 * 3 + 1, type) }
            var y = Row(type, count: n, stride: sy)
            var expected = y
            a.withPointer { a in
              b.withPointer { b in
                y.withMutablePointer { kernel(n, a, sa, b, sb, $0, sy) }
                expected.withMutablePointer { reference(n, a, sa, b, sb, $0, sy) }
              }
            }
            for i in 0..<n {
              // The sum in geluGrad cancels near x = -0.75: its error is relative to g.
              let isNearby = op == .geluGrad
                ? isNear(y[i], expected[i], 10, type) || (y[i] - expected[i]).magnitude <= 8 * ulp(b[i], type)
                : isNear(y[i], expected[i], op == .power || op == .atan2 ? 2.5 : 0, type)
              if !isNearby {
                Issue.record("\(table.name) \(op) \(type) n \(n): f(\(a[i]), \(b[i])) = \(y[i]), not \(expected[i])")
                break
              }
            }
            #expect(n > 200 || y.isRestUntouched, "\(table.name) \(op) \(type) n \(n)")
          }
        }
      }
    }
  }

  @Test(arguments: floatTypes) func compare(type: DType) {
    for table in tables {
      for op in CompareOp.allCases {
        let kernel = table.compare(op, type), reference = KernelTable.reference.compare(op, type)
        for (sa, sb, sy) in [(1, 1, 1), (1, 0, 1), (0, 1, 1), (2, 1, 1), (1, -1, 1), (1, 1, 2)] {
          for n in sizes {
            let a = Row(type, count: n, stride: sa) { sample($0, type) }
            let b = Row(type, count: n, stride: sb) { sample($0 / 2 * 2, type) }
            var y = Row(.bool, count: n, stride: sy)
            var expected = y
            a.withPointer { a in
              b.withPointer { b in
                y.withMutablePointer { kernel(n, a, sa, b, sb, $0, sy) }
                expected.withMutablePointer { reference(n, a, sa, b, sb, $0, sy) }
              }
            }
            #expect(y.storage == expected.storage, "\(table.name) \(op) \(type) n \(n) strides \(sa) \(sb) \(sy)")
          }
        }
      }
    }
  }

  /// In place, at any position and in any company, an element has the same bits.
  @Test(arguments: floatTypes) func positionDoesNotMatter(type: DType) {
    let n = 67
    for table in tables {
      for op in UnaryOp.allCases where !op.writesBool {
        let kernel = table.unary(op, type)!
        let x = Row(type, count: n, stride: 1) { sample($0, type) }
        var whole = x
        whole.withMutablePointer { kernel(n, UnsafeRawPointer($0), 1, $0, 1) }
        var single = x
        for i in 0..<n {
          single.withMutablePointer { base in
            let p = base + i * type.itemSize
            kernel(1, UnsafeRawPointer(p), 1, p, 1)
          }
        }
        #expect(whole.storage == single.storage, "\(table.name) \(op) \(type)")
      }
    }
  }
}
