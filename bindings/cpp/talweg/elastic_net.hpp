/**
 * @file elastic_net.hpp
 * Paths of the lasso, the elastic net and ridge regression.
 */
#ifndef TALWEG_ELASTIC_NET_HPP
#define TALWEG_ELASTIC_NET_HPP

#include "tensor.hpp"

namespace talweg {

/** A path of fits, by descending penalties. Copies are further names of the same one. */
class ElasticNetResult {
  public:
    explicit ElasticNetResult(tw_elastic_net_result *handle)
        : handle_(detail::own<tw_elastic_net_result, tw_elastic_net_result_free>(handle)) {}
    tw_elastic_net_result *get() const noexcept { return handle_.get(); }

    Tensor coefficients() const { return detail::make(tw_elastic_net_result_coefficients, get()); }
    Tensor intercepts() const { return detail::make(tw_elastic_net_result_intercepts, get()); }
    Tensor penalties() const { return detail::make(tw_elastic_net_result_penalties, get()); }
    Tensor gaps() const { return detail::make(tw_elastic_net_result_gaps, get()); }
    Tensor iterations() const { return detail::make(tw_elastic_net_result_iterations, get()); }
    Tensor r_squared() const { return detail::make(tw_elastic_net_result_r_squared, get()); }
    Tensor errors() const { return detail::make(tw_elastic_net_result_errors, get()); }
    Tensor error_standard_errors() const { return detail::make(tw_elastic_net_result_error_standard_errors, get()); }
    int64_t count() const { return detail::read<tw_elastic_net_result>(tw_elastic_net_result_count, get()); }
    int64_t best() const { return detail::read<tw_elastic_net_result>(tw_elastic_net_result_best, get()); }
    int64_t best_within_error() const {
        return detail::read<tw_elastic_net_result>(tw_elastic_net_result_best_within_error, get());
    }
    tw_stop_reason stop_reason() const {
        return detail::read<tw_elastic_net_result>(tw_elastic_net_result_stop_reason, get());
    }
    /** Of the best penalty, or of number `index`. */
    Tensor predict(const Tensor &X) const { return predict(X, best()); }
    Tensor predict(const Tensor &X, int64_t index) const {
        return detail::make(tw_elastic_net_result_predict, get(), X, index);
    }

  private:
    std::shared_ptr<tw_elastic_net_result> handle_;
};

inline ElasticNetResult elastic_net(const Tensor &X, const Tensor &y,
                                    const tw_elastic_net_options &options = TW_ELASTIC_NET_OPTIONS_INIT) {
    return detail::made<ElasticNetResult, tw_elastic_net_result>(tw_elastic_net, X, y, &options);
}

/** Asks after each penalty whether to stop: the path ends there. What `stop` throws, this throws. The
    options' callback, context and destroy are not used. */
inline ElasticNetResult elastic_net(const Tensor &X, const Tensor &y, tw_elastic_net_options options,
                                    const std::function<bool(const tw_elastic_net_progress &)> &stop) {
    using Context = detail::Stopping<const tw_elastic_net_progress &>;
    Context context{stop};
    options.callback = [](void *c, const tw_elastic_net_progress *p) { return static_cast<Context *>(c)->ask(*p); };
    options.context = &context;
    options.destroy = nullptr;
    ElasticNetResult result = elastic_net(X, y, options);
    context.rethrow();
    return result;
}

inline ElasticNetResult ridge_path(const Tensor &X, const Tensor &y,
                                   const tw_ridge_options &options = TW_RIDGE_OPTIONS_INIT) {
    return detail::made<ElasticNetResult, tw_elastic_net_result>(tw_ridge_path, X, y, &options);
}

}  // namespace talweg

#endif
