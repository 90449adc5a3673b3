/**
 * @file positions.hpp
 * Sinusoidal, learned and rotary positions.
 */
#ifndef TALWEG_POSITIONS_HPP
#define TALWEG_POSITIONS_HPP

#include "module.hpp"

namespace talweg {

inline Tensor sinusoidal_positions(int64_t count, int64_t width, int64_t first = 0, double base = 10000,
                                   tw_dtype dtype = TW_FLOAT32) {
    return detail::make(tw_sinusoidal_positions, count, width, first, base, dtype);
}
inline Module SinusoidalPositions(int64_t width, double base = 10000) {
    return detail::module(tw_sinusoidal_positions_new, width, base);
}
inline Module LearnedPositions(int64_t most, int64_t width, const tw_linear_options &options = TW_LINEAR_OPTIONS_INIT) {
    return detail::module(tw_learned_positions_new, most, width, &options);
}
/** Empty positions are 0, 1, ... */
inline Tensor rotary(const Tensor &x, const Tensor &positions = {},
                     const tw_rotary_options &options = TW_ROTARY_OPTIONS_INIT) {
    return detail::make(tw_rotary, x, positions, &options);
}
inline Module RotaryPositions(const tw_rotary_options &options = TW_ROTARY_OPTIONS_INIT) {
    return detail::module(tw_rotary_new, &options);
}

}  // namespace talweg

#endif
