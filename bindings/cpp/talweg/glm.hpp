/**
 * @file glm.hpp
 * Generalised linear models: logistic, Poisson and other regressions.
 */
#ifndef TALWEG_GLM_HPP
#define TALWEG_GLM_HPP

#include "inference.hpp"

namespace talweg {

/** A fit. Copies are further names of the same one. */
class GLMResult {
  public:
    explicit GLMResult(tw_glm_result *handle) : handle_(detail::own<tw_glm_result, tw_glm_result_free>(handle)) {}
    tw_glm_result *get() const noexcept { return handle_.get(); }

    Tensor coefficients() const { return detail::make(tw_glm_result_coefficients, get()); }
    Tensor intercept() const { return detail::make(tw_glm_result_intercept, get()); }
    Tensor standard_errors() const { return detail::make(tw_glm_result_standard_errors, get()); }
    Tensor intercept_standard_error() const { return detail::make(tw_glm_result_intercept_standard_error, get()); }
    Tensor statistics() const { return detail::make(tw_glm_result_statistics, get()); }
    Tensor p_values() const { return detail::make(tw_glm_result_p_values, get()); }
    Tensor intercept_statistic() const { return detail::make(tw_glm_result_intercept_statistic, get()); }
    Tensor intercept_p_value() const { return detail::make(tw_glm_result_intercept_p_value, get()); }
    Tensor confidence_intervals(double level = 0.95) const {
        return detail::make(tw_glm_result_confidence_intervals, get(), level);
    }
    Tensor intercept_confidence_interval(double level = 0.95) const {
        return detail::make(tw_glm_result_intercept_confidence_interval, get(), level);
    }
    double deviance() const { return detail::read<tw_glm_result>(tw_glm_result_deviance, get()); }
    double null_deviance() const { return detail::read<tw_glm_result>(tw_glm_result_null_deviance, get()); }
    double log_likelihood() const { return detail::read<tw_glm_result>(tw_glm_result_log_likelihood, get()); }
    double aic() const { return detail::read<tw_glm_result>(tw_glm_result_aic, get()); }
    double bic() const { return detail::read<tw_glm_result>(tw_glm_result_bic, get()); }
    double pearson() const { return detail::read<tw_glm_result>(tw_glm_result_pearson, get()); }
    int64_t null_degrees_of_freedom() const {
        return detail::read<tw_glm_result>(tw_glm_result_null_degrees_of_freedom, get());
    }
    double dispersion() const { return detail::read<tw_glm_result>(tw_glm_result_dispersion, get()); }
    int64_t rank() const { return detail::read<tw_glm_result>(tw_glm_result_rank, get()); }
    int64_t degrees_of_freedom() const { return detail::read<tw_glm_result>(tw_glm_result_degrees_of_freedom, get()); }
    bool separated() const { return detail::read<tw_glm_result>(tw_glm_result_separated, get()); }
    double violation() const { return detail::read<tw_glm_result>(tw_glm_result_violation, get()); }
    tw_stop_reason stop_reason() const { return detail::read<tw_glm_result>(tw_glm_result_stop_reason, get()); }
    int64_t iterations() const { return detail::read<tw_glm_result>(tw_glm_result_iterations, get()); }
    Tensor predict(const Tensor &X, tw_glm_prediction kind = TW_GLM_RESPONSE, const Tensor &offset = {}) const {
        return detail::make(tw_glm_result_predict, get(), X, kind, offset);
    }
    /** Standard errors there. */
    Tensor predict_error(const Tensor &X, tw_glm_prediction kind = TW_GLM_RESPONSE, const Tensor &offset = {}) const {
        return detail::make(tw_glm_result_predict_error, get(), X, kind, offset);
    }
    Tensor residuals(const Tensor &X, const Tensor &y, tw_glm_residual kind = TW_GLM_RESIDUAL_DEVIANCE,
                     const Tensor &weights = {}, const Tensor &offset = {}) const {
        return detail::make(tw_glm_result_residuals, get(), X, y, kind, weights, offset);
    }
    /** A table; `names` are those of the columns of X, or none. */
    std::string summary(const std::vector<std::string> &names = {}, double level = 0.95) const {
        const tw_glm_result *fit = get();
        return detail::summary(tw_glm_result_summary, fit, names, level);
    }

  private:
    std::shared_ptr<tw_glm_result> handle_;
};

inline GLMResult glm(const Tensor &X, const Tensor &y, const tw_glm_options &options = TW_GLM_OPTIONS_INIT) {
    return detail::made<GLMResult, tw_glm_result>(tw_glm, X, y, &options);
}

/** Asks after each iteration whether to stop. What `stop` throws, this throws. The options' callback, context
    and destroy are not used. */
inline GLMResult glm(const Tensor &X, const Tensor &y, tw_glm_options options,
                     const std::function<bool(const tw_glm_progress &)> &stop) {
    using Context = detail::Stopping<const tw_glm_progress &>;
    Context context{stop};
    options.callback = [](void *c, const tw_glm_progress *p) { return static_cast<Context *>(c)->ask(*p); };
    options.context = &context;
    options.destroy = nullptr;
    GLMResult result = glm(X, y, options);
    context.rethrow();
    return result;
}

/** A path of penalised fits, by descending penalties. Copies are further names of the same one. */
class GLMPathResult {
  public:
    explicit GLMPathResult(tw_glm_path_result *handle)
        : handle_(detail::own<tw_glm_path_result, tw_glm_path_result_free>(handle)) {}
    tw_glm_path_result *get() const noexcept { return handle_.get(); }

    int64_t count() const { return detail::read<tw_glm_path_result>(tw_glm_path_result_count, get()); }
    GLMResult fit(int64_t index) const {
        const tw_glm_path_result *path = get();
        return detail::made<GLMResult, tw_glm_result>(tw_glm_path_result_fit, path, index);
    }
    Tensor coefficients() const { return detail::make(tw_glm_path_result_coefficients, get()); }
    Tensor intercepts() const { return detail::make(tw_glm_path_result_intercepts, get()); }
    Tensor penalties() const { return detail::make(tw_glm_path_result_penalties, get()); }
    Tensor deviances() const { return detail::make(tw_glm_path_result_deviances, get()); }
    tw_stop_reason stop_reason() const {
        return detail::read<tw_glm_path_result>(tw_glm_path_result_stop_reason, get());
    }

  private:
    std::shared_ptr<tw_glm_path_result> handle_;
};

inline GLMPathResult glm_path(const Tensor &X, const Tensor &y, const tw_glm_options &options = TW_GLM_OPTIONS_INIT,
                              const tw_glm_path_options &path = TW_GLM_PATH_OPTIONS_INIT) {
    return detail::made<GLMPathResult, tw_glm_path_result>(tw_glm_path, X, y, &options, &path);
}

}  // namespace talweg

#endif
