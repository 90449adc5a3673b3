/**
 * @file initializer.h
 * How parameters start: tw_initializer (module.h) on tensors that there are.
 */
#ifndef TALWEG_INITIALIZER_H
#define TALWEG_INITIALIZER_H

#include "module.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The parameters of initialisers; each heeds its own. */
typedef struct tw_initializer_options {
    size_t struct_size;
    /** The factor of He's, Xavier's and LeCun's standard deviations, and of orthogonal and identity matrices; 0 is the
        initialiser's own: sqrt(2) for He's, 1 for others. See tw_initializer_gain. */
    double gain;
    /** Which fan He's and LeCun's take. */
    tw_fan fan;
    /** Of TW_INIT_TRUNCATED_NORMAL. */
    double mean;
    /** The standard deviation of that and of TW_INIT_NORMAL, half the width of TW_INIT_UNIFORM, the value of
        TW_INIT_CONSTANT. */
    double scale;
    /** The bounds of TW_INIT_TRUNCATED_NORMAL. */
    double low;
    double high;
    /** Of TW_INIT_DIRAC: groups of the outputs. */
    int64_t groups;
    /** Where the numbers come from; NULL: the process's generator. */
    tw_generator *generator;
} tw_initializer_options;

#define TW_INITIALIZER_OPTIONS_INIT {sizeof(tw_initializer_options), 0.0, TW_FAN_IN, 0.0, 1.0, -2.0, 2.0, 1, NULL}

/**
 * Overwrites a tensor's elements, in place and without a gradient; a parameter stays one. Of a shape
 * [outputs, inputs, ..] the fans are the sizes of these axes, each times those behind.
 * @return TW_ERROR_SHAPE for a rank that the initialiser is not defined for, TW_ERROR_DTYPE for a tensor that is not
 *         floating; it is then unchanged.
 */
tw_status tw_initialize(tw_tensor *tensor, tw_initializer initializer, const tw_initializer_options *options) TW_CHECK;

/** The gain of a weight before a nonlinearity that keeps the variance: 1 for TW_ACTIVATION_IDENTITY and _SIGMOID,
    5/3 for _TANH, sqrt(2) for _RELU, sqrt(2 / (1 + slope^2)) for _LEAKY_RELU, 3/4 for _SELU;
    TW_ERROR_INVALID_ARGUMENT for others. */
tw_status tw_initializer_gain(tw_activation activation, double slope, double *gain) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
