/**
 * @file search.hpp
 * Finding elements: where they are, which are distinct, which are the greatest.
 */
#ifndef TALWEG_SEARCH_HPP
#define TALWEG_SEARCH_HPP

#include "tensor.hpp"

namespace talweg {

inline Tensor searchsorted(const Tensor &sorted, const Tensor &values, bool right = false, const Tensor &sorter = {}) {
    return detail::make(tw_searchsorted, sorted, values, right, sorter);
}
/** [axes, how many] */
inline Tensor nonzero(const Tensor &x) { return detail::make(tw_nonzero, x); }
inline Tensor count_nonzero(const Tensor &x) { return detail::make(tw_count_nonzero, x, nullptr, 0, false); }
inline Tensor count_nonzero(const Tensor &x, const Shape &axes, bool keepdims = false) {
    return detail::make(tw_count_nonzero, x, detail::data(axes), detail::size(axes), keepdims);
}

/** The distinct elements [n], where each is found first [n], which of them each element of x
    is (x's shape), and how often each is there [n]. */
struct Unique {
    Tensor values, indices, inverse, counts;
};
inline Unique unique(const Tensor &x) {
    detail::Out indices, inverse, counts;
    Tensor values = detail::make(tw_unique, x, indices.room(), inverse.room(), counts.room());
    return {values, indices.take(), inverse.take(), counts.take()};
}
/** The distinct elements alone. */
inline Tensor unique_values(const Tensor &x) { return detail::make(tw_unique, x, nullptr, nullptr, nullptr); }
inline Tensor isin(const Tensor &x, const Tensor &elements, bool inverted = false) {
    return detail::make(tw_isin, x, elements, inverted);
}

struct TopK {
    Tensor values, indices;
};
inline TopK top_k(const Tensor &x, int64_t k, int64_t axis = -1, bool largest = true, bool sorted = true) {
    detail::Out indices;
    Tensor values = detail::make(tw_top_k, x, k, axis, largest, sorted, indices.room());
    return {values, indices.take()};
}

inline Tensor one_hot(const Tensor &x, int64_t classes, tw_dtype dtype = TW_FLOAT32) {
    return detail::make(tw_one_hot, x, classes, dtype);
}

}  // namespace talweg

#endif
