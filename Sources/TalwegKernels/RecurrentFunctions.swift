public import CIntrinsics

/// (arguments, first row of the batch, end of rows, workspace): all steps of these rows.
public typealias RecurrentFunction = @convention(c) (
  UnsafePointer<tk_recurrent>, Int, Int, UnsafeMutableRawPointer
) -> Void

/// (k, n, b, row stride, column stride, packed): B [k, n] in the panels of the CPU's register tile.
public typealias PackFunction = @convention(c) (
  Int, Int, UnsafeRawPointer, Int, Int, UnsafeMutableRawPointer
) -> Void

/// The kernels of recurrent layers.
public struct RecurrentKernels: Sendable {
  public var lstm, lstmBackward, gru, gruBackward: RecurrentFunction
  public var packPanels: PackFunction
  /// Columns of a panel: `packPanels` writes k times n, rounded up to these.
  public var panelColumns: Int

  public init(
    lstm: RecurrentFunction, lstmBackward: RecurrentFunction, gru: RecurrentFunction,
    gruBackward: RecurrentFunction, packPanels: PackFunction, panelColumns: Int
  ) {
    self.lstm = lstm
    self.lstmBackward = lstmBackward
    self.gru = gru
    self.gruBackward = gruBackward
    self.packPanels = packPanels
    self.panelColumns = panelColumns
  }

  /// The bytes of workspace that a pass over `rows` rows of the batch needs, with `gates` times the hidden
  /// width of gates (4 for LSTM, 3 for GRU): two blocks of gates and two of states, padded.
  public func workspaceBytes(rows: Int, width: Int, gates: Int, itemSize: Int) -> Int {
    let padded = (gates &* width &+ 63) / 64 * 64, states = (width &+ 63) / 64 * 64
    return (2 &* padded &+ 2 &* states) &* ((rows &+ 3) / 4 * 4) &* itemSize &+ 256
  }
}
