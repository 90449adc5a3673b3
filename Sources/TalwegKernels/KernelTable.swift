/// The kernels of one kind of CPU.
///
/// All pointers are to elements of the type that the kernel was looked up for, aligned to the element;
/// counts and strides are in elements; strides may be 0 or negative; counts may be 0, never negative.
/// An output does not overlap an input, unless it is exactly that input (same start, same stride).
/// Kernels allocate nothing, take no lock and never trap.
///
/// A table starts as a copy of the reference table and gets faster kernels by `set`. It lives as long as
/// the process: its storage is never freed.
public struct KernelTable: @unchecked Sendable {
  /// "reference", "baseline", "avx2", "avx512" or "avx512_bf16".
  public var name: StaticString

  /// One more than the greatest raw value of a DType.
  @usableFromInline static let types = 13
  @usableFromInline let unaries: UnsafeMutablePointer<UnaryFunction?>
  @usableFromInline let binaries: UnsafeMutablePointer<BinaryFunction?>
  @usableFromInline let compares: UnsafeMutablePointer<BinaryFunction?>
  @usableFromInline let reduces: UnsafeMutablePointer<ReduceFunction?>
  @usableFromInline let reduceManys: UnsafeMutablePointer<ReduceManyFunction?>
  @usableFromInline let indexManys: UnsafeMutablePointer<IndexManyFunction?>
  @usableFromInline let indexReduces: UnsafeMutablePointer<IndexReduceFunction?>
  @usableFromInline let casts: UnsafeMutablePointer<UnaryFunction?>
  @usableFromInline let clips: UnsafeMutablePointer<ClipFunction?>
  @usableFromInline let integerProducts: UnsafeMutablePointer<IntegerProductFunction?>
  // By the item size's logarithm: 1, 2, 4, 8 bytes.
  @usableFromInline let copies: UnsafeMutablePointer<UnaryFunction?>
  @usableFromInline let selects: UnsafeMutablePointer<SelectFunction?>
  @usableFromInline let fills: UnsafeMutablePointer<FillFunction?>

  /// What exists for float32 and float64 only.
  public var f32: FloatKernels
  public var f64: FloatKernels
  public var probes = ProbeKernels()
  public var statisticsF32 = ReferenceStatistics.f32
  public var statisticsF64 = ReferenceStatistics.f64
  /// Sorting of numbers of 4 and of 8 bytes; nil where the CPU has no instructions that make it quicker than by digits.
  public var sort32: SortFunction?
  public var sort64: SortFunction?
  /// Products of bfloat16; nil where the CPU has no instructions for them, and float32's serve.
  public var pairs: PairKernels?

  init(name: StaticString, f32: FloatKernels, f64: FloatKernels) {
    self.name = name
    self.f32 = f32
    self.f64 = f64
    unaries = Self.table(UnaryOp.allCases.count)
    binaries = Self.table(BinaryOp.allCases.count)
    compares = Self.table(CompareOp.allCases.count)
    reduces = Self.table(ReduceOp.allCases.count)
    indexReduces = Self.table(2)
    reduceManys = Self.table(ReduceOp.allCases.count)
    indexManys = Self.table(2)
    casts = Self.table(Self.types)
    clips = Self.table(1)
    integerProducts = Self.table(1)
    copies = Self.table(1)
    selects = Self.table(1)
    fills = Self.table(1)
  }

  /// A table that starts with the kernels of `base`.
  public init(name: StaticString, copying base: KernelTable) {
    self.init(name: name, f32: base.f32, f64: base.f64)
    unaries.update(from: base.unaries, count: UnaryOp.allCases.count * Self.types)
    binaries.update(from: base.binaries, count: BinaryOp.allCases.count * Self.types)
    compares.update(from: base.compares, count: CompareOp.allCases.count * Self.types)
    reduces.update(from: base.reduces, count: ReduceOp.allCases.count * Self.types)
    indexReduces.update(from: base.indexReduces, count: 2 * Self.types)
    reduceManys.update(from: base.reduceManys, count: ReduceOp.allCases.count * Self.types)
    indexManys.update(from: base.indexManys, count: 2 * Self.types)
    casts.update(from: base.casts, count: Self.types * Self.types)
    clips.update(from: base.clips, count: Self.types)
    integerProducts.update(from: base.integerProducts, count: Self.types)
    copies.update(from: base.copies, count: 4)
    selects.update(from: base.selects, count: 4)
    fills.update(from: base.fills, count: 4)
  }

  private static func table<Function>(_ rows: Int) -> UnsafeMutablePointer<Function?> {
    let pointer = UnsafeMutablePointer<Function?>.allocate(capacity: rows * types)
    pointer.initialize(repeating: nil, count: rows * types)
    return pointer
  }
}

extension KernelTable {
  /// nil where the operation is not defined for the type.
  @inlinable public func unary(_ op: UnaryOp, _ type: DType) -> UnaryFunction? {
    unaries[op.rawValue &* Self.types &+ Int(type.rawValue)]
  }
  /// nil where the operation is not defined for the type.
  @inlinable public func binary(_ op: BinaryOp, _ type: DType) -> BinaryFunction? {
    binaries[op.rawValue &* Self.types &+ Int(type.rawValue)]
  }
  /// Writes bool.
  @inlinable public func compare(_ op: CompareOp, _ type: DType) -> BinaryFunction {
    compares[op.rawValue &* Self.types &+ Int(type.rawValue)]!
  }
  /// nil where the operation is not defined for the type: sums and products of bool and small integers are the
  /// caller's to convert to int64, or uint64, first.
  @inlinable public func reduce(_ op: ReduceOp, _ type: DType) -> ReduceFunction? {
    reduces[op.rawValue &* Self.types &+ Int(type.rawValue)]
  }
  /// The index of the first greatest element, or of the first NaN; 0 of no elements.
  @inlinable public func argmax(_ type: DType) -> IndexReduceFunction { indexReduces[Int(type.rawValue)]! }
  /// The index of the first least element, or of the first NaN; 0 of no elements.
  @inlinable public func argmin(_ type: DType) -> IndexReduceFunction {
    indexReduces[Self.types &+ Int(type.rawValue)]!
  }
  /// Many rows at once, where `reduce` is defined.
  @inlinable public func reduceMany(_ op: ReduceOp, _ type: DType) -> ReduceManyFunction? {
    reduceManys[op.rawValue &* Self.types &+ Int(type.rawValue)]
  }
  @inlinable public func argmaxMany(_ type: DType) -> IndexManyFunction { indexManys[Int(type.rawValue)]! }
  @inlinable public func argminMany(_ type: DType) -> IndexManyFunction {
    indexManys[Self.types &+ Int(type.rawValue)]!
  }
  /// nil for integers and bool.
  @inlinable public func statistics(_ type: DType) -> StatisticKernels? {
    type == .float32 ? statisticsF32 : type == .float64 ? statisticsF64 : nil
  }
  /// Floats to integers: towards zero, saturating, NaN to 0. Integers to integers: wrapping. To floats: to the
  /// nearest, halves to even, rounded once.
  /// To bool: whether not zero. To the same type: a copy.
  @inlinable public func cast(from: DType, to: DType) -> UnaryFunction {
    casts[Int(from.rawValue) &* Self.types &+ Int(to.rawValue)]!
  }
  /// min(max(x, low), high); NaN if any of the three is. nil for bool and what is computed in float32.
  @inlinable public func clip(_ type: DType) -> ClipFunction? { clips[Int(type.rawValue)] }
  /// Products of matrices of integers, which wrap around; nil for other types.
  @inlinable public func integerProduct(_ type: DType) -> IntegerProductFunction? {
    integerProducts[Int(type.rawValue)]
  }
  /// Any element of 1, 2, 4 or 8 bytes.
  @inlinable public func copy(itemSize: Int) -> UnaryFunction { copies[itemSize.trailingZeroBitCount]! }
  /// Any element of 1, 2, 4 or 8 bytes, chosen by bool bytes.
  @inlinable public func select(itemSize: Int) -> SelectFunction { selects[itemSize.trailingZeroBitCount]! }
  /// Any element of 1, 2, 4 or 8 bytes.
  @inlinable public func fill(itemSize: Int) -> FillFunction { fills[itemSize.trailingZeroBitCount]! }
  /// nil for integers and bool.
  @inlinable public func float(_ type: DType) -> FloatKernels? {
    type == .float32 ? f32 : type == .float64 ? f64 : nil
  }
}

extension KernelTable {
  public func set(_ op: UnaryOp, _ type: DType, _ function: UnaryFunction) {
    unaries[op.rawValue * Self.types + Int(type.rawValue)] = function
  }
  public func set(_ op: BinaryOp, _ type: DType, _ function: BinaryFunction) {
    binaries[op.rawValue * Self.types + Int(type.rawValue)] = function
  }
  public func set(_ op: CompareOp, _ type: DType, _ function: BinaryFunction) {
    compares[op.rawValue * Self.types + Int(type.rawValue)] = function
  }
  public func set(_ op: ReduceOp, _ type: DType, _ function: ReduceFunction) {
    reduces[op.rawValue * Self.types + Int(type.rawValue)] = function
  }
  public func set(_ op: UnaryOp, _ type: DType, _ other: DType, _ function: UnaryFunction) {
    set(op, type, function)
    set(op, other, function)
  }
  public func set(_ op: BinaryOp, _ type: DType, _ other: DType, _ function: BinaryFunction) {
    set(op, type, function)
    set(op, other, function)
  }
  public func set(_ op: CompareOp, _ type: DType, _ other: DType, _ function: BinaryFunction) {
    set(op, type, function)
    set(op, other, function)
  }
  public func set(_ op: ReduceOp, _ type: DType, _ other: DType, _ function: ReduceFunction) {
    set(op, type, function)
    set(op, other, function)
  }
  public func setMany(_ op: ReduceOp, _ type: DType, _ other: DType, _ function: ReduceManyFunction) {
    setMany(op, type, function)
    setMany(op, other, function)
  }
  public func setArgmax(_ type: DType, _ function: IndexReduceFunction) {
    indexReduces[Int(type.rawValue)] = function
  }
  public func setArgmin(_ type: DType, _ function: IndexReduceFunction) {
    indexReduces[Self.types + Int(type.rawValue)] = function
  }
  public func setMany(_ op: ReduceOp, _ type: DType, _ function: ReduceManyFunction) {
    reduceManys[op.rawValue * Self.types + Int(type.rawValue)] = function
  }
  public func setManyArgmax(_ type: DType, _ function: IndexManyFunction) {
    indexManys[Int(type.rawValue)] = function
  }
  public func setManyArgmin(_ type: DType, _ function: IndexManyFunction) {
    indexManys[Self.types + Int(type.rawValue)] = function
  }
  public func setCast(from: DType, to: DType, _ function: UnaryFunction) {
    casts[Int(from.rawValue) * Self.types + Int(to.rawValue)] = function
  }
  public func setClip(_ type: DType, _ function: ClipFunction) { clips[Int(type.rawValue)] = function }
  public func setIntegerProduct(_ type: DType, _ other: DType, _ function: IntegerProductFunction) {
    integerProducts[Int(type.rawValue)] = function
    integerProducts[Int(other.rawValue)] = function
  }
  public func setCopy(itemSize: Int, _ function: UnaryFunction) {
    copies[itemSize.trailingZeroBitCount] = function
  }
  public func setSelect(itemSize: Int, _ function: SelectFunction) {
    selects[itemSize.trailingZeroBitCount] = function
  }
  public func setFill(itemSize: Int, _ function: FillFunction) {
    fills[itemSize.trailingZeroBitCount] = function
  }
}
