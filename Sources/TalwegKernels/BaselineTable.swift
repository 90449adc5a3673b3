extension KernelTable {
  /// The kernels for any CPU of this architecture.
  public static let baseline: KernelTable = {
    var table = KernelTable(name: "baseline", copying: .reference)
    table.setVectorKernels()
    return table
  }()
}
