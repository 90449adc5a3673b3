/**
 * @file robust.hpp
 * Regression that outliers do not lead astray.
 */
#ifndef TALWEG_ROBUST_HPP
#define TALWEG_ROBUST_HPP

#include "tensor.hpp"

namespace talweg {

/** A robust fit. Copies are further names of the same one. */
class RobustResult {
  public:
    explicit RobustResult(tw_robust_result *handle)
        : handle_(detail::own<tw_robust_result, tw_robust_result_free>(handle)) {}
    tw_robust_result *get() const noexcept { return handle_.get(); }

    Tensor coefficients() const { return detail::make(tw_robust_result_coefficients, get()); }
    Tensor intercept() const { return detail::make(tw_robust_result_intercept, get()); }
    Tensor standard_errors() const { return detail::make(tw_robust_result_standard_errors, get()); }
    Tensor intercept_standard_error() const { return detail::make(tw_robust_result_intercept_standard_error, get()); }
    Tensor weights() const { return detail::make(tw_robust_result_weights, get()); }
    double scale() const { return detail::read<tw_robust_result>(tw_robust_result_scale, get()); }
    double objective() const { return detail::read<tw_robust_result>(tw_robust_result_objective, get()); }
    int64_t rank() const { return detail::read<tw_robust_result>(tw_robust_result_rank, get()); }
    tw_stop_reason stop_reason() const { return detail::read<tw_robust_result>(tw_robust_result_stop_reason, get()); }
    int64_t iterations() const { return detail::read<tw_robust_result>(tw_robust_result_iterations, get()); }
    Tensor predict(const Tensor &X) const { return detail::make(tw_robust_result_predict, get(), X); }

  private:
    std::shared_ptr<tw_robust_result> handle_;
};

inline RobustResult robust(const Tensor &X, const Tensor &y,
                           const tw_robust_options &options = TW_ROBUST_OPTIONS_INIT) {
    return detail::made<RobustResult, tw_robust_result>(tw_robust, X, y, &options);
}

/** Asks after each iteration whether to stop. What `stop` throws, this throws. The options' callback, context
    and destroy are not used. */
inline RobustResult robust(const Tensor &X, const Tensor &y, tw_robust_options options,
                           const std::function<bool(const tw_robust_progress &)> &stop) {
    using Context = detail::Stopping<const tw_robust_progress &>;
    Context context{stop};
    options.callback = [](void *c, const tw_robust_progress *p) { return static_cast<Context *>(c)->ask(*p); };
    options.context = &context;
    options.destroy = nullptr;
    RobustResult result = robust(X, y, options);
    context.rethrow();
    return result;
}

/** Huber's estimate of coefficients and scale at once. */
inline RobustResult huber(const Tensor &X, const Tensor &y, const tw_huber_options &options = TW_HUBER_OPTIONS_INIT) {
    return detail::made<RobustResult, tw_robust_result>(tw_huber, X, y, &options);
}
inline RobustResult quantile_regression(const Tensor &X, const Tensor &y,
                                        const tw_quantile_options &options = TW_QUANTILE_OPTIONS_INIT) {
    return detail::made<RobustResult, tw_robust_result>(tw_quantile_regression, X, y, &options);
}
inline RobustResult ransac(const Tensor &X, const Tensor &y,
                           const tw_ransac_options &options = TW_RANSAC_OPTIONS_INIT) {
    return detail::made<RobustResult, tw_robust_result>(tw_ransac, X, y, &options);
}
inline RobustResult theil_sen(const Tensor &X, const Tensor &y,
                              const tw_theil_sen_options &options = TW_THEIL_SEN_OPTIONS_INIT) {
    return detail::made<RobustResult, tw_robust_result>(tw_theil_sen, X, y, &options);
}

}  // namespace talweg

#endif
