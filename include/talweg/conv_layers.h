/**
 * @file conv_layers.h
 * Layers of convolution and pooling: modules over the functions of convolution.h, which says what they compute and what
 * a forward pass refuses.
 *
 * Each constructor checks its sizes and options: TW_ERROR_INVALID_ARGUMENT for those out of range, TW_ERROR_SHAPE or
 * TW_ERROR_OUT_OF_MEMORY for weights that memory cannot hold, TW_ERROR_DTYPE for a dtype that is neither float32 nor
 * float64. `*module` is freed with tw_module_free.
 */
#ifndef TALWEG_CONV_LAYERS_H
#define TALWEG_CONV_LAYERS_H

#include "arrange.h"
#include "convolution.h"
#include "module.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a layer of convolution is made. Of two numbers the first is for the height, the second for the width; layers of
    one spatial axis use the first. */
typedef struct tw_conv_layer_options {
    size_t struct_size;
    /** As in tw_convolution_options. */
    int64_t stride[2];
    int64_t padding[2];
    int64_t dilation[2];
    int64_t output_padding[2];
    /** A divisor of both numbers of channels; as many as input channels: depthwise. */
    int64_t groups;
    /** Whether the input is padded so that the result has its size, whatever `padding` says: by dilation (kernel - 1)
        positions, one more of them at the end where that is odd. Not with strides, nor transposed. */
    bool same_padding;
    /** What stands in the padding: TW_PAD_CONSTANT for zeros, or the input's own elements. Transposed: zeros. */
    tw_pad_mode padding_mode;
    bool bias;
    /** TW_FLOAT32 or TW_FLOAT64. */
    tw_dtype dtype;
    /** fan_in is the product of the weight's sizes but the first; fan_out, but the second. */
    tw_initializer initializer;
    /** Of TW_INIT_UNIFORM and TW_INIT_NORMAL. */
    double scale;
    /** Where the numbers come from; NULL: the process's generator. */
    tw_generator *generator;
} tw_conv_layer_options;

#define TW_CONV_LAYER_OPTIONS_INIT                                                                              \
    {sizeof(tw_conv_layer_options), {1, 1}, {0, 0}, {1, 1}, {0, 0}, 1, false, TW_PAD_CONSTANT, true, TW_FLOAT32, \
     TW_INIT_DEFAULT, 1.0, NULL}

/** x [n, in_channels, length]; parameters "weight" [out_channels, in_channels / groups, kernel_size] and "bias"
    [out_channels]. */
tw_status tw_conv1d_new(int64_t in_channels, int64_t out_channels, int64_t kernel_size,
                        const tw_conv_layer_options *options, tw_module **module) TW_CHECK;
/** x [n, in_channels, height, width]; parameters "weight" [out_channels, in_channels / groups, kernel_height,
    kernel_width] and "bias" [out_channels]. */
tw_status tw_conv2d_new(int64_t in_channels, int64_t out_channels, int64_t kernel_height, int64_t kernel_width,
                        const tw_conv_layer_options *options, tw_module **module) TW_CHECK;
/** The transpose of a tw_conv1d_new: parameters "weight" [in_channels, out_channels / groups, kernel_size] and "bias"
    [out_channels]. */
tw_status tw_conv_transpose1d_new(int64_t in_channels, int64_t out_channels, int64_t kernel_size,
                                  const tw_conv_layer_options *options, tw_module **module) TW_CHECK;
/** The transpose of a tw_conv2d_new: parameters "weight" [in_channels, out_channels / groups, kernel_height,
    kernel_width] and "bias" [out_channels]. */
tw_status tw_conv_transpose2d_new(int64_t in_channels, int64_t out_channels, int64_t kernel_height,
                                  int64_t kernel_width, const tw_conv_layer_options *options,
                                  tw_module **module) TW_CHECK;
/** Depthwise-separable convolution (Chollet, 2017): child "depthwise" convolves each channel by itself as the options
    say, `groups` aside; child "pointwise", of 1 x 1, mixes them. */
tw_status tw_separable_conv2d_new(int64_t in_channels, int64_t out_channels, int64_t kernel_height,
                                  int64_t kernel_width, const tw_conv_layer_options *options,
                                  tw_module **module) TW_CHECK;

/** Pooling by windows; options NULL: windows of 2, one beside the other. */
tw_status tw_max_pool1d_new(const tw_pooling_options *options, tw_module **module) TW_CHECK;
tw_status tw_max_pool2d_new(const tw_pooling_options *options, tw_module **module) TW_CHECK;
tw_status tw_avg_pool1d_new(const tw_pooling_options *options, tw_module **module) TW_CHECK;
tw_status tw_avg_pool2d_new(const tw_pooling_options *options, tw_module **module) TW_CHECK;

/** Pooling to given sizes, of which 0 means the input's own. */
tw_status tw_adaptive_avg_pool1d_new(int64_t length, tw_module **module) TW_CHECK;
tw_status tw_adaptive_avg_pool2d_new(int64_t height, int64_t width, tw_module **module) TW_CHECK;
tw_status tw_adaptive_max_pool1d_new(int64_t length, tw_module **module) TW_CHECK;
tw_status tw_adaptive_max_pool2d_new(int64_t height, int64_t width, tw_module **module) TW_CHECK;
/** The mean over all positions: x [n, channels, ..] -> [n, channels]. */
tw_status tw_global_average_pool_new(tw_module **module) TW_CHECK;

/** x [n, channels, length] or [n, channels, height, width] at other sizes; see tw_upsample. */
tw_status tw_upsample_new(const tw_upsample_options *options, tw_module **module) TW_CHECK;
/** Channels as pixels; see tw_pixel_shuffle. TW_ERROR_INVALID_ARGUMENT for a factor below 1. */
tw_status tw_pixel_shuffle_new(int64_t factor, tw_module **module) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
