/**
 * @file separable.h
 * Separable nonlinear least squares: y ~ sum_k c_k phi_k(alpha), linear in c, by variable projection. For each alpha
 * the best c is found by linear least squares, so that c needs no start (Golub and Pereyra, "The differentiation of
 * pseudo-inverses and nonlinear least squares problems whose variables separate", SIAM J. Numer. Anal. 10, 1973).
 */
#ifndef TALWEG_SEPARABLE_H
#define TALWEG_SEPARABLE_H

#include "nonlinear.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Writes phi(alpha), [count, function_count], row-major: each function at each point. Numbers that are not finite say
    that there is no value: the step is refused. Non-zero ends the fit with TW_ERROR_CANCELLED. */
typedef int (*tw_separable_function)(void *context, const double *alpha, double *phi);
/** Writes d phi / d alpha_j for each j, [p, count, function_count], all of them. Non-zero as above. */
typedef int (*tw_separable_derivatives)(void *context, const double *alpha, double *derivatives);

/** The functions of a separable model. */
typedef struct tw_separable {
    size_t struct_size;
    /** How many points there are, and how many functions. */
    int64_t count;
    int64_t function_count;
    tw_separable_function function;
    /** NULL: by differences of the functions, central ones unless TW_DIFFERENCES_FORWARD is asked for. */
    tw_separable_derivatives derivatives;
    void *context;
    /** With Kaufman's Jacobian (BIT 15, 1975): cheaper, and nearly as good where residuals are small. */
    bool kaufman;
} tw_separable;

#define TW_SEPARABLE_INIT {sizeof(tw_separable), 0, 0, NULL, NULL, NULL, false}

/**
 * Fits.
 * @param y        count numbers, of any shape
 * @param sigma    their standard deviations, count or 1, above 0; NULL: ones. The residuals are
 *                 (phi c - y) / sigma.
 * @param start    alpha [p], finite, within the bounds
 * @param options  NULL: TW_LEAST_SQUARES_OPTIONS_INIT; bounds, fixed and scale are of alpha [p]; the loss must be
 *                 TW_RESIDUAL_LINEAR, else TW_ERROR_UNSUPPORTED
 * @param result   of all parameters, alpha and behind it c, [p + function_count]: their Jacobian, covariance and
 *                 intervals are those of the whole problem. Its iterations, evaluations and optimality are those of
 *                 alpha.
 * @return otherwise as tw_least_squares
 */
tw_status tw_variable_projection(const tw_separable *model, const tw_tensor *y, const tw_tensor *sigma,
                                 const tw_tensor *start, const tw_least_squares_options *options,
                                 tw_least_squares_result **result) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
