/**
 * @file precision.hpp
 * Mixed precision.
 */
#ifndef TALWEG_PRECISION_HPP
#define TALWEG_PRECISION_HPP

#include "autodiff.hpp"

namespace talweg {

/** While it lives, products of float32 on this thread take their factors in bfloat16; see tw_set_mixed_precision. */
class MixedPrecision : detail::Switch<tw_set_mixed_precision> {
  public:
    explicit MixedPrecision(bool enabled = true) : Switch(enabled) {}
};

inline bool mixed_precision() { return tw_mixed_precision(); }
inline bool has_bfloat16() { return tw_has_bfloat16(); }

}  // namespace talweg

#endif
