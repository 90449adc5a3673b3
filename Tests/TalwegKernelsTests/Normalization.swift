import CIntrinsics
import TalwegKernels
import Testing

/// Row and channel norms against the plain loops.
@Suite struct Normalization {
  /// Elements, and the buffer that they lie in, which must stay as it was around them.
  private func row(_ type: DType, _ count: Int, _ seed: Int) -> Row {
    Row(type, count: count, stride: 1) { 2 * uniform($0, seed: seed) + 0.5 }
  }

  private func compare(_ name: String, _ mine: Row, _ expected: Row, _ type: DType, bound: Double) {
    for i in 0..<mine.count {
      let slack = bound * ulp(max(1, expected[i].magnitude), type)
      if (mine[i] - expected[i]).magnitude <= slack { continue }
      Issue.record("\(name) at \(i): \(mine[i]), not \(expected[i])")
      return
    }
    #expect(mine.isRestUntouched, "\(name) wrote outside")
  }

  @Test(arguments: floatTypes) func rows(type: DType) {
    for table in tables {
      for (rows, width) in [(1, 1), (1, 16), (2, 5), (3, 33), (4, 64), (5, 65), (6, 127), (9, 384), (3, 2500)] {
        for (centered, extras) in [(true, 0), (true, 1), (true, 3), (false, 1), (false, 0)] {
          let x = row(type, rows * width, 0), g = row(type, rows * width, 1), r = row(type, rows * width, 2)
          let weight = row(type, width, 3), bias = row(type, width, 4)
          var results: [[Row]] = []
          for kernels in [table.float(type)!, KernelTable.reference.float(type)!] {
            var y = Row(type, count: rows * width, stride: 1), dx = y
            var means = Row(type, count: rows, stride: 1), scales = means
            var dweight = Row(type, count: width, stride: 1), dbias = dweight
            x.withPointer { x in r.withPointer { r in weight.withPointer { weight in bias.withPointer { bias in
              g.withPointer { g in y.withMutablePointer { y in means.withMutablePointer { means in
                scales.withMutablePointer { scales in dx.withMutablePointer { dx in
                  dweight.withMutablePointer { dweight in dbias.withMutablePointer { dbias in
                    let residual = extras & 2 == 0 ? nil : r, w = extras & 1 == 0 ? nil : weight
                    kernels.normalization.rows(
                      rows, width, 1e-3, centered, x, residual, w, extras & 1 == 0 ? nil : bias, y, means, scales)
                    kernels.normalization.rowsBackward(
                      rows, width, centered, g, x, residual, w, means, scales, dx, w == nil ? nil : dweight,
                      w == nil ? nil : dbias)
                  } }
                } }
              } } }
            } } } }
            if extras & 1 == 0 { (dweight, dbias) = (weight, bias) }
            results.append([y, means, scales, dx, dweight, dbias])
          }
          for (place, what) in ["y", "means", "scales", "dx", "dweight", "dbias"].enumerated() {
            if what == "means", !centered { continue }
            compare(
              "\(table.name) \(what) of \(rows) x \(width), \(centered), \(extras)", results[0][place],
              results[1][place], type, bound: width == 1 ? 1e3 : 64)
          }
        }
      }
    }
  }

  /// A row does not depend on where it stands in its group.
  @Test(arguments: floatTypes) func positions(type: DType) {
    let width = 37
    for table in tables {
      let kernels = table.float(type)!.normalization
      let x = Row(type, count: 7 * width, stride: 1) { uniform($0 % width) }
      var y = Row(type, count: 7 * width, stride: 1), means = Row(type, count: 7, stride: 1), scales = means
      x.withPointer { x in y.withMutablePointer { y in means.withMutablePointer { means in
        scales.withMutablePointer { kernels.rows(7, width, 1e-5, true, x, nil, nil, nil, y, means, $0) }
      } } }
      for i in 0..<(7 * width) { #expect(y[i] == y[i % width]) }
    }
  }

  @Test(arguments: floatTypes) func channels(type: DType) {
    for table in tables {
      for (images, size, step) in [(1, 1, 1), (2, 3, 1), (3, 16, 1), (2, 65, 1), (5, 100, 1), (1, 9, 3), (2, 5000, 1)] {
        for (relu, adds) in [(false, false), (true, false), (true, true), (false, true)] {
          var layout = tk_channel_layout(images: images, size: size, step: step, stride: size * step + 2)
          let count = images * (size * step + 2)
          let x = row(type, count, 0), g = row(type, count, 1), r = row(type, count, 2)
          var results: [[Row]] = []
          var numbers: [[Double]] = []
          for kernels in [table.float(type)!.normalization, KernelTable.reference.float(type)!.normalization] {
            var (mean, variance, sum, product) = (0.0, 0.0, 0.0, 0.0)
            var y = Row(type, count: count, stride: 1) { _ in 7 }, dx = y, dr = y
            x.withPointer { x in r.withPointer { r in g.withPointer { g in y.withMutablePointer { y in
              dx.withMutablePointer { dx in dr.withMutablePointer { dr in
                kernels.channelMoments(&layout, x, &mean, &variance)
                kernels.channels(&layout, 0.4, 1.5, -0.25, relu, x, adds ? r : nil, y)
                kernels.channelGradientSums(&layout, 0.4, g, relu ? UnsafeRawPointer(y) : nil, x, &sum, &product)
                kernels.channelsBackward(
                  &layout, 0.4, 1.5, -0.7, 0.1, g, relu ? UnsafeRawPointer(y) : nil, x, dx, adds ? dr : nil)
              } }
            } } } }
            results.append([y, dx, dr])
            numbers.append([mean, variance, sum, product])
          }
          let name = "\(table.name) \(images) x \(size) by \(step)"
          for place in 0..<3 { compare(name, results[0][place], results[1][place], type, bound: 8) }
          for place in 0..<4 {
            let scale = place < 2 ? 4.0 : Double(4 * images * size)
            #expect(
              (numbers[0][place] - numbers[1][place]).magnitude <= 4 * scale * ulp(1, type),
              "\(name), sum \(place): \(numbers[0][place]), not \(numbers[1][place])")
          }
        }
      }
    }
  }

  /// The variance of numbers far from 0: 2 / 3 of three in a row, whatever the mean.
  @Test(arguments: floatTypes) func cancellation(type: DType) {
    let offset = type == .float32 ? 1e5 : 1e12
    for table in tables {
      let x = Row(type, count: 300, stride: 1) { offset + Double($0 % 3) }
      var layout = tk_channel_layout(images: 3, size: 100, step: 1, stride: 100)
      var (mean, variance) = (0.0, 0.0)
      x.withPointer { table.float(type)!.normalization.channelMoments(&layout, $0, &mean, &variance) }
      #expect(mean == offset + 1)
      #expect((variance - 2.0 / 3).magnitude < 1e-6)
    }
  }
}
