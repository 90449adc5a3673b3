/**
 * @file stochastic.hpp
 * Linear models by stochastic gradient descent.
 */
#ifndef TALWEG_STOCHASTIC_HPP
#define TALWEG_STOCHASTIC_HPP

#include "sparse.hpp"

namespace talweg {

/** Where a descent ended. Copies are further names of the same one. */
class StochasticResult {
  public:
    explicit StochasticResult(tw_stochastic_result *handle)
        : handle_(detail::own<tw_stochastic_result, tw_stochastic_result_free>(handle)) {}
    tw_stochastic_result *get() const noexcept { return handle_.get(); }

    Tensor coefficients() const { return detail::make(tw_stochastic_result_coefficients, get()); }
    Tensor average() const { return detail::make(tw_stochastic_result_average, get()); }
    double intercept() const { return detail::read<tw_stochastic_result>(tw_stochastic_result_intercept, get()); }
    double average_intercept() const {
        return detail::read<tw_stochastic_result>(tw_stochastic_result_average_intercept, get());
    }
    double step() const { return detail::read<tw_stochastic_result>(tw_stochastic_result_step, get()); }
    int64_t epochs() const { return detail::read<tw_stochastic_result>(tw_stochastic_result_epochs, get()); }
    double objective() const { return detail::read<tw_stochastic_result>(tw_stochastic_result_objective, get()); }
    double score() const { return detail::read<tw_stochastic_result>(tw_stochastic_result_score, get()); }
    tw_stop_reason stop_reason() const {
        return detail::read<tw_stochastic_result>(tw_stochastic_result_stop_reason, get());
    }

  private:
    std::shared_ptr<tw_stochastic_result> handle_;
};

inline StochasticResult stochastic(const Tensor &X, const Tensor &y,
                                   const tw_stochastic_options &options = TW_STOCHASTIC_OPTIONS_INIT) {
    return detail::made<StochasticResult, tw_stochastic_result>(tw_stochastic, X, y, &options);
}
/** Of the sparse rows of a matrix in compressed rows. */
inline StochasticResult stochastic(const Operator &X, const Tensor &y,
                                   const tw_stochastic_options &options = TW_STOCHASTIC_OPTIONS_INIT) {
    return detail::made<StochasticResult, tw_stochastic_result>(tw_stochastic_sparse, X.get(), y, &options);
}

/** Asks after each epoch whether to stop. What `stop` throws, this throws. The options' callback, context and destroy
    are not used. X is a Tensor or an Operator. */
template <typename Rows>
StochasticResult stochastic(const Rows &X, const Tensor &y, tw_stochastic_options options,
                            const std::function<bool(const tw_stochastic_progress &)> &stop) {
    using Context = detail::Stopping<const tw_stochastic_progress &>;
    Context context{stop};
    options.callback = [](void *c, const tw_stochastic_progress *p) { return static_cast<Context *>(c)->ask(*p); };
    options.context = &context;
    options.destroy = nullptr;
    StochasticResult result = stochastic(X, y, options);
    context.rethrow();
    return result;
}

}  // namespace talweg

#endif
