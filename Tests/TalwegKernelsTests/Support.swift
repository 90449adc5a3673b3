import TalwegKernels
import TalwegKernelsAVX2
import TalwegKernelsAVX512
import Testing

/// Every table that this CPU can run, but the reference.
let tables: [KernelTable] = {
  var tables = [KernelTable.baseline]
  #if arch(x86_64)
  if cpuSupportsAVX2() { tables.append(avx2Table()) }
  if cpuSupportsAVX512() { tables.append(avx512Table()) }
  #endif
  return tables
}()

let floatTypes: [DType] = [.float32, .float64]
let integerTypes = DType.allCases.filter { $0.isInteger }

/// Sizes around every vector's lanes, and a few blocks of a reduction.
let sizes = Array(0...67) + [127, 500, 2048, 5003]

/// A strided row inside a larger buffer of bytes whose rest must stay as it was.
struct Row {
  let type: DType
  let count: Int
  let stride: Int
  var storage: [UInt64]
  let offset: Int

  /// `count` elements `stride` apart, not aligned to more than an element.
  init(_ type: DType, count: Int, stride: Int) {
    self.type = type
    self.count = count
    self.stride = stride
    let span = max(count - 1, 0) * abs(stride) + 1
    storage = Array(repeating: 0xA5A5_A5A5_A5A5_A5A5, count: (span + 6) * type.itemSize / 8 + 2)
    offset = 3 + (stride < 0 ? span - 1 : 0)
  }

  /// With the values made by `value`.
  init(_ type: DType, count: Int, stride: Int, _ value: (Int) -> Double) {
    self.init(type, count: count, stride: stride)
    for i in 0..<count { self[i] = value(i) }
  }

  func position(_ i: Int) -> Int { offset + i * stride }

  /// Elements as doubles: exact for all but large integers of 64 bits.
  subscript(i: Int) -> Double {
    get {
      storage.withUnsafeBytes { bytes in
        let at = position(i) * type.itemSize
        switch type {
        case .float32: return Double(bytes.load(fromByteOffset: at, as: Float.self))
        case .float64: return bytes.load(fromByteOffset: at, as: Double.self)
        case .float16, .bfloat16:
          return NarrowFormat.of(type).value(bytes.load(fromByteOffset: at, as: UInt16.self))
        case .int8: return Double(bytes.load(fromByteOffset: at, as: Int8.self))
        case .int16: return Double(bytes.load(fromByteOffset: at, as: Int16.self))
        case .int32: return Double(bytes.load(fromByteOffset: at, as: Int32.self))
        case .int64: return Double(bytes.load(fromByteOffset: at, as: Int64.self))
        case .uint8, .bool: return Double(bytes.load(fromByteOffset: at, as: UInt8.self))
        case .uint16: return Double(bytes.load(fromByteOffset: at, as: UInt16.self))
        case .uint32: return Double(bytes.load(fromByteOffset: at, as: UInt32.self))
        case .uint64: return Double(bytes.load(fromByteOffset: at, as: UInt64.self))
        }
      }
    }
    set {
      let at = position(i) * type.itemSize
      storage.withUnsafeMutableBytes { bytes in
        switch type {
        case .float32: bytes.storeBytes(of: Float(newValue), toByteOffset: at, as: Float.self)
        case .float64: bytes.storeBytes(of: newValue, toByteOffset: at, as: Double.self)
        case .float16, .bfloat16:
          bytes.storeBytes(of: NarrowFormat.of(type).nearest(newValue), toByteOffset: at, as: UInt16.self)
        case .int8: bytes.storeBytes(of: Int8(newValue), toByteOffset: at, as: Int8.self)
        case .int16: bytes.storeBytes(of: Int16(newValue), toByteOffset: at, as: Int16.self)
        case .int32: bytes.storeBytes(of: Int32(newValue), toByteOffset: at, as: Int32.self)
        case .int64: bytes.storeBytes(of: Int64(newValue), toByteOffset: at, as: Int64.self)
        case .uint8: bytes.storeBytes(of: UInt8(newValue), toByteOffset: at, as: UInt8.self)
        case .uint16: bytes.storeBytes(of: UInt16(newValue), toByteOffset: at, as: UInt16.self)
        case .uint32: bytes.storeBytes(of: UInt32(newValue), toByteOffset: at, as: UInt32.self)
        case .uint64: bytes.storeBytes(of: UInt64(newValue), toByteOffset: at, as: UInt64.self)
        case .bool: bytes.storeBytes(of: newValue != 0 ? 1 : 0, toByteOffset: at, as: UInt8.self)
        }
      }
    }
  }

  func withPointer<R>(_ body: (UnsafeRawPointer) -> R) -> R {
    storage.withUnsafeBytes { body($0.baseAddress! + offset * type.itemSize) }
  }
  mutating func withMutablePointer<R>(_ body: (UnsafeMutableRawPointer) -> R) -> R {
    storage.withUnsafeMutableBytes { body($0.baseAddress! + offset * type.itemSize) }
  }

  /// Whether every byte outside the elements is as it was made.
  var isRestUntouched: Bool {
    var inside = Set<Int>()
    for i in 0..<count {
      for byte in 0..<type.itemSize { inside.insert(position(i) * type.itemSize + byte) }
    }
    return storage.withUnsafeBytes { bytes in
      bytes.indices.allSatisfy { inside.contains($0) || bytes[$0] == 0xA5 }
    }
  }
}

/// The spacing of the type's numbers at x's magnitude.
func ulp(_ x: Double, _ type: DType) -> Double {
  if type == .float32 { return Double(Float(x).magnitude < .infinity ? Float(x).ulp : Float.greatestFiniteMagnitude.ulp) }
  return x.isFinite ? x.ulp : Double.greatestFiniteMagnitude.ulp
}

/// Whether a is within `bound` ulp of the expected b; NaN matches NaN.
func isNear(_ a: Double, _ b: Double, _ bound: Double, _ type: DType) -> Bool {
  if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
  if a == b { return true }
  if a.isInfinite || b.isInfinite { return false }
  return (a - b).magnitude <= bound * ulp(b, type)
}

/// Numbers that make mistakes visible: signs, zeros, limits, NaN, halves, then a spread of magnitudes.
func sample(_ i: Int, _ type: DType) -> Double {
  let special: [Double] = [
    0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, .infinity, -.infinity, .nan, 1e-30, -1e-30, 1e30, 88, -88,
  ]
  if i % 5 == 4 { return special[(i / 5) % special.count] }
  let t = Double((i &* 2_654_435_761) % 100_003) / 100_003 * 2 - 1
  return type == .float32 ? Double(Float(t * 6)) : t * 6
}

/// Uniform numbers for products and sums.
func uniform(_ i: Int, seed: Int = 0) -> Double {
  Double(((i + 1 + seed * 7919) &* 2_654_435_761) % 65_537) / 65_537 * 2 - 1
}
