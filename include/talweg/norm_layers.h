/**
 * @file norm_layers.h
 * Layers of normalisation: modules over the functions of normalization.h. Parameters are "weight", of ones at first, and
 * "bias", of zeros.
 *
 * Each constructor checks its sizes and options: TW_ERROR_INVALID_ARGUMENT for those out of range, TW_ERROR_SHAPE or
 * TW_ERROR_OUT_OF_MEMORY for parameters that memory cannot hold, TW_ERROR_DTYPE for a dtype that is neither float32 nor
 * float64. `*module` is freed with tw_module_free. A forward pass refuses other shapes than those named with
 * TW_ERROR_SHAPE, and an input of another dtype than the parameters' with TW_ERROR_DTYPE.
 */
#ifndef TALWEG_NORM_LAYERS_H
#define TALWEG_NORM_LAYERS_H

#include "module.h"
#include "normalization.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How layers of batch norm and instance norm are made. */
typedef struct tw_channel_norm_options {
    size_t struct_size;
    /** Finite and 0 or more. */
    double epsilon;
    /** The share of a batch in the running statistics, 0 to 1. */
    double momentum;
    /** Whether the running statistics are the average of all batches instead, whatever `momentum` says. */
    bool cumulative;
    /** Whether there are parameters "weight" and "bias" [channels]. */
    bool affine;
    /** Whether there are buffers "running_mean" and "running_var" [channels], which training moves in place and
        evaluation uses, and "num_batches_tracked", an int64. */
    bool track_running_stats;
    /** Whether the result is max(y, 0), made in the same pass. */
    bool relu;
    /** TW_FLOAT32 or TW_FLOAT64. */
    tw_dtype dtype;
} tw_channel_norm_options;

#define TW_CHANNEL_NORM_OPTIONS_INIT \
    {sizeof(tw_channel_norm_options), 1e-5, 0.1, false, true, true, false, TW_FLOAT32}

/**
 * Batch norm of x [n, channels] or [n, channels, length] (Ioffe and Szegedy, 2015). In training mode with the batch's
 * mean and variance, towards which the running ones move, the variance over one less than the count; in evaluation mode
 * with the running ones. Without running statistics always with the batch's. Of one value a channel in training:
 * TW_ERROR_SHAPE. A forward pass that fails leaves the buffers as they are.
 *
 * By tw_module_call a second input may be given: a residual of x's shape, which is added before the ReLU, in the same
 * pass.
 * @param options  NULL: the defaults
 */
tw_status tw_batch_norm1d_new(int64_t channels, const tw_channel_norm_options *options, tw_module **module) TW_CHECK;
/** The same of x [n, channels, height, width]. */
tw_status tw_batch_norm2d_new(int64_t channels, const tw_channel_norm_options *options, tw_module **module) TW_CHECK;

/**
 * Instance norm of x [n, channels, length] (Ulyanov, Vedaldi and Lempitsky, 2016): of each channel of each example over
 * its positions. With track_running_stats, as of tw_batch_norm1d_new, evaluation uses running statistics; they are not
 * counted, so that with `cumulative` they stay as they are.
 * @param options  NULL: without parameters and running statistics
 */
tw_status tw_instance_norm1d_new(int64_t channels, const tw_channel_norm_options *options, tw_module **module) TW_CHECK;
/** The same of x [n, channels, height, width]. */
tw_status tw_instance_norm2d_new(int64_t channels, const tw_channel_norm_options *options, tw_module **module) TW_CHECK;

/** How the other norms are made. */
typedef struct tw_norm_options {
    size_t struct_size;
    /** Finite. Below 0: 1e-5, and of RMS norm the gap between 1 and the next number of the input's dtype. */
    double epsilon;
    /** Whether there is a weight and, but for RMS norm, a bias. */
    bool affine;
    /** Of layer norm: whether there is a bias beside the weight. */
    bool bias;
    /** TW_FLOAT32 or TW_FLOAT64. */
    tw_dtype dtype;
} tw_norm_options;

#define TW_NORM_OPTIONS_INIT {sizeof(tw_norm_options), -1.0, true, true, TW_FLOAT32}

/**
 * Layer norm over the last axes of x (Ba, Kiros and Hinton, 2016). By tw_module_call a second input may be given, which
 * is added to x first.
 * @param shape  the sizes of the last `rank` axes, each 1 or more (TW_ERROR_SHAPE), at least one
 *               (TW_ERROR_INVALID_ARGUMENT); also the parameters' shape
 * @param options  NULL: the defaults
 */
tw_status tw_layer_norm_new(const int64_t *shape, int64_t rank, const tw_norm_options *options,
                            tw_module **module) TW_CHECK;
/** RMS norm over the last axes of x (Zhang and Sennrich, 2019); see tw_layer_norm_new. */
tw_status tw_rms_norm_new(const int64_t *shape, int64_t rank, const tw_norm_options *options,
                          tw_module **module) TW_CHECK;
/** Group norm of x [n, channels, ..] (Wu and He, 2018); `groups` divides `channels`. */
tw_status tw_group_norm_new(int64_t groups, int64_t channels, const tw_norm_options *options,
                            tw_module **module) TW_CHECK;
/** Local response norm of x [n, channels, ..]; see tw_local_response_norm. It has no parameters. */
tw_status tw_local_response_norm_new(int64_t size, double alpha, double beta, double k, tw_module **module) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
