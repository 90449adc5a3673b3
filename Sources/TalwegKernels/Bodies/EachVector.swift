/// Calls `body` with the first element and the count of each vector of n contiguous elements, the last of
/// which may be partial.
@inline(__always)
func eachVector<V: FloatVector>(_ n: Int, _: V.Type, _ body: (Int, Int) -> Void) {
  var i = 0
  while i &+ V.lanes <= n {
    body(i, V.lanes)
    i &+= V.lanes
  }
  if i < n { body(i, n &- i) }
}
