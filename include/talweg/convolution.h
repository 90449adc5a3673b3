/**
 * @file convolution.h
 * Convolution, transposed convolution and pooling over one or two spatial axes.
 * Layers of them are in conv_layers.h.
 *
 * Tensors are [batch, channels, height, width] or [batch, channels, length], of
 * float32 or float64 and any strides; all that a call takes have one type. A
 * batch, and the channels, may be empty; spatial axes may not.
 *
 * Convolution is cross-correlation, as the field has it: the kernel is not
 * flipped. Patches of the input are packed for the multiply kernel as they are
 * needed, a block at a time for each thread, so that no matrix of all patches is
 * held (compare Chellapilla, Puri and Simard, "High performance convolutional
 * neural networks for document processing", 2006). Results do not depend on the
 * number of threads.
 *
 * Derivatives of any order exist: convolution, its transpose and the gradient to
 * its weights are each other's derivatives.
 */
#ifndef TALWEG_CONVOLUTION_H
#define TALWEG_CONVOLUTION_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * How a kernel moves over the input. Of two numbers the first is for the height,
 * the second for the width; functions of one spatial axis use the first. All are
 * at most INT32_MAX.
 */
typedef struct tw_convolution_options {
    size_t struct_size;
    /** Positions from one place of the kernel to the next, at least 1. */
    int64_t stride[2];
    /** Zeros that the input counts as having at either end, at least 0; of a
        transposed convolution, positions taken away from either end of the result. */
    int64_t padding[2];
    /** Positions from one element of the kernel to the next, at least 1. */
    int64_t dilation[2];
    /** Of a transposed convolution: positions added to the end of the result, at
        least 0, less than the stride or the dilation. Others ignore it. */
    int64_t output_padding[2];
    /** The channels are cut into so many groups, each with weights of its own, at
        least 1. */
    int64_t groups;
} tw_convolution_options;

#define TW_CONVOLUTION_OPTIONS_INIT {sizeof(tw_convolution_options), {1, 1}, {0, 0}, {1, 1}, {0, 0}, 1}

/**
 * y[n, o, p] = bias[o] + sum over c and k of weight[o, c, k] x[n, c, p stride - padding + k dilation],
 * where x is zero outside.
 * @param x        [N, C, L]
 * @param weight   [O, C / groups, K]
 * @param bias     [O], or NULL for none
 * @param options  NULL: stride 1, no padding, one group
 * @return [N, O, (L + 2 padding - dilation (K - 1) - 1) / stride + 1].
 *         TW_ERROR_SHAPE if ranks or channels do not fit, the groups do not divide
 *         the channels, or the kernel spans more than the padded input;
 *         TW_ERROR_INVALID_ARGUMENT for an option out of range, TW_ERROR_DTYPE
 */
tw_tensor *tw_conv1d(tw_scope *scope, const tw_tensor *x, const tw_tensor *weight, const tw_tensor *bias,
                     const tw_convolution_options *options);

/** The same on two axes: x [N, C, H, W], weight [O, C / groups, KH, KW]. */
tw_tensor *tw_conv2d(tw_scope *scope, const tw_tensor *x, const tw_tensor *weight, const tw_tensor *bias,
                     const tw_convolution_options *options);

/**
 * The transpose of tw_conv1d as a linear map of its input, which is also its
 * gradient: y[n, o, p stride - padding + k dilation] gathers weight[c, o, k] x[n, c, p].
 * @param x        [N, C, L]
 * @param weight   [C, O / groups, K]
 * @param bias     [O], or NULL for none
 * @param options  NULL: stride 1, no padding, one group
 * @return [N, O, (L - 1) stride - 2 padding + dilation (K - 1) + output_padding + 1].
 *         Errors as of tw_conv1d; TW_ERROR_SHAPE also if the padding leaves nothing
 */
tw_tensor *tw_conv_transpose1d(tw_scope *scope, const tw_tensor *x, const tw_tensor *weight, const tw_tensor *bias,
                               const tw_convolution_options *options);

/** The same on two axes: x [N, C, H, W], weight [C, O / groups, KH, KW]. */
tw_tensor *tw_conv_transpose2d(tw_scope *scope, const tw_tensor *x, const tw_tensor *weight, const tw_tensor *bias,
                               const tw_convolution_options *options);

/** How a window moves over the input; numbers as in tw_convolution_options. */
typedef struct tw_pooling_options {
    size_t struct_size;
    /** Elements of a window, at least 1. */
    int64_t kernel_size[2];
    /** Positions from one window to the next; 0: the kernel's size. */
    int64_t stride[2];
    /** Positions that the input counts as having at either end, from 0 to half of
        what a window spans: no number for a maximum, zeros for an average. */
    int64_t padding[2];
    /** Of a maximum: positions from one element of a window to the next, at least
        1. An average has 1. */
    int64_t dilation[2];
    /** Whether an average divides by a window's size everywhere, or by how many of
        its elements lie inside the input. */
    bool count_include_pad;
    /** Of an average: what it divides by instead; 0: as count_include_pad says. */
    int64_t divisor_override;
    /** Whether positions that the stride leaves over at an axis's end have a window
        of their own, if it begins inside the input or the padding before it. What
        of it lies beyond the padding counts in no average. */
    bool ceil_mode;
} tw_pooling_options;

#define TW_POOLING_OPTIONS_INIT {sizeof(tw_pooling_options), {2, 2}, {0, 0}, {0, 0}, {1, 1}, true, 0, false}

/**
 * The greatest element of each window; NaN if there is one. Of equals the first
 * has the gradient.
 * @param x        [N, C, L]
 * @param options  NULL: windows of 2, one beside the other
 * @return [N, C, (L + 2 padding - dilation (kernel_size - 1) - 1) / stride + 1].
 *         TW_ERROR_SHAPE for another rank or a window that spans more than the
 *         padded input, TW_ERROR_INVALID_ARGUMENT for an option out of range,
 *         TW_ERROR_DTYPE
 */
tw_tensor *tw_max_pool1d(tw_scope *scope, const tw_tensor *x, const tw_pooling_options *options);

/** The same on two axes: x [N, C, H, W]. */
tw_tensor *tw_max_pool2d(tw_scope *scope, const tw_tensor *x, const tw_pooling_options *options);

/** The mean of each window of x [N, C, L]; sizes and errors as of tw_max_pool1d. */
tw_tensor *tw_avg_pool1d(tw_scope *scope, const tw_tensor *x, const tw_pooling_options *options);

/** The same on two axes: x [N, C, H, W]. */
tw_tensor *tw_avg_pool2d(tw_scope *scope, const tw_tensor *x, const tw_pooling_options *options);

/**
 * The mean of each of `length` windows that cover an axis: window i is of the
 * positions floor(i L / length) to ceil((i + 1) L / length), the last excluded.
 * @param x       [N, C, L]
 * @param length  1 to INT32_MAX; 0: L
 * @return [N, C, length]. TW_ERROR_SHAPE for another rank or an empty axis,
 *         TW_ERROR_INVALID_ARGUMENT for a length out of range, TW_ERROR_DTYPE
 */
tw_tensor *tw_adaptive_avg_pool1d(tw_scope *scope, const tw_tensor *x, int64_t length);
/** The same on two axes: x [N, C, H, W] -> [N, C, height, width]. */
tw_tensor *tw_adaptive_avg_pool2d(tw_scope *scope, const tw_tensor *x, int64_t height, int64_t width);
/** The greatest element of each window of tw_adaptive_avg_pool1d; NaN if there is one. */
tw_tensor *tw_adaptive_max_pool1d(tw_scope *scope, const tw_tensor *x, int64_t length);
/** The same on two axes: x [N, C, H, W] -> [N, C, height, width]. */
tw_tensor *tw_adaptive_max_pool2d(tw_scope *scope, const tw_tensor *x, int64_t height, int64_t width);
/** The mean over all axes behind the channels: x [N, C, ..] -> [N, C]. TW_ERROR_SHAPE without such axes or with an
    empty one. */
tw_tensor *tw_global_average_pool(tw_scope *scope, const tw_tensor *x);

/** What positions between those of the input hold. */
typedef enum tw_upsample_mode {
    /** The nearest one before. */
    TW_UPSAMPLE_NEAREST = 0,
    /** Both neighbours, by their distance; on two axes bilinear. */
    TW_UPSAMPLE_LINEAR = 1
} tw_upsample_mode;

/** Of two numbers the first is for the height, the second for the width; of [N, C, L] the first. */
typedef struct tw_upsample_options {
    size_t struct_size;
    /** Positions of the result, 1 to INT32_MAX; 0: by scale_factor. */
    int64_t size[2];
    /** What the input's size is multiplied by, rounded down; finite and above 0. */
    double scale_factor[2];
    tw_upsample_mode mode;
    /** Of TW_UPSAMPLE_LINEAR: whether the first and last positions of input and result lie at one place, or their
        outer edges do. */
    bool align_corners;
} tw_upsample_options;

#define TW_UPSAMPLE_OPTIONS_INIT {sizeof(tw_upsample_options), {0, 0}, {2, 2}, TW_UPSAMPLE_NEAREST, false}

/**
 * x at other sizes of its spatial axes, also smaller ones.
 * @param x        [N, C, L] or [N, C, H, W]
 * @param options  NULL: twice the size, of nearest positions
 * @return TW_ERROR_SHAPE for another rank or sizes beyond INT32_MAX, TW_ERROR_INVALID_ARGUMENT for an option out of
 *         range, TW_ERROR_DTYPE for a linear mode of whole numbers
 */
tw_tensor *tw_upsample(tw_scope *scope, const tw_tensor *x, const tw_upsample_options *options);

/** Channels as pixels (Shi et al., 2016): x [N, C factor^2, H, W] -> [N, C, H factor, W factor]. */
tw_tensor *tw_pixel_shuffle(tw_scope *scope, const tw_tensor *x, int64_t factor);

#ifdef __cplusplus
}
#endif

#endif
