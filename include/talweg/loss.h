/**
 * @file loss.h
 * Losses and penalties: one element each, to be minimised.
 */
#ifndef TALWEG_LOSS_H
#define TALWEG_LOSS_H

#include "module.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Losses by value, for the fit loop. */
typedef enum tw_loss {
    TW_LOSS_MSE = 0,
    TW_LOSS_CROSS_ENTROPY = 1
} tw_loss;

/** mean((prediction - target)^2); the shapes must agree exactly. */
tw_tensor *tw_mse_loss(tw_scope *scope, const tw_tensor *prediction, const tw_tensor *target);

/**
 * The mean over rows of -log softmax(logits)[label].
 * @param logits  [n, classes], floating
 * @param labels  [n], integers in 0 ... classes - 1; others are TW_ERROR_INDEX
 */
tw_tensor *tw_cross_entropy_loss(tw_scope *scope, const tw_tensor *logits, const tw_tensor *labels);

typedef struct tw_cross_entropy_options {
    size_t struct_size;
    /** Rows with this label have no loss and do not count in the mean. */
    int64_t ignore_index;
    /** 0 ... 1: this share of the target is spread evenly over all classes (Szegedy et al., 2016). */
    double label_smoothing;
} tw_cross_entropy_options;

#define TW_CROSS_ENTROPY_OPTIONS_INIT {sizeof(tw_cross_entropy_options), -100, 0.0}

/** tw_cross_entropy_loss with options (NULL: the defaults). NaN if every row is ignored. */
tw_tensor *tw_cross_entropy_loss_with(tw_scope *scope, const tw_tensor *logits, const tw_tensor *labels,
                                      const tw_cross_entropy_options *options);

/** sum |p| over the parameters named "weight" here and below (biases are left alone). */
tw_tensor *tw_l1_penalty(tw_scope *scope, const tw_module *module);

/** sum p^2 over the parameters named "weight" here and below (biases are left alone). */
tw_tensor *tw_l2_penalty(tw_scope *scope, const tw_module *module);

#ifdef __cplusplus
}
#endif

#endif
