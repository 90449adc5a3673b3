/**
 * @file products.hpp
 * Products of vectors, matrices and tensors, and diagonals.
 */
#ifndef TALWEG_PRODUCTS_HPP
#define TALWEG_PRODUCTS_HPP

#include "tensor.hpp"

namespace talweg {

/** einsum("ij,jk->ik", {a, b}) */
inline Tensor einsum(const std::string &subscripts, const Tensors &operands) {
    const auto handles = detail::handles(operands);
    return detail::make(tw_einsum, subscripts.c_str(), detail::data(handles), detail::size(handles));
}
/** Over the last `count` axes of a and the first of b. */
inline Tensor tensordot(const Tensor &a, const Tensor &b, int64_t count = 2) {
    return detail::make(tw_tensordot, a, b, nullptr, nullptr, count);
}
/** Over axes_a[i] of a together with axes_b[i] of b; as many of each, else TW_ERROR_INVALID_ARGUMENT. */
inline Tensor tensordot(const Tensor &a, const Tensor &b, const Shape &axes_a, const Shape &axes_b) {
    if (axes_a.size() != axes_b.size())
        throw Error(TW_ERROR_INVALID_ARGUMENT, "tensordot: " + std::to_string(axes_a.size()) + " axes and " +
                                                   std::to_string(axes_b.size()));
    return detail::make(tw_tensordot, a, b, detail::data(axes_a), detail::data(axes_b), detail::size(axes_a));
}
inline Tensor vecdot(const Tensor &a, const Tensor &b, int64_t axis = -1) {
    return detail::make(tw_vecdot, a, b, axis);
}

inline Tensor outer(const Tensor &a, const Tensor &b) { return detail::make(tw_outer, a, b); }
inline Tensor cross(const Tensor &a, const Tensor &b, int64_t axis = -1) { return detail::make(tw_cross, a, b, axis); }
inline Tensor kron(const Tensor &a, const Tensor &b) { return detail::make(tw_kron, a, b); }

inline Tensor diagonal(const Tensor &x, int64_t offset = 0, int64_t axis0 = -2, int64_t axis1 = -1) {
    return detail::make(tw_diagonal, x, offset, axis0, axis1);
}
inline Tensor diag_embed(const Tensor &x, int64_t offset = 0) { return detail::make(tw_diag_embed, x, offset); }
inline Tensor trace(const Tensor &x, int64_t offset = 0) { return detail::make(tw_trace, x, offset); }

}  // namespace talweg

#endif
