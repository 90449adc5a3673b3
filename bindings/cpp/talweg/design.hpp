/**
 * @file design.hpp
 * Design matrices: polynomials, splines, Fourier and radial bases, and functions of the caller's.
 */
#ifndef TALWEG_DESIGN_HPP
#define TALWEG_DESIGN_HPP

#include "tensor.hpp"

namespace talweg {

/** Functions of the columns of X. Copies are further names of the same one. */
class Basis {
  public:
    explicit Basis(tw_basis *handle) : handle_(detail::own<tw_basis, tw_basis_free>(handle)) {}
    tw_basis *get() const noexcept { return handle_.get(); }

    int64_t columns() const { return detail::read<tw_basis>(tw_basis_columns, get()); }
    Tensor knots() const { return detail::make(tw_basis_knots, get()); }
    /** The design matrix [n, columns] of rows X. */
    Tensor operator()(const Tensor &X) const { return detail::make(tw_basis_evaluate, get(), X); }

  private:
    std::shared_ptr<tw_basis> handle_;
};

inline Basis polynomial_basis(const Tensor &X, const tw_polynomial_options &options = TW_POLYNOMIAL_OPTIONS_INIT) {
    return detail::made<Basis, tw_basis>(tw_polynomial_basis, X, &options);
}
inline Basis spline_basis(const Tensor &x, const tw_spline_options &options = TW_SPLINE_OPTIONS_INIT) {
    return detail::made<Basis, tw_basis>(tw_spline_basis, x, &options);
}
inline Basis fourier_basis(double period, int64_t harmonics, bool constant = false) {
    return detail::made<Basis, tw_basis>(tw_fourier_basis, period, harmonics, constant);
}
inline Basis radial_basis(const Tensor &centers, tw_radial_kind kind = TW_RADIAL_GAUSSIAN, double scale = 1) {
    return detail::made<Basis, tw_basis>(tw_radial_basis, centers, kind, scale);
}

/** Fills out [rows][columns] for x [rows][inputs]. What it throws, the basis throws where it is evaluated. */
using BasisFunction = std::function<void(int64_t rows, const double *x, double *out)>;

inline Basis callback_basis(int64_t inputs, int64_t columns, BasisFunction function) {
    // The library destroys the context also if the call fails.
    tw_basis *handle = nullptr;
    check(tw_callback_basis(
        inputs, columns,
        [](void *context, int64_t rows, const double *x, double *out) {
            return detail::guarded([&] { (*static_cast<BasisFunction *>(context))(rows, x, out); });
        },
        new BasisFunction(std::move(function)), [](void *context) { delete static_cast<BasisFunction *>(context); },
        &handle));
    return Basis(handle);
}

inline Tensor difference_matrix(int64_t columns, int64_t order) {
    return detail::make(tw_difference_matrix, columns, order);
}

}  // namespace talweg

#endif
