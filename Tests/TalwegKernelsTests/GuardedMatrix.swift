import Glibc
import TalwegKernels

/// Memory between two pages that may not be touched: a read or write outside ends the test.
final class GuardedMemory {
  private let base: UnsafeMutableRawPointer
  private let bytes: Int
  private static let page = Int(sysconf(Int32(_SC_PAGESIZE)))

  init(_ wanted: Int) {
    bytes = (wanted + GuardedMemory.page - 1) / GuardedMemory.page * GuardedMemory.page
    base = mmap(nil, bytes + 2 * GuardedMemory.page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    mprotect(base + GuardedMemory.page, bytes, PROT_READ | PROT_WRITE)
  }

  /// Of which the last `byteCount` bytes, before the page, begin at `start`.
  convenience init(atEnd byteCount: Int) {
    self.init(byteCount)
    start = block(byteCount, atEnd: true)
  }
  private(set) lazy var start = block(bytes, atEnd: true)

  deinit { munmap(base, bytes + 2 * GuardedMemory.page) }

  /// The first `count` bytes, or the last.
  func block(_ count: Int, atEnd: Bool) -> UnsafeMutableRawPointer {
    base + GuardedMemory.page + (atEnd ? bytes - count : 0)
  }
}

/// A matrix in such memory, in one of several layouts.
struct GuardedMatrix<T: BinaryFloatingPoint> {
  let origin: UnsafeMutablePointer<T>
  let rowStride: Int
  let columnStride: Int
  let rows: Int
  let columns: Int

  /// Rows, columns, rows with gaps, both strided, rows upwards, columns leftwards, columns upwards.
  static var layouts: Int { 7 }

  init(_ memory: GuardedMemory, _ rows: Int, _ columns: Int, layout: Int, atEnd: Bool) {
    self.rows = rows
    self.columns = columns
    switch layout {
    case 0: (rowStride, columnStride) = (columns, 1)
    case 1: (rowStride, columnStride) = (1, rows)
    case 2: (rowStride, columnStride) = (columns + 3, 1)
    case 3: (rowStride, columnStride) = (2 * columns + 1, 2)
    case 4: (rowStride, columnStride) = (-columns, 1)
    case 5: (rowStride, columnStride) = (columns, -1)
    default: (rowStride, columnStride) = (1, -rows - 2)
    }
    let alongRows = max(rows - 1, 0) * rowStride, alongColumns = max(columns - 1, 0) * columnStride
    let low = min(alongRows, 0) + min(alongColumns, 0), high = max(alongRows, 0) + max(alongColumns, 0)
    let block = memory.block((high - low + 1) * MemoryLayout<T>.size, atEnd: atEnd).assumingMemoryBound(to: T.self)
    origin = block - low
  }

  subscript(i: Int, j: Int) -> T {
    get { origin[i * rowStride + j * columnStride] }
    nonmutating set { origin[i * rowStride + j * columnStride] = newValue }
  }

  func fill(_ seed: Int) {
    var state = UInt32(truncatingIfNeeded: seed &* 747_796_405 &+ 2_891_336_453)
    for i in 0..<rows {
      for j in 0..<columns {
        state = state &* 1_664_525 &+ 1_013_904_223
        self[i, j] = T(Float(Int32(bitPattern: state) >> 8) / 8_388_608)
      }
    }
  }
  func fill(with value: T) {
    for i in 0..<rows { for j in 0..<columns { self[i, j] = value } }
  }
  var elements: [T] { (0..<rows).flatMap { i in (0..<columns).map { self[i, $0] } } }
}
