/**
 * @file levenberg_marquardt.h
 * Levenberg-Marquardt on a network's residuals: least squares where the parameters are a module's.
 *
 *     tw_levenberg_marquardt_fit(model, x, y, NULL, NULL)
 *
 * minimises 1/2 sum_i C^2 rho(w_i (output_i - target_i)^2 / C^2) by the solver of nonlinear.h, for networks of up to
 * some thousand parameters: far fewer passes over the data than descents by gradients, each dearer.
 */
#ifndef TALWEG_LEVENBERG_MARQUARDT_H
#define TALWEG_LEVENBERG_MARQUARDT_H

#include "module.h"
#include "nonlinear.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tw_levenberg_marquardt_options {
    size_t struct_size;
    /** Steps that are taken; 0: no limit but the others. */
    int64_t max_iterations;
    /** Of the module; 0: 400 (p + 1). */
    int64_t max_evaluations;
    /** 0: no limit. */
    double max_seconds;
    /** How much each residual's square counts, 0 or more: [n] or of the targets' shape; NULL: ones. */
    const tw_tensor *weights;
    /** As those of tw_least_squares_options, from here on. */
    tw_trust_region_method method;
    bool geodesic;
    tw_residual_loss loss;
    double loss_scale;
    double cost_tolerance;
    double step_tolerance;
    double gradient_tolerance;
    bool polish;
    /** The trust region's first radius, in units of the start's length in its scales: 1, or the radius that an earlier
        fit's result tells, to go on from it. */
    double first_radius;
    tw_least_squares_callback callback;
    void *context;
} tw_levenberg_marquardt_options;

#define TW_LEVENBERG_MARQUARDT_OPTIONS_INIT                                                                  \
    {sizeof(tw_levenberg_marquardt_options), 100, 0, 0.0, NULL, TW_LEVENBERG_MARQUARDT, false,               \
     TW_RESIDUAL_LINEAR, 1.0, 1e-12, 1e-14, 0.0, true, 1.0, NULL, NULL}

/** What a fit came to. */
typedef struct tw_levenberg_marquardt_result {
    size_t struct_size;
    /** TW_LEAST_SQUARES_ITERATIONS at the limit of steps. */
    tw_least_squares_stop stop;
    /** Half the sum of the weighted residuals' squares, or of losses. */
    double cost;
    /** The largest cosine between the residuals and a column of the Jacobian. */
    double optimality;
    int64_t iterations;
    /** Of the module, and of the Jacobian. */
    int64_t evaluations;
    int64_t jacobian_evaluations;
    /** How many parameters move the outputs independently. */
    int64_t rank;
    /** The number of residuals less that of parameters. */
    int64_t degrees_of_freedom;
    /** The trust region's radius at the end, in the units of first_radius. */
    double radius;
} tw_levenberg_marquardt_result;

#define TW_LEVENBERG_MARQUARDT_RESULT_INIT                                                                   \
    {sizeof(tw_levenberg_marquardt_result), TW_LEAST_SQUARES_GRADIENT, 0.0, 0.0, 0, 0, 0, 0, 0, 0.0}

/**
 * Fits, in place, the parameters that require a gradient. The module runs in evaluation mode, on all rows at once; its
 * mode is put back. The Jacobian comes from the tape, or, of a Sequential of Linear layers and functions of single
 * elements, of one walk back for each output of a row. float64 modules are fitted to full precision. The callback's
 * parameters are the module's, one after the other.
 * @param inputs   [n, ..]
 * @param targets  of the output's shape
 * @param options  NULL: TW_LEVENBERG_MARQUARDT_OPTIONS_INIT
 * @param result   may be NULL; fills what fits into struct_size
 * @return TW_ERROR_SHAPE for targets or weights that do not fit; TW_ERROR_STATE if no parameter requires a gradient;
 *         TW_ERROR_NUMERIC for residuals or a Jacobian that are not finite; what the module's forward pass fails with.
 *         After a failure the parameters are what they were. A fit that reaches a limit is TW_OK.
 */
tw_status tw_levenberg_marquardt_fit(tw_module *module, const tw_tensor *inputs, const tw_tensor *targets,
                                     const tw_levenberg_marquardt_options *options,
                                     tw_levenberg_marquardt_result *result) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
