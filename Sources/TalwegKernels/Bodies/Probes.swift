internal import CIntrinsics

extension ProbeKernels {
  static func vector() -> ProbeKernels {
    var probes = ProbeKernels()
    probes.multiplyAddF32 = { multiplyAddChains($0, $1, VectorF32.self) }
    probes.multiplyAddF64 = { multiplyAddChains($0, $1, VectorF64.self) }
    probes.read = { readProbe($0, $1) }
    probes.write = { writeProbe($0, $1) }
    probes.copy = { copyProbe($0, $1, $2) }
    probes.triad = { triadProbe($0, $1, $2, $3) }
    return probes
  }
}

/// Twelve chains: a multiply-add takes 4 cycles or 5, and two of them start in a cycle. Their values come
/// from memory, and differ, so that the compiler can neither compute nor merge them.
@inline(__always)
private func multiplyAddChains<V: FloatVector>(
  _ rounds: Int, _ values: UnsafeMutableRawPointer, _ vector: V.Type
) -> Int {
  let size = MemoryLayout<V.Scalar>.size
  let scalars = values.assumingMemoryBound(to: V.Scalar.self)
  let factor = V(scalars[0]), addend = V(scalars[1])
  let first = values + 2 &* size
  let step = V.lanes &* size
  var c0 = V.load(first), c1 = V.load(first + step)
  var c2 = V.load(first + 2 &* step), c3 = V.load(first + 3 &* step)
  var c4 = V.load(first + 4 &* step), c5 = V.load(first + 5 &* step)
  var c6 = V.load(first + 6 &* step), c7 = V.load(first + 7 &* step)
  var c8 = V.load(first + 8 &* step), c9 = V.load(first + 9 &* step)
  var c10 = V.load(first + 10 &* step), c11 = V.load(first + 11 &* step)
  var round = 0
  while round < rounds {
    c0 = V.madd(factor, c0, addend)
    c1 = V.madd(factor, c1, addend)
    c2 = V.madd(factor, c2, addend)
    c3 = V.madd(factor, c3, addend)
    c4 = V.madd(factor, c4, addend)
    c5 = V.madd(factor, c5, addend)
    c6 = V.madd(factor, c6, addend)
    c7 = V.madd(factor, c7, addend)
    c8 = V.madd(factor, c8, addend)
    c9 = V.madd(factor, c9, addend)
    c10 = V.madd(factor, c10, addend)
    c11 = V.madd(factor, c11, addend)
    round &+= 1
  }
  c0.store(first)
  c1.store(first + step)
  c2.store(first + 2 &* step)
  c3.store(first + 3 &* step)
  c4.store(first + 4 &* step)
  c5.store(first + 5 &* step)
  c6.store(first + 6 &* step)
  c7.store(first + 7 &* step)
  c8.store(first + 8 &* step)
  c9.store(first + 9 &* step)
  c10.store(first + 10 &* step)
  c11.store(first + 11 &* step)
  return 12 &* V.lanes
}

@inline(__always)
private func readProbe(_ n: Int, _ x: UnsafeRawPointer) -> Float {
  let step = MemoryLayout<tk_f32>.size
  var s0 = VectorF32(0), s1 = VectorF32(0), s2 = VectorF32(0), s3 = VectorF32(0)
  var s4 = VectorF32(0), s5 = VectorF32(0), s6 = VectorF32(0), s7 = VectorF32(0)
  var p = x
  let end = x + 4 &* n
  while p < end {
    s0 = s0 + VectorF32.load(p)
    s1 = s1 + VectorF32.load(p + step)
    s2 = s2 + VectorF32.load(p + 2 &* step)
    s3 = s3 + VectorF32.load(p + 3 &* step)
    s4 = s4 + VectorF32.load(p + 4 &* step)
    s5 = s5 + VectorF32.load(p + 5 &* step)
    s6 = s6 + VectorF32.load(p + 6 &* step)
    s7 = s7 + VectorF32.load(p + 7 &* step)
    p += 8 &* step
  }
  let sum = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))
  var total: Float = 0
  var lane = 0
  while lane < VectorF32.lanes {
    total += sum.lane(lane)
    lane &+= 1
  }
  return total
}

@inline(__always)
private func writeProbe(_ n: Int, _ y: UnsafeMutableRawPointer) {
  let step = MemoryLayout<tk_f32>.size
  let one = VectorF32(1)
  var p = y
  let end = y + 4 &* n
  while p < end {
    tk_stream_f32(p, one.v)
    tk_stream_f32(p + step, one.v)
    tk_stream_f32(p + 2 &* step, one.v)
    tk_stream_f32(p + 3 &* step, one.v)
    p += 4 &* step
  }
  tk_stream_fence()
}

@inline(__always)
private func copyProbe(_ n: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
  let step = MemoryLayout<tk_f32>.size
  var at = 0
  while at < 4 &* n {
    let (p, q) = (x + at, y + at)
    let v0 = VectorF32.load(p), v1 = VectorF32.load(p + step)
    let v2 = VectorF32.load(p + 2 &* step), v3 = VectorF32.load(p + 3 &* step)
    tk_stream_f32(q, v0.v)
    tk_stream_f32(q + step, v1.v)
    tk_stream_f32(q + 2 &* step, v2.v)
    tk_stream_f32(q + 3 &* step, v3.v)
    at &+= 4 &* step
  }
  tk_stream_fence()
}

@inline(__always)
private func triadProbe(
  _ n: Int, _ x: UnsafeRawPointer, _ z: UnsafeRawPointer, _ y: UnsafeMutableRawPointer
) {
  let step = MemoryLayout<tk_f32>.size
  let three = VectorF32(3)
  var at = 0
  while at < 4 &* n {
    let v0 = VectorF32.madd(three, VectorF32.load(z + at), VectorF32.load(x + at))
    let v1 = VectorF32.madd(three, VectorF32.load(z + at + step), VectorF32.load(x + at + step))
    tk_stream_f32(y + at, v0.v)
    tk_stream_f32(y + at + step, v1.v)
    at &+= 2 &* step
  }
  tk_stream_fence()
}
