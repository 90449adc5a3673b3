/**
 * @file arrange.hpp
 * Elements in another arrangement: turned round, repeated, padded, sorted, accumulated.
 */
#ifndef TALWEG_ARRANGE_HPP
#define TALWEG_ARRANGE_HPP

#include "tensor.hpp"

namespace talweg {

inline Tensor flip(const Tensor &x) { return detail::make(tw_flip, x, nullptr, 0); }
inline Tensor flip(const Tensor &x, const Shape &axes) {
    return detail::make(tw_flip, x, detail::data(axes), detail::size(axes));
}
inline Tensor roll(const Tensor &x, int64_t shift) { return detail::make(tw_roll, x, &shift, nullptr, 1); }
inline Tensor roll(const Tensor &x, int64_t shift, int64_t axis) { return detail::make(tw_roll, x, &shift, &axis, 1); }
/** As many shifts as axes, else TW_ERROR_INVALID_ARGUMENT. */
inline Tensor roll(const Tensor &x, const Shape &shifts, const Shape &axes) {
    if (shifts.size() != axes.size())
        throw Error(TW_ERROR_INVALID_ARGUMENT, "roll: " + std::to_string(shifts.size()) + " shifts for " +
                                                   std::to_string(axes.size()) + " axes");
    return detail::make(tw_roll, x, detail::data(shifts), detail::data(axes), detail::size(axes));
}
inline Tensor move_axis(const Tensor &x, int64_t source, int64_t destination) {
    return detail::make(tw_move_axis, x, source, destination);
}

inline Tensor repeat(const Tensor &x, int64_t repeats, int64_t axis) {
    return detail::make(tw_repeat, x, repeats, axis);
}
/** tw_repeat_each */
inline Tensor repeat(const Tensor &x, const Tensor &repeats, int64_t axis) {
    return detail::make(tw_repeat_each, x, repeats, axis);
}
inline Tensor tile(const Tensor &x, const Shape &repetitions) {
    return detail::make(tw_tile, x, detail::data(repetitions), detail::size(repetitions));
}

/** Axis i longer by widths[i].first positions at its beginning and widths[i].second at its end;
    a pair for each axis. */
inline Tensor pad(const Tensor &x, const std::vector<std::pair<int64_t, int64_t>> &widths,
                  tw_pad_mode mode = TW_PAD_CONSTANT, double value = 0) {
    Shape all;
    for (const auto &width : widths) all.insert(all.end(), {width.first, width.second});
    return detail::make(tw_pad, x, detail::data(all), detail::size(widths), mode, value);
}

inline Tensor tril(const Tensor &x, int64_t k = 0) { return detail::make(tw_tril, x, k); }
inline Tensor triu(const Tensor &x, int64_t k = 0) { return detail::make(tw_triu, x, k); }

inline Tensor cumulative_sum(const Tensor &x, int64_t axis, bool include_initial = false) {
    return detail::make(tw_cumulative_sum, x, axis, include_initial);
}
inline Tensor cumulative_prod(const Tensor &x, int64_t axis, bool include_initial = false) {
    return detail::make(tw_cumulative_prod, x, axis, include_initial);
}
inline Tensor diff(const Tensor &x, int64_t axis = -1, int64_t n = 1) { return detail::make(tw_diff, x, axis, n); }

inline Tensor sort(const Tensor &x, int64_t axis = -1, bool descending = false) {
    return detail::make(tw_sort, x, axis, descending);
}
inline Tensor argsort(const Tensor &x, int64_t axis = -1, bool descending = false) {
    return detail::make(tw_argsort, x, axis, descending);
}

}  // namespace talweg

#endif
