public import CIntrinsics

// Pooling, a window at a time.

extension PoolingKernels {
  static let referenceF32 = PoolingKernels(
    maximum: { p, plan, x, y, taps, chunk, _ in referenceMaximum(p.pointee, plan.pointee, x, y, taps, chunk, Float.self) },
    gather: { p, plan, x, y, taps, chunk, _ in referenceGather(p.pointee, plan.pointee, x, y, taps, chunk, Float.self) },
    scatter: { p, plan, x, y, taps, chunk, _ in referenceScatter(p.pointee, plan.pointee, x, y, taps, chunk, Float.self) },
    mean: { p, plan, x, y, _, chunk, _ in referenceMean(p.pointee, plan.pointee, x, y, chunk, Float.self) },
    spread: { p, plan, x, y, _, chunk, _ in referenceSpread(p.pointee, plan.pointee, x, y, chunk, Float.self) })
  static let referenceF64 = PoolingKernels(
    maximum: { p, plan, x, y, taps, chunk, _ in referenceMaximum(p.pointee, plan.pointee, x, y, taps, chunk, Double.self) },
    gather: { p, plan, x, y, taps, chunk, _ in referenceGather(p.pointee, plan.pointee, x, y, taps, chunk, Double.self) },
    scatter: { p, plan, x, y, taps, chunk, _ in referenceScatter(p.pointee, plan.pointee, x, y, taps, chunk, Double.self) },
    mean: { p, plan, x, y, _, chunk, _ in referenceMean(p.pointee, plan.pointee, x, y, chunk, Double.self) },
    spread: { p, plan, x, y, _, chunk, _ in referenceSpread(p.pointee, plan.pointee, x, y, chunk, Double.self) })
}

/// Calls `body` for each window of a chunk: where its result lies and, through the function it is given, where
/// the elements lie and their taps.
@inline(__always)
private func forEachWindow(
  _ p: tk_convolution, _ plan: tk_pooling_plan, _ chunk: Int,
  _ body: (_ result: Int, _ row: Int, _ column: Int, _ elements: ((_ element: Int, _ tap: Int) -> Void) -> Void) -> Void
) {
  let first = chunk &* plan.planes
  for plane in first..<min(p.images, first &+ plan.planes) {
    for row in 0..<p.height.result {
      for column in 0..<p.width.result {
        body((plane &* p.height.result &+ row) &* p.width.result &+ column, row, column) { visit in
          for ky in 0..<p.height.kernel {
            guard let y = p.height.source(row, ky, false) else { continue }
            for kx in 0..<p.width.kernel {
              guard let x = p.width.source(column, kx, false) else { continue }
              visit((plane &* p.height.source &+ y) &* p.width.source &+ x, ky &* p.width.kernel &+ kx)
            }
          }
        }
      }
    }
  }
}

@inline(__always)
private func clear<T: BinaryFloatingPoint>(
  _ p: tk_convolution, _ plan: tk_pooling_plan, _ x: UnsafeMutablePointer<T>, _ chunk: Int
) {
  let plane = p.height.source &* p.width.source
  let first = chunk &* plan.planes
  for i in (first &* plane)..<(min(p.images, first &+ plan.planes) &* plane) { x[i] = 0 }
}

@inline(__always)
private func referenceMaximum<T: BinaryFloatingPoint>(
  _ p: tk_convolution, _ plan: tk_pooling_plan, _ x: UnsafeMutableRawPointer, _ y: UnsafeMutableRawPointer,
  _ taps: UnsafeMutableRawPointer?, _ chunk: Int, _: T.Type
) {
  let x = x.assumingMemoryBound(to: T.self), y = y.assumingMemoryBound(to: T.self)
  let taps = taps?.assumingMemoryBound(to: T.self)
  forEachWindow(p, plan, chunk) { result, row, column, elements in
    var best = -T.infinity
    var found = p.height.tapsInside(row).lowerBound &* p.width.kernel &+ p.width.tapsInside(column).lowerBound
    elements { element, tap in
      if x[element] > best || x[element] != x[element] { (best, found) = (x[element], tap) }
    }
    y[result] = best
    taps?[result] = T(found)
  }
}

@inline(__always)
private func referenceGather<T: BinaryFloatingPoint>(
  _ p: tk_convolution, _ plan: tk_pooling_plan, _ x: UnsafeMutableRawPointer, _ y: UnsafeMutableRawPointer,
  _ taps: UnsafeMutableRawPointer?, _ chunk: Int, _: T.Type
) {
  guard let taps = taps?.assumingMemoryBound(to: T.self) else { return }
  let x = x.assumingMemoryBound(to: T.self), y = y.assumingMemoryBound(to: T.self)
  forEachWindow(p, plan, chunk) { result, _, _, elements in
    var value: T = 0
    elements { element, tap in if T(tap) == taps[result] { value = x[element] } }
    y[result] = value
  }
}

@inline(__always)
private func referenceScatter<T: BinaryFloatingPoint>(
  _ p: tk_convolution, _ plan: tk_pooling_plan, _ x: UnsafeMutableRawPointer, _ y: UnsafeMutableRawPointer,
  _ taps: UnsafeMutableRawPointer?, _ chunk: Int, _: T.Type
) {
  guard let taps = taps?.assumingMemoryBound(to: T.self) else { return }
  let x = x.assumingMemoryBound(to: T.self), y = y.assumingMemoryBound(to: T.self)
  clear(p, plan, x, chunk)
  forEachWindow(p, plan, chunk) { result, _, _, elements in
    elements { element, tap in if T(tap) == taps[result] { x[element] += y[result] } }
  }
}

/// What the mean of a window divides by.
@inline(__always)
private func divisor<T: BinaryFloatingPoint>(
  _ p: tk_convolution, _ plan: tk_pooling_plan, _ row: Int, _ column: Int
) -> T {
  if plan.counts_padding { return T(p.height.kernel) * T(p.width.kernel) }
  return T(max(1, p.height.tapsInside(row).count)) * T(max(1, p.width.tapsInside(column).count))
}

@inline(__always)
private func referenceMean<T: BinaryFloatingPoint>(
  _ p: tk_convolution, _ plan: tk_pooling_plan, _ x: UnsafeMutableRawPointer, _ y: UnsafeMutableRawPointer,
  _ chunk: Int, _: T.Type
) {
  let x = x.assumingMemoryBound(to: T.self), y = y.assumingMemoryBound(to: T.self)
  forEachWindow(p, plan, chunk) { result, row, column, elements in
    var sum: T = 0
    elements { element, _ in sum += x[element] }
    y[result] = sum / divisor(p, plan, row, column)
  }
}

@inline(__always)
private func referenceSpread<T: BinaryFloatingPoint>(
  _ p: tk_convolution, _ plan: tk_pooling_plan, _ x: UnsafeMutableRawPointer, _ y: UnsafeMutableRawPointer,
  _ chunk: Int, _: T.Type
) {
  let x = x.assumingMemoryBound(to: T.self), y = y.assumingMemoryBound(to: T.self)
  clear(p, plan, x, chunk)
  forEachWindow(p, plan, chunk) { result, row, column, elements in
    let share = y[result] / divisor(p, plan, row, column)
    elements { element, _ in x[element] += share }
  }
}
