/**
 * @file lstsq.hpp
 * Linear least squares, in closed form and by gradient descent.
 */
#ifndef TALWEG_LSTSQ_HPP
#define TALWEG_LSTSQ_HPP

#include "inference.hpp"

namespace talweg {

/** A fit, and its statistics. Copies are further names of the same one. */
class LstsqResult : public detail::Inference<LstsqResult> {
  public:
    explicit LstsqResult(tw_lstsq_result *handle)
        : handle_(detail::own<tw_lstsq_result, tw_lstsq_result_free>(handle)) {}
    tw_lstsq_result *get() const noexcept { return handle_.get(); }

    Tensor coefficients() const { return detail::make(tw_lstsq_result_coefficients, get()); }
    Tensor intercept() const { return detail::make(tw_lstsq_result_intercept, get()); }
    Tensor standard_errors() const { return detail::make(tw_lstsq_result_standard_errors, get()); }
    Tensor intercept_standard_error() const { return detail::make(tw_lstsq_result_intercept_standard_error, get()); }
    Tensor rss() const { return detail::make(tw_lstsq_result_rss, get()); }
    Tensor r_squared() const { return detail::make(tw_lstsq_result_r_squared, get()); }
    int64_t rank() const { return detail::read<tw_lstsq_result>(tw_lstsq_result_rank, get()); }
    int64_t degrees_of_freedom() const {
        return detail::read<tw_lstsq_result>(tw_lstsq_result_degrees_of_freedom, get());
    }
    double condition() const { return detail::read<tw_lstsq_result>(tw_lstsq_result_condition, get()); }
    Tensor singular_values() const { return detail::make(tw_lstsq_result_singular_values, get()); }
    tw_stop_reason stop_reason() const { return detail::read<tw_lstsq_result>(tw_lstsq_result_stop_reason, get()); }
    int64_t iterations() const { return detail::read<tw_lstsq_result>(tw_lstsq_result_iterations, get()); }
    Tensor predict(const Tensor &X) const { return detail::make(tw_lstsq_result_predict, get(), X); }

  private:
    std::shared_ptr<tw_lstsq_result> handle_;
};

inline LstsqResult lstsq(const Tensor &X, const Tensor &y, const tw_lstsq_options &options = TW_LSTSQ_OPTIONS_INIT) {
    return detail::made<LstsqResult, tw_lstsq_result>(tw_lstsq, X, y, &options);
}

/** Gradient descent that asks after each iteration whether to stop: the fit then holds what was
    reached. What `stop` throws, this throws. The options' callback, context and destroy are not used. */
inline LstsqResult lstsq(const Tensor &X, const Tensor &y, tw_lstsq_options options,
                         const std::function<bool(const tw_descent_progress &)> &stop) {
    using Context = detail::Stopping<const tw_descent_progress &>;
    Context context{stop};
    options.callback = [](void *c, const tw_descent_progress *p) { return static_cast<Context *>(c)->ask(*p); };
    options.context = &context;
    options.destroy = nullptr;
    LstsqResult result = lstsq(X, y, options);
    context.rethrow();
    return result;
}

/** Without an intercept, for rows whose errors have a covariance: [n, n], or [n], its diagonal. */
inline LstsqResult gls(const Tensor &X, const Tensor &y, const Tensor &covariance) {
    const tw_lstsq_options *plain = nullptr;
    return detail::made<LstsqResult, tw_lstsq_result>(tw_gls, X, y, covariance, plain);
}
inline LstsqResult gls(const Tensor &X, const Tensor &y, const Tensor &covariance, const tw_lstsq_options &options) {
    return detail::made<LstsqResult, tw_lstsq_result>(tw_gls, X, y, covariance, &options);
}
/** L^-1 rows, for the covariance L L'. */
inline Tensor whiten(const Tensor &covariance, const Tensor &rows) {
    return detail::make(tw_whiten, covariance, rows);
}

}  // namespace talweg

#endif
