/**
 * @file layers.h
 * Layers that are simple: activations, dropout of more than elements, containers,
 * the bilinear map. Functions of tensors first, then the modules.
 */
#ifndef TALWEG_LAYERS_H
#define TALWEG_LAYERS_H

#include "module.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Activations ---------------------------------------------------------- */

/** The parameters of activations; each heeds its own. */
typedef struct tw_activation_options {
    size_t struct_size;
    /** Of TW_ACTIVATION_LEAKY_RELU. */
    double slope;
    /** Of TW_ACTIVATION_ELU and, above 0, TW_ACTIVATION_CELU. */
    double alpha;
    /** Of TW_ACTIVATION_SOFTPLUS, above 0. */
    double beta;
    /** Of TW_ACTIVATION_SOFTPLUS, where beta x above it gives x itself, and of TW_ACTIVATION_THRESHOLD. */
    double threshold;
    /** Of TW_ACTIVATION_THRESHOLD: what x up to the threshold becomes. */
    double value;
    /** Of TW_ACTIVATION_HARDTANH, low < high. */
    double low;
    double high;
    /** Of TW_ACTIVATION_SOFTSHRINK and TW_ACTIVATION_HARDSHRINK, 0 or more. */
    double lambda;
    /** Of those along an axis; counts from the end if negative. */
    int64_t axis;
} tw_activation_options;

#define TW_ACTIVATION_OPTIONS_INIT \
    {sizeof(tw_activation_options), 0.01, 1.0, 1.0, 20.0, 0.0, -1.0, 1.0, 0.5, -1}

/** The activation of x. TW_ERROR_INVALID_ARGUMENT for what is no tw_activation, or parameters that it is not
    defined for; TW_ERROR_SHAPE for halves of an axis of odd size. */
tw_tensor *tw_activate(tw_scope *scope, const tw_tensor *x, tw_activation activation,
                       const tw_activation_options *options);
/** An activation as a module, without parameters; x -> tw_activate(x). */
tw_status tw_activation_new(tw_activation activation, const tw_activation_options *options,
                            tw_module **module) TW_CHECK;

/** x where it is positive, else times a slope (He et al., 2015). weight [slopes]: one for all, or one for each
    position of axis 1 (the channels). */
tw_tensor *tw_prelu(tw_scope *scope, const tw_tensor *x, const tw_tensor *weight);
/** tw_prelu with a parameter "weight" [slopes], each `initial` (0.25 in the paper) at first. `slopes` is 1 or more. */
tw_status tw_prelu_new(int64_t slopes, double initial, tw_dtype dtype, tw_module **module) TW_CHECK;

/* ---- Dropout ---------------------------------------------------------------
   Probabilities are 0 <= p < 1. NULL generator: the process's. The modules pass
   through in evaluation mode; their streams of random numbers are those of `seed`. */

/** Whole channels of x [batch, channels, ..], or of [channels, length], 0 with probability p, else divided by 1 - p
    (Tompson et al., 2015). */
tw_tensor *tw_channel_dropout(tw_scope *scope, tw_generator *generator, const tw_tensor *x, double p);
tw_status tw_channel_dropout_new(double p, uint64_t seed, tw_module **module) TW_CHECK;

/** Elements, or whole channels, SELU's negative limit with probability p; then scaled and shifted so that mean 0 and
    variance 1 stay (Klambauer et al., "Self-normalizing neural networks", 2017). */
tw_tensor *tw_alpha_dropout(tw_scope *scope, tw_generator *generator, const tw_tensor *x, double p, bool by_channel);
tw_status tw_alpha_dropout_new(double p, bool by_channel, uint64_t seed, tw_module **module) TW_CHECK;

/** What one decision of a stochastic depth holds for. */
typedef enum tw_stochastic_depth_mode {
    /** each position of axis 0, an example */
    TW_STOCHASTIC_DEPTH_ROW = 0,
    /** the whole batch */
    TW_STOCHASTIC_DEPTH_BATCH = 1
} tw_stochastic_depth_mode;

/** All of an example, or of the batch, 0 with probability p, else divided by 1 - p: at the end of a residual branch
    (Huang et al., "Deep networks with stochastic depth", 2016). */
tw_tensor *tw_stochastic_depth(tw_scope *scope, tw_generator *generator, const tw_tensor *x, double p,
                               tw_stochastic_depth_mode mode);
tw_status tw_stochastic_depth_new(double p, tw_stochastic_depth_mode mode, uint64_t seed, tw_module **module) TW_CHECK;

/* ---- Containers -------------------------------------------------------------- */

/** x itself. */
tw_status tw_identity_new(tw_module **module) TW_CHECK;
/** Joins axes `start` to `end` (1 and -1: all but the batch) to one, in row-major order. Axes are checked against
    each input. */
tw_status tw_flatten_new(int64_t start, int64_t end, tw_module **module) TW_CHECK;
/** Splits an axis into `count` of those sizes, of which one may be -1 and is found. */
tw_status tw_unflatten_new(int64_t axis, const int64_t *sizes, int64_t count, tw_module **module) TW_CHECK;
/** x + body(x), or projection(x) + body(x) if there is one (may be NULL), for a body that changes the shape: children
    "body" and "projection" (He et al., "Deep residual learning", 2016). */
tw_status tw_residual_new(tw_module *body, tw_module *projection, tw_module **module) TW_CHECK;

/** What outputs of modules on one input become. */
typedef enum tw_parallel_combination {
    TW_PARALLEL_SUM = 0,
    TW_PARALLEL_MEAN = 1,
    /** joined along an axis */
    TW_PARALLEL_CONCATENATE = 2,
    /** none: tw_module_call gives an output for each */
    TW_PARALLEL_SEPARATE = 3
} tw_parallel_combination;

/** Modules (at least one) on the same input: children "0", "1", ... `axis` is of TW_PARALLEL_CONCATENATE. */
tw_status tw_parallel_new(tw_module *const *modules, int64_t count, tw_parallel_combination combination, int64_t axis,
                          tw_module **module) TW_CHECK;

/* ---- The bilinear map ------------------------------------------------------------ */

/** y_k = a W_k b + c_k of a [.., first], b [.., second], weight W [outputs, first, second] and bias c [outputs] (may
    be NULL): [.., outputs]. */
tw_tensor *tw_bilinear(tw_scope *scope, const tw_tensor *a, const tw_tensor *b, const tw_tensor *weight,
                       const tw_tensor *bias);
/** tw_bilinear as a module of two inputs (tw_module_call); parameters "weight" and "bias". Its fan in is `first`. */
tw_status tw_bilinear_new(int64_t first, int64_t second, int64_t outputs, const tw_linear_options *options,
                          tw_module **module) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
