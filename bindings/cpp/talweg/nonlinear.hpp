/**
 * @file nonlinear.hpp
 * Nonlinear least squares by functions of vectors, or by tensor code; named curves.
 */
#ifndef TALWEG_NONLINEAR_HPP
#define TALWEG_NONLINEAR_HPP

#include "callback.hpp"

namespace talweg {

/** A nonlinear fit. Copies are further names of the same one. */
class LeastSquaresResult {
  public:
    explicit LeastSquaresResult(tw_least_squares_result *handle)
        : handle_(detail::own<tw_least_squares_result, tw_least_squares_result_free>(handle)) {}
    tw_least_squares_result *get() const noexcept { return handle_.get(); }

    Tensor parameters() const { return detail::make(tw_least_squares_result_parameters, get()); }
    Tensor residuals() const { return detail::make(tw_least_squares_result_residuals, get()); }
    Tensor jacobian() const { return detail::make(tw_least_squares_result_jacobian, get()); }
    Tensor gradient() const { return detail::make(tw_least_squares_result_gradient, get()); }
    Tensor active() const { return detail::make(tw_least_squares_result_active, get()); }
    Tensor covariance(bool absolute = false) const {
        return detail::make(tw_least_squares_result_covariance, get(), absolute);
    }
    Tensor standard_errors(bool absolute = false) const {
        return detail::make(tw_least_squares_result_standard_errors, get(), absolute);
    }
    tw_least_squares_summary summary() const {
        tw_least_squares_summary found = TW_LEAST_SQUARES_SUMMARY_INIT;
        detail::call(tw_least_squares_result_summary, get(), &found);
        return found;
    }

  private:
    std::shared_ptr<tw_least_squares_result> handle_;
};

namespace detail {
struct ResidualFunctions {
    const VectorFunction &residuals;
    const VectorFunction *jacobian;

    static int evaluate(void *context, const double *x, double *out) {
        return guarded([&] { static_cast<ResidualFunctions *>(context)->residuals(x, out); });
    }
    static int derive(void *context, const double *x, double *out) {
        return guarded([&] { (*static_cast<ResidualFunctions *>(context)->jacobian)(x, out); });
    }
};
}  // namespace detail

/** Fits `count` residuals, which a function of the parameters writes, as another may their Jacobian [count, p],
    row-major. What the functions throw, this throws. */
inline LeastSquaresResult least_squares(int64_t count, const VectorFunction &residuals, const Tensor &start,
                                        const tw_least_squares_options &options = TW_LEAST_SQUARES_OPTIONS_INIT,
                                        const VectorFunction *jacobian = nullptr) {
    detail::ResidualFunctions functions{residuals, jacobian};
    tw_residuals given = TW_RESIDUALS_INIT;
    given.count = count;
    given.function = detail::ResidualFunctions::evaluate;
    if (jacobian) given.jacobian = detail::ResidualFunctions::derive;
    given.context = &functions;
    return detail::made<LeastSquaresResult, tw_least_squares_result>(tw_least_squares, &given, start, &options);
}

/** Fits residuals that are tensor code of the parameters, which differentiates itself. What it throws, this throws. */
inline LeastSquaresResult least_squares(const std::function<Tensor(const Tensor &)> &residuals, const Tensor &start,
                                        const tw_least_squares_options &options = TW_LEAST_SQUARES_OPTIONS_INIT) {
    tw_residuals given = TW_RESIDUALS_INIT;
    given.tensor = [](void *context, tw_scope *scope, const tw_tensor *parameters) {
        tw_tensor *made = nullptr;
        detail::guarded([&] {
            const auto &function = *static_cast<const std::function<Tensor(const Tensor &)> *>(context);
            made = detail::given(scope, function(detail::taken(&parameters, 1)[0]));
        });
        return made;
    };
    given.context = const_cast<std::function<Tensor(const Tensor &)> *>(&residuals);
    return detail::made<LeastSquaresResult, tw_least_squares_result>(tw_least_squares, &given, start, &options);
}

/** Fits a named curve; its start is found from the data. */
inline LeastSquaresResult curve_fit(tw_curve_family family, int64_t order, const Tensor &x, const Tensor &y,
                                    const tw_least_squares_options &options = TW_LEAST_SQUARES_OPTIONS_INIT) {
    const tw_tensor *none = nullptr;
    return detail::made<LeastSquaresResult, tw_least_squares_result>(tw_curve_fit, family, order, x, y, none, none,
                                                                     &options);
}

/** f(x; b) of a named curve, float64 of x's shape. */
inline Tensor curve_evaluate(tw_curve_family family, int64_t order, const Tensor &parameters, const Tensor &x) {
    return detail::make(tw_curve_evaluate, family, order, parameters, x);
}

}  // namespace talweg

#endif
