import CTalweg
import Talweg

@_cdecl("tw_set_mixed_precision") @implementation
public func tw_set_mixed_precision(_ enabled: Bool) -> Bool { setMixedPrecision(enabled) }

@_cdecl("tw_mixed_precision") @implementation
public func tw_mixed_precision() -> Bool { ThreadState.current.mixedPrecision }

@_cdecl("tw_has_bfloat16") @implementation
public func tw_has_bfloat16() -> Bool { multipliesBFloat16 }
