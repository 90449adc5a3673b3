/**
 * @file linalg.hpp
 * Factorisations, linear systems, determinants of stacks of matrices.
 *
 *     auto [q, r] = talweg::qr(x);
 */
#ifndef TALWEG_LINALG_HPP
#define TALWEG_LINALG_HPP

#include "tensor.hpp"

namespace talweg {

inline Tensor cholesky(const Tensor &x, bool upper = false) { return detail::make(tw_cholesky, x, upper); }

/** q [.., m, k], r [.., k, n] */
struct QR {
    Tensor q, r;
};
inline QR qr(const Tensor &x, bool complete = false) {
    detail::Out r;
    Tensor q = detail::make(tw_qr, x, complete, r.room());
    return {q, r.take()};
}

/** Column j of q r is column order[j] of x. */
struct PivotedQR {
    Tensor q, r, order;
};
inline PivotedQR qr_pivoted(const Tensor &x, bool complete = false) {
    detail::Out r, order;
    Tensor q = detail::make(tw_qr_pivoted, x, complete, r.room(), order.room());
    return {q, r.take(), order.take()};
}

/** Both factors in one matrix [.., m, n]; row i was exchanged with row pivots[i], in order. */
struct LU {
    Tensor factors, pivots;
};
inline LU lu(const Tensor &x) {
    detail::Out pivots;
    Tensor factors = detail::make(tw_lu, x, pivots.room());
    return {factors, pivots.take()};
}

inline Tensor solve(const Tensor &a, const Tensor &b) { return detail::make(tw_solve, a, b); }
inline Tensor solve_triangular(const Tensor &a, const Tensor &b, bool upper, bool transposed = false,
                               bool unit_diagonal = false) {
    return detail::make(tw_solve_triangular, a, b, upper, transposed, unit_diagonal);
}
inline Tensor inv(const Tensor &x) { return detail::make(tw_inv, x); }

inline Tensor det(const Tensor &x) { return detail::make(tw_det, x); }
struct SlogDet {
    Tensor sign, log_magnitude;
};
inline SlogDet slogdet(const Tensor &x) {
    detail::Out log_magnitude;
    Tensor sign = detail::make(tw_slogdet, x, log_magnitude.room());
    return {sign, log_magnitude.take()};
}
inline Tensor matrix_power(const Tensor &x, int64_t n) { return detail::make(tw_matrix_power, x, n); }

}  // namespace talweg

#endif
