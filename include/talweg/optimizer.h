/**
 * @file optimizer.h
 * Optimizers: they hold parameters and change them by their gradients.
 */
#ifndef TALWEG_OPTIMIZER_H
#define TALWEG_OPTIMIZER_H

#include "module.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tw_optimizer tw_optimizer;

typedef struct tw_sgd_options {
    size_t struct_size;
    double learning_rate;
    /** 0 <= momentum < 1 (Polyak, 1964): v = momentum v + g, p -= lr v. */
    double momentum;
    /** Look ahead (Nesterov, 1983; as in Sutskever et al., 2013): p -= lr (g + momentum v). Needs momentum. */
    bool nesterov;
    /** Adds weight_decay p to the gradient. */
    double weight_decay;
    /** Gradients whose norm, all together, is above this are scaled down to it in the step (Pascanu, Mikolov and
        Bengio, 2013); 0: never. A step with a norm that is not finite is TW_ERROR_NUMERIC and changes nothing. */
    double max_norm;
} tw_sgd_options;

#define TW_SGD_OPTIONS_INIT {sizeof(tw_sgd_options), 0.01, 0.0, false, 0.0, 0.0}

typedef struct tw_rmsprop_options {
    size_t struct_size;
    double learning_rate;
    /** Smoothing of the squared gradients. */
    double alpha;
    double epsilon;
    double momentum;
    /** Adds weight_decay p to the gradient. */
    double weight_decay;
    /** See tw_sgd_options. */
    double max_norm;
} tw_rmsprop_options;

#define TW_RMSPROP_OPTIONS_INIT {sizeof(tw_rmsprop_options), 0.01, 0.99, 1e-8, 0.0, 0.0, 0.0}

/** Of Adam and AdamW. */
typedef struct tw_adam_options {
    size_t struct_size;
    double learning_rate;
    double beta1;
    double beta2;
    double epsilon;
    /** Adam: adds weight_decay p to the gradient. AdamW: p -= lr weight_decay p, apart from it. */
    double weight_decay;
    /** See tw_sgd_options. */
    double max_norm;
} tw_adam_options;

#define TW_ADAM_OPTIONS_INIT {sizeof(tw_adam_options), 1e-3, 0.9, 0.999, 1e-8, 0.0, 0.0}
#define TW_ADAMW_OPTIONS_INIT {sizeof(tw_adam_options), 1e-3, 0.9, 0.999, 1e-8, 1e-2, 0.0}

/* Each starts without parameters: give it some with tw_optimizer_add. NULL
   options are the defaults. Rates, decays and smoothings outside their ranges
   or not finite are TW_ERROR_INVALID_ARGUMENT. */

/** Stochastic gradient descent. */
tw_status tw_sgd_new(const tw_sgd_options *options, tw_optimizer **optimizer) TW_CHECK;
/** RMSProp (Tieleman and Hinton, 2012), epsilon outside the root. */
tw_status tw_rmsprop_new(const tw_rmsprop_options *options, tw_optimizer **optimizer) TW_CHECK;
/** Adam (Kingma and Ba, 2015). */
tw_status tw_adam_new(const tw_adam_options *options, tw_optimizer **optimizer) TW_CHECK;
/** AdamW (Loshchilov and Hutter, 2019). NULL options: weight_decay 0.01. */
tw_status tw_adamw_new(const tw_adam_options *options, tw_optimizer **optimizer) TW_CHECK;

/** Frees an optimizer. NULL is accepted. */
void tw_optimizer_free(tw_optimizer *optimizer);

/** Adds a leaf that requires a gradient. One that is there already is left alone. */
tw_status tw_optimizer_add(tw_optimizer *optimizer, tw_tensor *parameter) TW_CHECK;
/** Adds all parameters of a module, here and below, that require a gradient:
    frozen ones are left out. */
tw_status tw_optimizer_add_module(tw_optimizer *optimizer, const tw_module *module) TW_CHECK;

/** Clears the gradients of its parameters. */
tw_status tw_optimizer_zero_grad(tw_optimizer *optimizer) TW_CHECK;
/** Changes each parameter that has a gradient. */
tw_status tw_optimizer_step(tw_optimizer *optimizer) TW_CHECK;

/**
 * Scales the gradients of `count` leaves, in place, so that their norm all together is at most `max_norm`, which
 * is above 0. Leaves without a gradient are passed over.
 * @param norm  the norm that it was; may be NULL
 * @return TW_ERROR_NUMERIC, with the gradients unchanged, if the norm is not finite
 */
tw_status tw_clip_grad_norm(tw_tensor *const *parameters, int64_t count, double max_norm, double *norm) TW_CHECK;

tw_status tw_optimizer_learning_rate(const tw_optimizer *optimizer, double *learning_rate) TW_CHECK;
tw_status tw_optimizer_set_learning_rate(tw_optimizer *optimizer, double learning_rate) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
