import CIntrinsics
import TalwegKernels
import Testing

/// Convolutions and pooling against the plain loops, on buffers with unreadable pages around them.
@Suite struct Convolution {
  struct Case {
    var images = 2, groups = 1, channels = 3, rows = 5
    var height = tk_axis(source: 7, result: 0, kernel: 3, stride: 1, padding: 1, dilation: 1)
    var width = tk_axis(source: 9, result: 0, kernel: 3, stride: 1, padding: 1, dilation: 1)
  }

  /// The direct convolution; nil if the kernel spans more than the padded source.
  static func direct(_ c: Case) -> tk_convolution? {
    func result(_ a: tk_axis) -> tk_axis {
      var a = a
      a.result = (a.source + 2 * a.padding - (a.kernel - 1) * a.dilation - 1) / a.stride + 1
      return a
    }
    for a in [c.height, c.width] where a.source + 2 * a.padding < (a.kernel - 1) * a.dilation + 1 { return nil }
    let plane = c.height.kernel * c.width.kernel
    return tk_convolution(
      images: c.images, groups: c.groups, channels: c.channels, rows: c.rows, height: result(c.height),
      width: result(c.width), transposed: false, weight_group: c.rows * c.channels * plane,
      weight_row: c.channels * plane, weight_channel: plane)
  }

  static func transposed(_ p: tk_convolution) -> tk_convolution {
    var t = p
    (t.channels, t.rows) = (p.rows, p.channels)
    (t.height.source, t.height.result) = (p.height.result, p.height.source)
    (t.width.source, t.width.result) = (p.width.result, p.width.source)
    (t.weight_row, t.weight_channel) = (p.weight_channel, p.weight_row)
    t.transposed = true
    return t
  }

  static func array(_ type: DType, _ count: Int, _ value: (Int) -> Double) -> Guarded {
    Guarded(type, dims: [count], strides: [1], value)
  }

  static func sizes(_ p: tk_convolution) -> (source: Int, result: Int, weights: Int) {
    (
      p.images * p.groups * p.channels * p.height.source * p.width.source,
      p.images * p.groups * p.rows * p.height.result * p.width.result,
      p.groups * p.rows * p.channels * p.height.kernel * p.width.kernel
    )
  }

  /// Chunks from the last to the first: their order may not matter.
  static func convolve(
    _ kernels: FloatKernels, _ p: tk_convolution, _ type: DType, _ source: Guarded, _ weights: Guarded, _ bias: Guarded?
  ) -> Guarded {
    var p = p
    var plan = tk_convolution_plan(p, kernels.gemmBlocks)
    let result = array(type, sizes(p).result) { _ in .nan }
    let packed = Guarded.bytes(plan.packed_bytes), workspace = Guarded.bytes(plan.workspace_bytes)
    for chunk in (0..<plan.packing_chunks).reversed() {
      kernels.convolution.packWeights(&p, &plan, weights.pointer, packed.pointer, chunk)
    }
    for chunk in (0..<plan.chunks).reversed() {
      kernels.convolution.convolve(
        &p, &plan, source.pointer, packed.pointer, bias.map { UnsafeRawPointer($0.pointer) }, result.pointer, chunk,
        workspace.pointer)
    }
    return result
  }

  static func weightGradient(
    _ kernels: FloatKernels, _ p: tk_convolution, _ type: DType, _ source: Guarded, _ gradient: Guarded
  ) -> Guarded {
    var p = p
    var plan = tk_weight_gradient_plan(p, kernels.gemmBlocks)
    let result = array(type, sizes(p).weights) { _ in .nan }
    let parts = Guarded.bytes(plan.sums_bytes), workspace = Guarded.bytes(plan.workspace_bytes)
    let sums = plan.sums_bytes == 0 ? result.pointer : parts.pointer
    for chunk in (0..<plan.chunks).reversed() {
      kernels.convolution.weightGradient(
        &p, &plan, source.pointer, gradient.pointer, sums, chunk, workspace.pointer)
    }
    for chunk in (0..<plan.finishing_chunks).reversed() {
      kernels.convolution.finishWeightGradient(&p, &plan, sums, result.pointer, chunk)
    }
    return result
  }

  /// Each element within a few roundings of each of its terms, whose sizes `sizes` adds up.
  static func compare(_ found: Guarded, _ expected: Guarded, _ sizes: Guarded, _ type: DType, _ what: String) {
    let unit = type == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne
    for i in 0..<found.count where !((found[i] - expected[i]).magnitude <= 16 * unit * (sizes[i] + 1)) {
      Issue.record("\(what): element \(i) is \(found[i]), expected \(expected[i])")
      return
    }
  }

  static func check(_ c: Case) {
    guard let p = direct(c) else { return }
    let (source, result, weights) = sizes(p)
    let reference = KernelTable.reference.f64
    for type in floatTypes {
      let rounded = { (x: Double) in type == .float32 ? Double(Float(x)) : x }
      let values = [source, result, weights, p.groups * p.rows, p.groups * p.channels].enumerated().map { seed, count in
        array(type, count) { uniform($0, seed: seed) }
      }
      let exact = [source, result, weights, p.groups * p.rows, p.groups * p.channels].enumerated().map { seed, count in
        array(.float64, count) { rounded(uniform($0, seed: seed)) }
      }
      let absolute = [source, result, weights].enumerated().map { seed, count in
        array(.float64, count) { rounded(uniform($0, seed: seed)).magnitude }
      }
      let t = transposed(p)
      let expected = [
        convolve(reference, p, .float64, exact[0], exact[2], exact[3]),
        convolve(reference, t, .float64, exact[1], exact[2], exact[4]),
        weightGradient(reference, p, .float64, exact[0], exact[1]),
      ]
      let bounds = [
        convolve(reference, p, .float64, absolute[0], absolute[2], nil),
        convolve(reference, t, .float64, absolute[1], absolute[2], nil),
        weightGradient(reference, p, .float64, absolute[0], absolute[1]),
      ]
      for table in tables {
        guard let kernels = table.float(type) else { continue }
        let name = "\(table.name) \(type) \(c)"
        compare(convolve(kernels, p, type, values[0], values[2], values[3]), expected[0], bounds[0], type, "direct \(name)")
        compare(convolve(kernels, t, type, values[1], values[2], values[4]), expected[1], bounds[1], type, "transposed \(name)")
        compare(
          weightGradient(kernels, p, type, values[0], values[1]), expected[2], bounds[2], type, "weights \(name)")
      }
    }
  }

  @Test func oddSizes() {
    for (height, width) in [(1, 40), (5, 7), (9, 9), (16, 16), (4, 4), (3, 70)] {
      for (kernelHeight, kernelWidth) in [(1, 1), (3, 3), (2, 5), (1, 3)] {
        for (strideHeight, strideWidth) in [(1, 1), (2, 2), (1, 3)] {
          for (paddingHeight, paddingWidth) in [(0, 0), (1, 1), (2, 0)] {
            for dilation in [1, 2] {
              var c = Case()
              c.height = tk_axis(
                source: height, result: 0, kernel: kernelHeight, stride: strideHeight, padding: paddingHeight,
                dilation: dilation)
              c.width = tk_axis(
                source: width, result: 0, kernel: kernelWidth, stride: strideWidth, padding: paddingWidth, dilation: 1)
              Self.check(c)
            }
          }
        }
      }
    }
  }

  @Test(arguments: [(1, 16), (12, 13), (24, 12), (33, 40), (64, 5), (100, 29)])
  func channels(_ channels: Int, _ rows: Int) {
    for groups in [1, 2] {
      for stride in [1, 2] {
        var c = Case(images: 3, groups: groups, channels: channels, rows: rows)
        (c.height.stride, c.width.stride) = (stride, stride)
        Self.check(c)
      }
    }
  }

  /// With channels for whole tiles, kernels that lie beyond the border in part, or altogether.
  @Test(arguments: [(3, 1, 4, 1), (5, 2, 2, 1), (2, 3, 3, 2), (1, 2, 0, 1), (1, 1, 2, 1), (7, 1, 3, 1), (3, 5, 1, 3)])
  func borders(_ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int) {
    for (height, width) in [(5, 7), (1, 20), (16, 16), (4, 4)] {
      for (images, channels, rows) in [(3, 32, 20), (5, 64, 48)] {
        var c = Case(images: images, channels: channels, rows: rows)
        c.height = tk_axis(
          source: height, result: 0, kernel: kernel, stride: stride, padding: padding, dilation: dilation)
        c.width = tk_axis(
          source: width, result: 0, kernel: min(kernel, 3), stride: stride, padding: padding, dilation: 1)
        Self.check(c)
      }
    }
  }

  @Test func pooling() throws {
    for (height, width) in [(1, 40), (7, 9), (16, 16), (3, 2500)] {
      for (kernel, stride, padding, dilation) in [(1, 1, 0, 1), (2, 2, 0, 1), (3, 2, 1, 1), (3, 1, 1, 2), (2, 3, 1, 1)] {
        var c = Case(images: 3, groups: 1, channels: 1, rows: 1)
        c.height = tk_axis(source: height, result: 0, kernel: kernel, stride: stride, padding: padding, dilation: dilation)
        c.width = tk_axis(source: width, result: 0, kernel: kernel, stride: stride, padding: padding, dilation: 1)
        guard let p = Self.direct(c) else { continue }
        for type in floatTypes { for counts in [true, false] { try Self.checkPooling(p, type, counts) } }
      }
    }
  }

  private static func checkPooling(_ windows: tk_convolution, _ type: DType, _ countsPadding: Bool) throws {
    let (source, result, _) = sizes(windows)
    let reference = try #require(KernelTable.reference.float(type))
    func pool(_ kernels: FloatKernels) -> [Guarded] {
      var p = windows
      var plan = tk_pooling_plan(p, itemSize: type.itemSize, countsPadding: countsPadding)
      let x = array(type, source) { $0 % 37 == 5 ? .nan : $0 % 5 == 0 ? -.infinity : uniform($0) }
      let clean = array(type, source) { uniform($0) }, y = array(type, result) { uniform($0, seed: 1) }
      let outputs = [result, result, result, source, result, source].map { array(type, $0) { _ in 77 } }
      let workspace = Guarded.bytes(plan.workspace_bytes)
      let pooling = kernels.pooling
      for chunk in (0..<plan.chunks).reversed() {
        pooling.maximum(&p, &plan, x.pointer, outputs[0].pointer, outputs[1].pointer, chunk, workspace.pointer)
        pooling.gather(&p, &plan, clean.pointer, outputs[2].pointer, outputs[1].pointer, chunk, workspace.pointer)
        pooling.scatter(&p, &plan, outputs[3].pointer, y.pointer, outputs[1].pointer, chunk, workspace.pointer)
        pooling.mean(&p, &plan, clean.pointer, outputs[4].pointer, nil, chunk, workspace.pointer)
        pooling.spread(&p, &plan, outputs[5].pointer, y.pointer, nil, chunk, workspace.pointer)
      }
      return outputs
    }
    let expected = pool(reference)
    let unit = type == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne
    for table in tables {
      guard let kernels = table.float(type) else { continue }
      for (which, (found, wanted)) in zip(pool(kernels), expected).enumerated() {
        for i in 0..<found.count {
          let (a, b) = (found[i], wanted[i])
          // The first three choose; the others add up to nine elements of at most 1 in another order.
          let same = a == b || a.isNaN && b.isNaN || which > 2 && (a - b).magnitude <= 16 * unit
          if !same { Issue.record("\(table.name) \(type) \(windows), output \(which): \(a), expected \(b)"); return }
        }
      }
    }
  }
}
