// Activations that have a parameter, or whose gradient takes their input, in one pass each.
// What each computes is written in Reference/ReferenceActivations.swift.

/// Contiguous; the first number of `AxpyFunction` and `ScaledPairFunction` is the activation's parameter, which
/// `silu` and `geluTanh` do not heed. Backward: (n, parameter, x, gradient, gradient of x).
public struct ActivationKernels: Sendable {
  public var silu: AxpyFunction
  public var geluTanh: AxpyFunction
  public var leakyReLU: AxpyFunction
  public var elu: AxpyFunction
  public var siluBackward: ScaledPairFunction
  public var geluTanhBackward: ScaledPairFunction
  public var leakyReLUBackward: ScaledPairFunction
  public var eluBackward: ScaledPairFunction
}
