/**
 * @file normalization.hpp
 * Layer, RMS, batch, instance and group norm. An empty weight or bias is none.
 */
#ifndef TALWEG_NORMALIZATION_HPP
#define TALWEG_NORMALIZATION_HPP

#include "tensor.hpp"

namespace talweg {

inline Tensor layer_norm(const Tensor &x, const Tensor &weight = {}, const Tensor &bias = {}, double epsilon = 1e-5) {
    return detail::make(tw_layer_norm, x, weight, bias, epsilon);
}
inline Tensor add_layer_norm(const Tensor &x, const Tensor &residual, const Tensor &weight = {},
                             const Tensor &bias = {}, double epsilon = 1e-5) {
    return detail::make(tw_add_layer_norm, x, residual, weight, bias, epsilon);
}
inline Tensor rms_norm(const Tensor &x, const Tensor &weight = {}, double epsilon = 1e-5) {
    return detail::make(tw_rms_norm, x, weight, epsilon);
}
/** In training the running statistics, if given, are moved in place. */
inline Tensor batch_norm(const Tensor &x, const Tensor &weight = {}, const Tensor &bias = {},
                         const Tensor &running_mean = {}, const Tensor &running_variance = {},
                         const tw_batch_norm_options &options = TW_BATCH_NORM_OPTIONS_INIT) {
    return detail::make(tw_batch_norm, x, weight, bias, running_mean, running_variance, &options);
}
/** In training the running statistics, if given, are moved in place. */
inline Tensor instance_norm(const Tensor &x, const Tensor &weight = {}, const Tensor &bias = {},
                            const Tensor &running_mean = {}, const Tensor &running_variance = {},
                            const tw_batch_norm_options &options = TW_BATCH_NORM_OPTIONS_INIT) {
    return detail::make(tw_instance_norm, x, weight, bias, running_mean, running_variance, &options);
}
inline Tensor group_norm(const Tensor &x, int64_t groups, const Tensor &weight = {}, const Tensor &bias = {},
                         double epsilon = 1e-5) {
    return detail::make(tw_group_norm, x, groups, weight, bias, epsilon);
}
inline Tensor local_response_norm(const Tensor &x, int64_t size, double alpha = 1e-4, double beta = 0.75, double k = 1) {
    return detail::make(tw_local_response_norm, x, size, alpha, beta, k);
}

}  // namespace talweg

#endif
