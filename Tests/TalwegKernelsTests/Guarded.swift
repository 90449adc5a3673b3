import Glibc
import TalwegKernels

/// A strided array of any rank whose last byte is the last of a page, with an unreadable page after it and one
/// before: an access outside ends the test. Strides are 0 or more.
final class Guarded {
  let type: DType
  let dims, strides: [Int]
  let pointer: UnsafeMutableRawPointer
  private let map: UnsafeMutableRawPointer
  private let mapBytes: Int

  init(_ type: DType, dims: [Int], strides: [Int], _ value: (Int) -> Double) {
    self.type = type
    self.dims = dims
    self.strides = strides
    let span = dims.contains(0) ? 0 : zip(dims, strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
    (map, mapBytes, pointer) = Self.map(span * type.itemSize, alignment: type.itemSize)
    fill(value)
  }

  private init(bytes: Int) {
    type = .uint8
    dims = [bytes]
    strides = [1]
    (map, mapBytes, pointer) = Self.map(bytes, alignment: 64)
  }

  /// A workspace, a multiple of 64 bytes.
  static func bytes(_ count: Int) -> Guarded { Guarded(bytes: (count + 63) / 64 * 64) }

  deinit { munmap(map, mapBytes) }

  private static func map(_ bytes: Int, alignment: Int) -> (UnsafeMutableRawPointer, Int, UnsafeMutableRawPointer) {
    let page = 4096
    let inside = (bytes + page - 1) / page * page
    let map = mmap(nil, inside + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
    if inside > 0 { mprotect(map + page, inside, PROT_READ | PROT_WRITE) }
    return (map, inside + 2 * page, map + page + inside - bytes)
  }

  var count: Int { dims.reduce(1, *) }

  private func place(_ i: Int) -> Int {
    var rest = i, place = 0
    for axis in dims.indices.reversed() {
      place += rest % dims[axis] * strides[axis]
      rest /= dims[axis]
    }
    return place * type.itemSize
  }

  /// By number in row-major order.
  subscript(i: Int) -> Double {
    get {
      switch type {
      case .float32: Double(pointer.load(fromByteOffset: place(i), as: Float.self))
      case .float64: pointer.load(fromByteOffset: place(i), as: Double.self)
      default: Double(pointer.load(fromByteOffset: place(i), as: UInt8.self))
      }
    }
    set {
      switch type {
      case .float32: pointer.storeBytes(of: Float(newValue), toByteOffset: place(i), as: Float.self)
      case .float64: pointer.storeBytes(of: newValue, toByteOffset: place(i), as: Double.self)
      default: pointer.storeBytes(of: UInt8(newValue), toByteOffset: place(i), as: UInt8.self)
      }
    }
  }

  func fill(_ value: (Int) -> Double) {
    for i in 0..<count { self[i] = value(i) }
  }
}
