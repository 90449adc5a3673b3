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
    Tensor confidence_intervals(double level = 0.95, bool absolute = false) const {
        return detail::make(tw_least_squares_result_confidence_intervals, get(), level, absolute);
    }
    /** Of functions with those values and gradients at the parameters; with `deviations` of new observations. */
    Tensor bands(const Tensor &values, const Tensor &gradients, const Tensor &deviations = {}, double level = 0.95,
                 bool absolute = false) const {
        return detail::make(tw_least_squares_result_bands, get(), values, gradients, deviations, level, absolute);
    }
    tw_least_squares_summary summary() const {
        tw_least_squares_summary found = TW_LEAST_SQUARES_SUMMARY_INIT;
        detail::call(tw_least_squares_result_summary, get(), &found);
        return found;
    }

  private:
    std::shared_ptr<tw_least_squares_result> handle_;
};

/** Residuals of a fit: functions of vectors, or tensor code of the parameters, which differentiates itself. */
class Residuals {
  public:
    /** `count` residuals, which a function of the parameters writes, as another may their Jacobian [count, p],
        row-major. */
    Residuals(int64_t count, VectorFunction residuals, VectorFunction jacobian = nullptr)
        : count_(count), residuals_(std::move(residuals)), jacobian_(std::move(jacobian)) {}
    template <typename F, typename Made = std::invoke_result_t<F &, const Tensor &>,
              typename = std::enable_if_t<std::is_convertible_v<Made, Tensor>>>
    Residuals(F residuals) : tensors_(std::move(residuals)) {}

    /** What the C interface takes; this is its context, and outlives the call. */
    tw_residuals get() const noexcept {
        tw_residuals given = TW_RESIDUALS_INIT;
        given.count = count_;
        given.context = const_cast<Residuals *>(this);
        if (tensors_) {
            given.tensor = [](void *context, tw_scope *scope, const tw_tensor *parameters) {
                tw_tensor *made = nullptr;
                detail::guarded([&] {
                    made = detail::given(scope, of(context).tensors_(detail::taken(&parameters, 1)[0]));
                });
                return made;
            };
            return given;
        }
        given.function = [](void *context, const double *x, double *r) {
            return detail::guarded([&] { of(context).residuals_(x, r); });
        };
        if (jacobian_)
            given.jacobian = [](void *context, const double *x, double *j) {
                return detail::guarded([&] { of(context).jacobian_(x, j); });
            };
        return given;
    }

  private:
    static const Residuals &of(void *context) { return *static_cast<const Residuals *>(context); }

    int64_t count_ = 0;
    VectorFunction residuals_, jacobian_;
    std::function<Tensor(const Tensor &)> tensors_;
};

/** Fits residuals; what their functions throw, this throws. */
inline LeastSquaresResult least_squares(const Residuals &residuals, const Tensor &start,
                                        const tw_least_squares_options &options = TW_LEAST_SQUARES_OPTIONS_INIT) {
    const tw_residuals given = residuals.get();
    return detail::made<LeastSquaresResult, tw_least_squares_result>(tw_least_squares, &given, start, &options);
}
inline LeastSquaresResult least_squares(int64_t count, const VectorFunction &residuals, const Tensor &start,
                                        const tw_least_squares_options &options = TW_LEAST_SQUARES_OPTIONS_INIT,
                                        const VectorFunction *jacobian = nullptr) {
    return least_squares(Residuals(count, residuals, jacobian ? *jacobian : VectorFunction()), start, options);
}

/** Asks after each step whether to stop: the fit then holds what was reached. What `stop` throws, this throws. The
    options' callback and context are not used. */
inline LeastSquaresResult least_squares(const Residuals &residuals, const Tensor &start,
                                        tw_least_squares_options options,
                                        const std::function<bool(const tw_least_squares_progress &)> &stop) {
    using Context = detail::Stopping<const tw_least_squares_progress &>;
    Context context{stop};
    options.callback = [](void *c, const tw_least_squares_progress *p) { return static_cast<Context *>(c)->ask(*p); };
    options.context = &context;
    LeastSquaresResult result = least_squares(residuals, start, options);
    context.rethrow();
    return result;
}

/** Profile-likelihood intervals [p, 2] of a fit of those residuals with those options. */
inline Tensor profile_intervals(const Residuals &residuals, const LeastSquaresResult &fit,
                                const tw_least_squares_options &options = TW_LEAST_SQUARES_OPTIONS_INIT,
                                double level = 0.95, bool absolute = false) {
    const tw_residuals given = residuals.get();
    return detail::make(tw_least_squares_profile_intervals, &given, fit.get(), &options, level, absolute);
}

/** Fits a named curve; its start is found from the data. */
inline LeastSquaresResult curve_fit(tw_curve_family family, int64_t order, const Tensor &x, const Tensor &y,
                                    const tw_least_squares_options &options = TW_LEAST_SQUARES_OPTIONS_INIT) {
    const tw_tensor *none = nullptr;
    return detail::made<LeastSquaresResult, tw_least_squares_result>(tw_curve_fit, family, order, x, y, none, none,
                                                                     &options);
}

/** A band about a fitted curve, lower and upper, [m, 2]. */
inline Tensor curve_band(tw_curve_family family, int64_t order, const LeastSquaresResult &fit, const Tensor &x,
                         tw_interval_kind kind = TW_INTERVAL_CONFIDENCE, double level = 0.95, const Tensor &sigma = {},
                         bool absolute = false) {
    return detail::make(tw_curve_band, family, order, fit.get(), x, kind, sigma, level, absolute);
}

/** df/db of a named curve, float64 [m, p]. */
inline Tensor curve_gradient(tw_curve_family family, int64_t order, const Tensor &parameters, const Tensor &x) {
    return detail::make(tw_curve_gradient, family, order, parameters, x);
}

/** f(x; b) of a named curve, float64 of x's shape. */
inline Tensor curve_evaluate(tw_curve_family family, int64_t order, const Tensor &parameters, const Tensor &x) {
    return detail::make(tw_curve_evaluate, family, order, parameters, x);
}

}  // namespace talweg

#endif
