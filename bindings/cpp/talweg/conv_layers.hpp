/**
 * @file conv_layers.hpp
 * Layers of convolution and pooling.
 */
#ifndef TALWEG_CONV_LAYERS_HPP
#define TALWEG_CONV_LAYERS_HPP

#include "module.hpp"

namespace talweg {

inline Module Conv1d(int64_t in_channels, int64_t out_channels, int64_t kernel_size,
                     const tw_conv_layer_options &options = TW_CONV_LAYER_OPTIONS_INIT) {
    return detail::module(tw_conv1d_new, in_channels, out_channels, kernel_size, &options);
}
inline Module Conv2d(int64_t in_channels, int64_t out_channels, int64_t kernel_height, int64_t kernel_width,
                     const tw_conv_layer_options &options = TW_CONV_LAYER_OPTIONS_INIT) {
    return detail::module(tw_conv2d_new, in_channels, out_channels, kernel_height, kernel_width, &options);
}
inline Module ConvTranspose1d(int64_t in_channels, int64_t out_channels, int64_t kernel_size,
                              const tw_conv_layer_options &options = TW_CONV_LAYER_OPTIONS_INIT) {
    return detail::module(tw_conv_transpose1d_new, in_channels, out_channels, kernel_size, &options);
}
inline Module ConvTranspose2d(int64_t in_channels, int64_t out_channels, int64_t kernel_height, int64_t kernel_width,
                              const tw_conv_layer_options &options = TW_CONV_LAYER_OPTIONS_INIT) {
    return detail::module(tw_conv_transpose2d_new, in_channels, out_channels, kernel_height, kernel_width, &options);
}
inline Module SeparableConv2d(int64_t in_channels, int64_t out_channels, int64_t kernel_height, int64_t kernel_width,
                              const tw_conv_layer_options &options = TW_CONV_LAYER_OPTIONS_INIT) {
    return detail::module(tw_separable_conv2d_new, in_channels, out_channels, kernel_height, kernel_width, &options);
}

inline Module MaxPool1d(const tw_pooling_options &options = TW_POOLING_OPTIONS_INIT) {
    return detail::module(tw_max_pool1d_new, &options);
}
inline Module MaxPool2d(const tw_pooling_options &options = TW_POOLING_OPTIONS_INIT) {
    return detail::module(tw_max_pool2d_new, &options);
}
inline Module AvgPool1d(const tw_pooling_options &options = TW_POOLING_OPTIONS_INIT) {
    return detail::module(tw_avg_pool1d_new, &options);
}
inline Module AvgPool2d(const tw_pooling_options &options = TW_POOLING_OPTIONS_INIT) {
    return detail::module(tw_avg_pool2d_new, &options);
}
/** Sizes of the result; 0 is the input's own. */
inline Module AdaptiveAvgPool1d(int64_t length) { return detail::module(tw_adaptive_avg_pool1d_new, length); }
inline Module AdaptiveAvgPool2d(int64_t height, int64_t width) {
    return detail::module(tw_adaptive_avg_pool2d_new, height, width);
}
inline Module AdaptiveMaxPool1d(int64_t length) { return detail::module(tw_adaptive_max_pool1d_new, length); }
inline Module AdaptiveMaxPool2d(int64_t height, int64_t width) {
    return detail::module(tw_adaptive_max_pool2d_new, height, width);
}
inline Module GlobalAveragePool() { return detail::module(tw_global_average_pool_new); }
/** Twice the size, unless the options say otherwise. */
inline Module Upsample(const tw_upsample_options &options = TW_UPSAMPLE_OPTIONS_INIT) {
    return detail::module(tw_upsample_new, &options);
}
inline Module PixelShuffle(int64_t factor) { return detail::module(tw_pixel_shuffle_new, factor); }

}  // namespace talweg

#endif
