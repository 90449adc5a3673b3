/// Copies a number of bytes, a multiple of 4, that do not overlap.
@inline(__always)
func copyBytes(_ count: Int, _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer) {
  var i = 0
  while i &+ 64 <= count {
    to.storeBytes(of: from.loadUnaligned(fromByteOffset: i, as: SIMD64<UInt8>.self), toByteOffset: i, as: SIMD64<UInt8>.self)
    i &+= 64
  }
  if count & 32 != 0 {
    to.storeBytes(of: from.loadUnaligned(fromByteOffset: i, as: SIMD32<UInt8>.self), toByteOffset: i, as: SIMD32<UInt8>.self)
    i &+= 32
  }
  if count & 16 != 0 {
    to.storeBytes(of: from.loadUnaligned(fromByteOffset: i, as: SIMD16<UInt8>.self), toByteOffset: i, as: SIMD16<UInt8>.self)
    i &+= 16
  }
  if count & 8 != 0 {
    to.storeBytes(of: from.loadUnaligned(fromByteOffset: i, as: UInt64.self), toByteOffset: i, as: UInt64.self)
    i &+= 8
  }
  if count & 4 != 0 {
    to.storeBytes(of: from.loadUnaligned(fromByteOffset: i, as: UInt32.self), toByteOffset: i, as: UInt32.self)
  }
}
