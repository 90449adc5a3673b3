/**
 * @file spectral.hpp
 * Eigenvalues of symmetric matrices, singular values, and what is made of them.
 *
 *     auto [u, s, vh] = talweg::svd(x);
 */
#ifndef TALWEG_SPECTRAL_HPP
#define TALWEG_SPECTRAL_HPP

#include "tensor.hpp"

namespace talweg {

/** values [.., n], ascending; vectors [.., n, n], one in each column. */
struct Eigh {
    Tensor values, vectors;
};
inline Eigh eigh(const Tensor &x) {
    detail::Out vectors;
    Tensor values = detail::make(tw_eigh, x, vectors.room());
    return {values, vectors.take()};
}
/** The eigenvalues alone, in less time. */
inline Tensor eigvalsh(const Tensor &x) { return detail::make(tw_eigh, x, nullptr); }

/** x = u diag(s) vh, s descending. */
struct SVD {
    Tensor u, s, vh;
};
inline SVD svd(const Tensor &x, bool full_matrices = false) {
    detail::Out u, vh;
    Tensor s = detail::make(tw_svd, x, full_matrices, u.room(), vh.room());
    return {u.take(), s, vh.take()};
}
/** The singular values alone, in less time. */
inline Tensor svdvals(const Tensor &x) { return detail::make(tw_svd, x, false, nullptr, nullptr); }

inline Tensor pinv(const Tensor &x, const Tensor &rtol = {}) { return detail::make(tw_pinv, x, rtol); }
inline Tensor matrix_rank(const Tensor &x, const Tensor &rtol = {}) { return detail::make(tw_matrix_rank, x, rtol); }

inline Tensor matrix_norm(const Tensor &x, tw_matrix_norm_kind kind = TW_MATRIX_NORM_FROBENIUS,
                          bool keepdims = false) {
    return detail::make(tw_matrix_norm, x, kind, keepdims);
}
inline Tensor vector_norm(const Tensor &x, double ord = 2) {
    return detail::make(tw_vector_norm, x, nullptr, 0, false, ord);
}
inline Tensor vector_norm(const Tensor &x, double ord, const Shape &axes, bool keepdims = false) {
    return detail::make(tw_vector_norm, x, detail::data(axes), detail::size(axes), keepdims, ord);
}

}  // namespace talweg

#endif
