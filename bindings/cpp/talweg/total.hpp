/**
 * @file total.hpp
 * Total least squares.
 */
#ifndef TALWEG_TOTAL_HPP
#define TALWEG_TOTAL_HPP

#include "tensor.hpp"

namespace talweg {

/** A fit. Copies are further names of the same one. */
class TotalResult {
  public:
    explicit TotalResult(tw_total_result *handle)
        : handle_(detail::own<tw_total_result, tw_total_result_free>(handle)) {}
    tw_total_result *get() const noexcept { return handle_.get(); }

    Tensor coefficients() const { return detail::make(tw_total_result_coefficients, get()); }
    Tensor intercept() const { return detail::make(tw_total_result_intercept, get()); }
    Tensor singular_values() const { return detail::make(tw_total_result_singular_values, get()); }
    double correction_norm() const { return detail::read<tw_total_result>(tw_total_result_correction_norm, get()); }
    int64_t rank() const { return detail::read<tw_total_result>(tw_total_result_rank, get()); }
    Tensor predict(const Tensor &X) const { return detail::make(tw_total_result_predict, get(), X); }

  private:
    std::shared_ptr<tw_total_result> handle_;
};

inline TotalResult total_least_squares(const Tensor &X, const Tensor &y,
                                       const tw_total_options &options = TW_TOTAL_OPTIONS_INIT) {
    return detail::made<TotalResult, tw_total_result>(tw_total_least_squares, X, y, &options);
}

}  // namespace talweg

#endif
