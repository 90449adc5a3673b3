/**
 * @file initializer.hpp
 * How parameters start.
 */
#ifndef TALWEG_INITIALIZER_HPP
#define TALWEG_INITIALIZER_HPP

#include "tensor.hpp"

namespace talweg {

/** Overwrites the elements, in place. */
inline void initialize(const Tensor &tensor, tw_initializer initializer,
                       const tw_initializer_options &options = TW_INITIALIZER_OPTIONS_INIT) {
    check(tw_initialize(tensor.get(), initializer, &options));
}
inline double initializer_gain(tw_activation activation, double slope = 0.01) {
    double gain = 0;
    check(tw_initializer_gain(activation, slope, &gain));
    return gain;
}

}  // namespace talweg

#endif
