/**
 * @file inference.hpp
 * Statistics of a linear fit, as members of LstsqResult.
 */
#ifndef TALWEG_INFERENCE_HPP
#define TALWEG_INFERENCE_HPP

#include "tensor.hpp"

namespace talweg {

/** The c with P(|T| <= c) = level. */
inline double student_t_critical_value(double level, double degrees_of_freedom) {
    double value = 0;
    check(tw_student_t_critical_value(level, degrees_of_freedom, &value));
    return value;
}

namespace detail {

/** The table that a function of a fit makes. */
template <typename Handle>
std::string summary(tw_status (*function)(const Handle *, const tw_summary_options *, char **), const Handle *fit,
                    const std::vector<std::string> &names, double level) {
    std::vector<const char *> texts;
    for (const std::string &name : names) texts.push_back(name.c_str());
    tw_summary_options options = TW_SUMMARY_OPTIONS_INIT;
    options.level = level;
    options.names = texts.empty() ? nullptr : texts.data();
    options.name_count = size(texts);
    char *text = nullptr;
    check(function(fit, &options, &text));
    const std::unique_ptr<char, void (*)(char *)> owned(text, tw_string_free);
    return text;
}

/** What inference.h tells of a Result with a tw_lstsq_result. */
template <typename Result> class Inference {
  public:
    Tensor t_values() const { return make(tw_lstsq_result_t_values, handle()); }
    Tensor p_values() const { return make(tw_lstsq_result_p_values, handle()); }
    Tensor intercept_t_value() const { return make(tw_lstsq_result_intercept_t_value, handle()); }
    Tensor intercept_p_value() const { return make(tw_lstsq_result_intercept_p_value, handle()); }
    Tensor confidence_intervals(double level = 0.95) const {
        return make(tw_lstsq_result_confidence_intervals, handle(), level);
    }
    Tensor intercept_confidence_interval(double level = 0.95) const {
        return make(tw_lstsq_result_intercept_confidence_interval, handle(), level);
    }
    Tensor adjusted_r_squared() const { return make(tw_lstsq_result_adjusted_r_squared, handle()); }
    Tensor residual_variance() const { return make(tw_lstsq_result_residual_variance, handle()); }
    Tensor f_statistic() const { return make(tw_lstsq_result_f_statistic, handle()); }
    Tensor f_p_value() const { return make(tw_lstsq_result_f_p_value, handle()); }
    Tensor log_likelihood() const { return make(tw_lstsq_result_log_likelihood, handle()); }
    Tensor aic() const { return make(tw_lstsq_result_aic, handle()); }
    Tensor bic() const { return make(tw_lstsq_result_bic, handle()); }
    Tensor covariance() const { return make(tw_lstsq_result_covariance, handle()); }
    Tensor variance_inflation() const { return make(tw_lstsq_result_variance_inflation, handle()); }
    double condition_number() const {
        return read<tw_lstsq_result>(tw_lstsq_result_condition_number, handle());
    }

    Tensor prediction_intervals(const Tensor &X, tw_interval_kind kind = TW_INTERVAL_CONFIDENCE, double level = 0.95,
                                const Tensor &weights = {}) const {
        return make(tw_lstsq_result_prediction_intervals, handle(), X, weights, kind, level);
    }
    Tensor prediction_errors(const Tensor &X, tw_interval_kind kind = TW_INTERVAL_CONFIDENCE,
                             const Tensor &weights = {}) const {
        return make(tw_lstsq_result_prediction_errors, handle(), X, weights, kind);
    }

    /* The rows that were fitted, which are passed again, with their weights if there were any. */

    Tensor residuals(const Tensor &X, const Tensor &y) const {
        return make(tw_lstsq_result_residuals, handle(), X, y);
    }
    Tensor leverage(const Tensor &X, const Tensor &weights = {}) const {
        return make(tw_lstsq_result_leverage, handle(), X, weights);
    }
    Tensor influence(const Tensor &X, const Tensor &y, tw_influence_kind kind, const Tensor &weights = {}) const {
        return make(tw_lstsq_result_influence, handle(), X, y, weights, kind);
    }
    Tensor robust_covariance(const Tensor &X, const Tensor &y,
                             const tw_robust_covariance_options &options = TW_ROBUST_COVARIANCE_OPTIONS_INIT) const {
        return make(tw_lstsq_result_robust_covariance, handle(), X, y, &options);
    }

    /** A table; `names` are those of the columns of X, or none. */
    std::string summary(const std::vector<std::string> &names = {}, double level = 0.95) const {
        const tw_lstsq_result *fit = handle();
        return detail::summary(tw_lstsq_result_summary, fit, names, level);
    }

  private:
    tw_lstsq_result *handle() const noexcept { return static_cast<const Result *>(this)->get(); }
};

}  // namespace detail

}  // namespace talweg

#endif
