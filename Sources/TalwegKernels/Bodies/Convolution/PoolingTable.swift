internal import CIntrinsics
import TalwegKernels

extension FloatKernels {
  mutating func setVectorPoolingF32() {
    pooling.maximum = { p, plan, x, y, taps, chunk, workspace in
      VectorF32.poolMaximum(
        p.pointee, plan.pointee, x.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self),
        taps?.assumingMemoryBound(to: Float.self), chunk, workspace)
    }
    pooling.gather = { p, plan, x, y, taps, chunk, _ in
      guard let taps else { return }
      VectorF32.poolGather(
        p.pointee, plan.pointee, x.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self),
        taps.assumingMemoryBound(to: Float.self), chunk)
    }
    pooling.scatter = { p, plan, x, y, taps, chunk, workspace in
      guard let taps else { return }
      VectorF32.poolScatter(
        p.pointee, plan.pointee, x.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self),
        taps.assumingMemoryBound(to: Float.self), chunk, workspace)
    }
    pooling.mean = { p, plan, x, y, _, chunk, workspace in
      VectorF32.poolMean(
        p.pointee, plan.pointee, x.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self), chunk,
        workspace)
    }
    pooling.spread = { p, plan, x, y, _, chunk, workspace in
      VectorF32.poolSpread(
        p.pointee, plan.pointee, x.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self), chunk,
        workspace)
    }
  }

  mutating func setVectorPoolingF64() {
    pooling.maximum = { p, plan, x, y, taps, chunk, workspace in
      VectorF64.poolMaximum(
        p.pointee, plan.pointee, x.assumingMemoryBound(to: Double.self), y.assumingMemoryBound(to: Double.self),
        taps?.assumingMemoryBound(to: Double.self), chunk, workspace)
    }
    pooling.gather = { p, plan, x, y, taps, chunk, _ in
      guard let taps else { return }
      VectorF64.poolGather(
        p.pointee, plan.pointee, x.assumingMemoryBound(to: Double.self), y.assumingMemoryBound(to: Double.self),
        taps.assumingMemoryBound(to: Double.self), chunk)
    }
    pooling.scatter = { p, plan, x, y, taps, chunk, workspace in
      guard let taps else { return }
      VectorF64.poolScatter(
        p.pointee, plan.pointee, x.assumingMemoryBound(to: Double.self), y.assumingMemoryBound(to: Double.self),
        taps.assumingMemoryBound(to: Double.self), chunk, workspace)
    }
    pooling.mean = { p, plan, x, y, _, chunk, workspace in
      VectorF64.poolMean(
        p.pointee, plan.pointee, x.assumingMemoryBound(to: Double.self), y.assumingMemoryBound(to: Double.self), chunk,
        workspace)
    }
    pooling.spread = { p, plan, x, y, _, chunk, workspace in
      VectorF64.poolSpread(
        p.pointee, plan.pointee, x.assumingMemoryBound(to: Double.self), y.assumingMemoryBound(to: Double.self), chunk,
        workspace)
    }
  }
}
