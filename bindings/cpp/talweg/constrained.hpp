/**
 * @file constrained.hpp
 * Linear least squares under bounds, equalities and inequalities.
 */
#ifndef TALWEG_CONSTRAINED_HPP
#define TALWEG_CONSTRAINED_HPP

#include "tensor.hpp"

namespace talweg {

/** A fit. Copies are further names of the same one. */
class ConstrainedResult {
  public:
    explicit ConstrainedResult(tw_constrained_result *handle)
        : handle_(detail::own<tw_constrained_result, tw_constrained_result_free>(handle)) {}
    tw_constrained_result *get() const noexcept { return handle_.get(); }

    Tensor coefficients() const { return detail::make(tw_constrained_result_coefficients, get()); }
    Tensor intercept() const { return detail::make(tw_constrained_result_intercept, get()); }
    Tensor active() const { return detail::make(tw_constrained_result_active, get()); }
    Tensor bound_multipliers() const { return detail::make(tw_constrained_result_bound_multipliers, get()); }
    Tensor equality_multipliers() const { return detail::make(tw_constrained_result_equality_multipliers, get()); }
    Tensor inequality_multipliers() const { return detail::make(tw_constrained_result_inequality_multipliers, get()); }
    Tensor rss() const { return detail::make(tw_constrained_result_rss, get()); }
    Tensor optimality() const { return detail::make(tw_constrained_result_optimality, get()); }
    tw_stop_reason stop_reason() const {
        return detail::read<tw_constrained_result>(tw_constrained_result_stop_reason, get());
    }
    int64_t iterations() const { return detail::read<tw_constrained_result>(tw_constrained_result_iterations, get()); }
    Tensor predict(const Tensor &X) const { return detail::make(tw_constrained_result_predict, get(), X); }

  private:
    std::shared_ptr<tw_constrained_result> handle_;
};

/** The options' tensors are handles that outlive the call, as bounds.get() of a Tensor bounds. */
inline ConstrainedResult constrained_lstsq(const Tensor &X, const Tensor &y,
                                           const tw_constrained_options &options = TW_CONSTRAINED_OPTIONS_INIT) {
    return detail::made<ConstrainedResult, tw_constrained_result>(tw_constrained_lstsq, X, y, &options);
}

}  // namespace talweg

#endif
