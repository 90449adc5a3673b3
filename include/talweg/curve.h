/**
 * @file curve.h
 * Named curves y = f(x; b) fitted to points: with derivatives and starting values
 * of their own.
 */
#ifndef TALWEG_CURVE_H
#define TALWEG_CURVE_H

#include "inference.h"
#include "nonlinear.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tw_curve_family {
    /** b0 + b1 x + ... + b_n x^n, n the order; a line: order 1 */
    TW_CURVE_POLYNOMIAL = 0,
    /** b0 exp(b1 x) + b2 */
    TW_CURVE_EXPONENTIAL = 1,
    /** b0 x^b1, x > 0 */
    TW_CURVE_POWER = 2,
    /** b0 / (1 + exp(-b1 (x - b2))) */
    TW_CURVE_LOGISTIC = 3,
    /** b0 exp(-(x - b1)^2 / (2 b2^2)) */
    TW_CURVE_GAUSSIAN = 4,
    /** b0 / (1 + ((x - b1) / b2)^2) */
    TW_CURVE_LORENTZIAN = 5,
    /** b0 + sum over k = 1 ... n, the order, of b_(2k-1) cos(k w x) + b_(2k) sin(k w x);
        w is the last parameter */
    TW_CURVE_FOURIER = 6,
    /** b0 x / (b1 + x) */
    TW_CURVE_MICHAELIS_MENTEN = 7,
    /** b0 exp(-b1 x) sin(b2 x + b3) */
    TW_CURVE_DAMPED_SINE = 8
} tw_curve_family;

/** How many parameters a curve has.
    @return TW_ERROR_INVALID_ARGUMENT for an order outside 1...32 or no family */
tw_status tw_curve_parameter_count(tw_curve_family family, int64_t order, int64_t *count) TW_CHECK;

/**
 * Fits a curve.
 * @param order    of polynomials and Fourier sums, 1 to 32; else 1
 * @param x, y     m finite numbers each, of any shape
 * @param sigma    standard deviations of y, m or 1, above 0; NULL: ones. The residuals are
 *                 (f(x) - y) / sigma.
 * @param start    b [p]; NULL: found from the data
 * @param options  NULL: TW_LEAST_SQUARES_OPTIONS_INIT
 * @return as tw_least_squares
 */
tw_status tw_curve_fit(tw_curve_family family, int64_t order, const tw_tensor *x, const tw_tensor *y,
                       const tw_tensor *sigma, const tw_tensor *start, const tw_least_squares_options *options,
                       tw_least_squares_result **result) TW_CHECK;

/** f(x; b), float64 of x's shape. */
tw_tensor *tw_curve_evaluate(tw_scope *scope, tw_curve_family family, int64_t order, const tw_tensor *parameters,
                             const tw_tensor *x);
/** df/db, float64 [m, p], of x's m numbers. */
tw_tensor *tw_curve_gradient(tw_scope *scope, tw_curve_family family, int64_t order, const tw_tensor *parameters,
                             const tw_tensor *x);
/**
 * A band about a fitted curve, lower and upper, float64 [m, 2] at x's m numbers, each interval by itself with
 * probability `level` (not all at once): tw_least_squares_result_bands of the curve.
 * @param kind   TW_INTERVAL_CONFIDENCE: of the curve; TW_INTERVAL_PREDICTION: of a new y
 * @param sigma  of the new y, m or 1, for TW_INTERVAL_PREDICTION; NULL: 1, as in a fit without sigma
 */
tw_tensor *tw_curve_band(tw_scope *scope, tw_curve_family family, int64_t order, const tw_least_squares_result *result,
                         const tw_tensor *x, tw_interval_kind kind, const tw_tensor *sigma, double level,
                         bool absolute);

#ifdef __cplusplus
}
#endif

#endif
