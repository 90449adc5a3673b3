/**
 * @file normalization.h
 * Layer, RMS, batch, instance and group norm; layers of them are in norm_layers.h. Where a weight or bias is NULL, ones
 * and zeros stand for it. All tensors of a call have one floating dtype, else TW_ERROR_DTYPE; other shapes than those
 * named are TW_ERROR_SHAPE.
 */
#ifndef TALWEG_NORMALIZATION_H
#define TALWEG_NORMALIZATION_H

#include "scope.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Layer norm along the last axis (Ba, Kiros and Hinton, 2016):
 * (x - mean) / sqrt(variance + epsilon) * weight + bias, the variance over the count.
 * @param x  [.., width], width at least 1
 * @param weight, bias  [width], or NULL
 * @param epsilon  finite and 0 or more, else TW_ERROR_INVALID_ARGUMENT
 */
tw_tensor *tw_layer_norm(tw_scope *scope, const tw_tensor *x, const tw_tensor *weight, const tw_tensor *bias,
                         double epsilon);

/** tw_layer_norm of x + residual, which have one shape, without the sum in memory. */
tw_tensor *tw_add_layer_norm(tw_scope *scope, const tw_tensor *x, const tw_tensor *residual, const tw_tensor *weight,
                             const tw_tensor *bias, double epsilon);

/**
 * RMS norm along the last axis (Zhang and Sennrich, 2019): x / sqrt(mean(x^2) + epsilon) * weight.
 * @param x  [.., width], width at least 1
 * @param weight  [width], or NULL
 * @param epsilon  finite and 0 or more, else TW_ERROR_INVALID_ARGUMENT
 */
tw_tensor *tw_rms_norm(tw_scope *scope, const tw_tensor *x, const tw_tensor *weight, double epsilon);

typedef struct tw_batch_norm_options {
    size_t struct_size;
    /** With the batch's own mean and variance, else with the running ones. */
    bool training;
    /** The result is max(y, 0), made in the same pass. */
    bool relu;
    /** The share of the batch in the running statistics, 0 ... 1. */
    double momentum;
    /** Finite and 0 or more. */
    double epsilon;
    /** Added before the ReLU, in the same pass; of x's shape, or NULL. */
    const tw_tensor *residual;
} tw_batch_norm_options;

#define TW_BATCH_NORM_OPTIONS_INIT {sizeof(tw_batch_norm_options), true, false, 0.1, 1e-5, NULL}

/**
 * Batch norm (Ioffe and Szegedy, 2015) of each channel over the other axes:
 * (x - mean) / sqrt(variance + epsilon) * weight + bias.
 * In training the running statistics, if given, are moved in place towards the batch's:
 * (1 - momentum) running + momentum batch, with the variance over one less than the count.
 * @param x  [n, channels, ..]; in training with 2 or more values a channel
 * @param weight, bias  [channels], or NULL
 * @param running_mean, running_variance  [channels], both or neither; needed unless training
 * @param options  NULL: the defaults
 */
tw_tensor *tw_batch_norm(tw_scope *scope, const tw_tensor *x, const tw_tensor *weight, const tw_tensor *bias,
                         tw_tensor *running_mean, tw_tensor *running_variance, const tw_batch_norm_options *options);

/**
 * Group norm (Wu and He, 2018): over each of `groups` groups of neighbouring channels of each example,
 * (x - mean) / sqrt(variance + epsilon) * weight + bias, the variance over the count.
 * @param x  [n, channels, ..]
 * @param groups  1 or more, a divisor of the channels, else TW_ERROR_INVALID_ARGUMENT
 * @param weight, bias  [channels], or NULL
 * @param epsilon  finite and 0 or more, else TW_ERROR_INVALID_ARGUMENT
 */
tw_tensor *tw_group_norm(tw_scope *scope, const tw_tensor *x, int64_t groups, const tw_tensor *weight,
                         const tw_tensor *bias, double epsilon);

/**
 * Instance norm (Ulyanov, Vedaldi and Lempitsky, 2016) of each channel of each example over its positions. In training
 * the running statistics, if given, are moved in place towards the mean over the examples of theirs; without training
 * they are used, if given.
 * @param x  [n, channels, positions, ..]; in training with 2 or more positions
 * @param weight, bias  [channels], or NULL
 * @param running_mean, running_variance  [channels], both or neither
 * @param options  NULL: the defaults
 */
tw_tensor *tw_instance_norm(tw_scope *scope, const tw_tensor *x, const tw_tensor *weight, const tw_tensor *bias,
                            tw_tensor *running_mean, tw_tensor *running_variance,
                            const tw_batch_norm_options *options);

/**
 * Local response norm (Krizhevsky, Sutskever and Hinton, 2012): x / (k + alpha / size * sum of x^2 over `size`
 * neighbouring channels)^beta; of an even size one channel more lies before than behind.
 * @param x  [n, channels, positions, ..]
 * @param size  1 to 2^24
 * @param alpha, beta, k  finite, else TW_ERROR_INVALID_ARGUMENT
 */
tw_tensor *tw_local_response_norm(tw_scope *scope, const tw_tensor *x, int64_t size, double alpha, double beta, double k);

#ifdef __cplusplus
}
#endif

#endif
