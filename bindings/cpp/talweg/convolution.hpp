/**
 * @file convolution.hpp
 * Convolution, transposed convolution and pooling; without a bias, or with one.
 */
#ifndef TALWEG_CONVOLUTION_HPP
#define TALWEG_CONVOLUTION_HPP

#include "tensor.hpp"

namespace talweg {

inline Tensor conv1d(const Tensor &x, const Tensor &weight,
                     const tw_convolution_options &options = TW_CONVOLUTION_OPTIONS_INIT) {
    return detail::make(tw_conv1d, x, weight, nullptr, &options);
}
inline Tensor conv1d(const Tensor &x, const Tensor &weight, const Tensor &bias,
                     const tw_convolution_options &options = TW_CONVOLUTION_OPTIONS_INIT) {
    return detail::make(tw_conv1d, x, weight, bias, &options);
}
inline Tensor conv2d(const Tensor &x, const Tensor &weight,
                     const tw_convolution_options &options = TW_CONVOLUTION_OPTIONS_INIT) {
    return detail::make(tw_conv2d, x, weight, nullptr, &options);
}
inline Tensor conv2d(const Tensor &x, const Tensor &weight, const Tensor &bias,
                     const tw_convolution_options &options = TW_CONVOLUTION_OPTIONS_INIT) {
    return detail::make(tw_conv2d, x, weight, bias, &options);
}
inline Tensor conv_transpose1d(const Tensor &x, const Tensor &weight,
                               const tw_convolution_options &options = TW_CONVOLUTION_OPTIONS_INIT) {
    return detail::make(tw_conv_transpose1d, x, weight, nullptr, &options);
}
inline Tensor conv_transpose1d(const Tensor &x, const Tensor &weight, const Tensor &bias,
                               const tw_convolution_options &options = TW_CONVOLUTION_OPTIONS_INIT) {
    return detail::make(tw_conv_transpose1d, x, weight, bias, &options);
}
inline Tensor conv_transpose2d(const Tensor &x, const Tensor &weight,
                               const tw_convolution_options &options = TW_CONVOLUTION_OPTIONS_INIT) {
    return detail::make(tw_conv_transpose2d, x, weight, nullptr, &options);
}
inline Tensor conv_transpose2d(const Tensor &x, const Tensor &weight, const Tensor &bias,
                               const tw_convolution_options &options = TW_CONVOLUTION_OPTIONS_INIT) {
    return detail::make(tw_conv_transpose2d, x, weight, bias, &options);
}

inline Tensor max_pool1d(const Tensor &x, const tw_pooling_options &options = TW_POOLING_OPTIONS_INIT) {
    return detail::make(tw_max_pool1d, x, &options);
}
inline Tensor max_pool2d(const Tensor &x, const tw_pooling_options &options = TW_POOLING_OPTIONS_INIT) {
    return detail::make(tw_max_pool2d, x, &options);
}
inline Tensor avg_pool1d(const Tensor &x, const tw_pooling_options &options = TW_POOLING_OPTIONS_INIT) {
    return detail::make(tw_avg_pool1d, x, &options);
}
inline Tensor avg_pool2d(const Tensor &x, const tw_pooling_options &options = TW_POOLING_OPTIONS_INIT) {
    return detail::make(tw_avg_pool2d, x, &options);
}

/** Sizes of a result; 0 is the input's own. */
inline Tensor adaptive_avg_pool1d(const Tensor &x, int64_t length) {
    return detail::make(tw_adaptive_avg_pool1d, x, length);
}
inline Tensor adaptive_avg_pool2d(const Tensor &x, int64_t height, int64_t width) {
    return detail::make(tw_adaptive_avg_pool2d, x, height, width);
}
inline Tensor adaptive_max_pool1d(const Tensor &x, int64_t length) {
    return detail::make(tw_adaptive_max_pool1d, x, length);
}
inline Tensor adaptive_max_pool2d(const Tensor &x, int64_t height, int64_t width) {
    return detail::make(tw_adaptive_max_pool2d, x, height, width);
}
inline Tensor global_average_pool(const Tensor &x) { return detail::make(tw_global_average_pool, x); }
/** Twice the size, unless the options say otherwise. */
inline Tensor upsample(const Tensor &x, const tw_upsample_options &options = TW_UPSAMPLE_OPTIONS_INIT) {
    return detail::make(tw_upsample, x, &options);
}
inline Tensor pixel_shuffle(const Tensor &x, int64_t factor) { return detail::make(tw_pixel_shuffle, x, factor); }

}  // namespace talweg

#endif
