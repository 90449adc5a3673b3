/**
 * @file norm_layers.hpp
 * Layers of normalisation.
 */
#ifndef TALWEG_NORM_LAYERS_HPP
#define TALWEG_NORM_LAYERS_HPP

#include "module.hpp"

namespace talweg {

inline Module BatchNorm1d(int64_t channels, const tw_channel_norm_options &options = TW_CHANNEL_NORM_OPTIONS_INIT) {
    return detail::module(tw_batch_norm1d_new, channels, &options);
}
inline Module BatchNorm2d(int64_t channels, const tw_channel_norm_options &options = TW_CHANNEL_NORM_OPTIONS_INIT) {
    return detail::module(tw_batch_norm2d_new, channels, &options);
}
/** Without options: without parameters and running statistics. */
inline Module InstanceNorm1d(int64_t channels) {
    return detail::module(tw_instance_norm1d_new, channels, static_cast<const tw_channel_norm_options *>(nullptr));
}
inline Module InstanceNorm1d(int64_t channels, const tw_channel_norm_options &options) {
    return detail::module(tw_instance_norm1d_new, channels, &options);
}
inline Module InstanceNorm2d(int64_t channels) {
    return detail::module(tw_instance_norm2d_new, channels, static_cast<const tw_channel_norm_options *>(nullptr));
}
inline Module InstanceNorm2d(int64_t channels, const tw_channel_norm_options &options) {
    return detail::module(tw_instance_norm2d_new, channels, &options);
}
/** Over the last axes, of these sizes. */
inline Module LayerNorm(const std::vector<int64_t> &shape, const tw_norm_options &options = TW_NORM_OPTIONS_INIT) {
    return detail::module(tw_layer_norm_new, detail::data(shape), detail::size(shape), &options);
}
inline Module RMSNorm(const std::vector<int64_t> &shape, const tw_norm_options &options = TW_NORM_OPTIONS_INIT) {
    return detail::module(tw_rms_norm_new, detail::data(shape), detail::size(shape), &options);
}
inline Module GroupNorm(int64_t groups, int64_t channels, const tw_norm_options &options = TW_NORM_OPTIONS_INIT) {
    return detail::module(tw_group_norm_new, groups, channels, &options);
}
inline Module LocalResponseNorm(int64_t size, double alpha = 1e-4, double beta = 0.75, double k = 1) {
    return detail::module(tw_local_response_norm_new, size, alpha, beta, k);
}

}  // namespace talweg

#endif
