/**
 * @file constrained.h
 * Linear least squares under constraints: the coefficients b and intercept c that minimise
 *
 *     sum_i w_i (y_i - x_i . b - c)^2 + ridge |b|^2
 *
 * with lower <= b <= upper, C b = d and G b <= h. Computed in float64; results have the
 * dtype of X (float64 for integers).
 *
 * X is made small by a QR factorisation. Then bounds alone (non-negative least squares
 * among them) are met by the active-set method of Lawson and Hanson (Solving Least
 * Squares Problems, 1974, chapter 23) and Stark and Parker (Computational Statistics 10,
 * 1995), with a QR factorisation that is updated; equalities alone by the null-space method
 * (Bjorck, Numerical Methods for Least Squares Problems, 1996, 5.1.3); anything else by an
 * active set with the null-space method (Nocedal and Wright, Numerical Optimization, 2nd
 * ed., 16.5), in which inequalities have slacks. No normal equations are formed.
 */
#ifndef TALWEG_CONSTRAINED_H
#define TALWEG_CONSTRAINED_H

#include "lstsq.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tw_constrained_options {
    size_t struct_size;
    /** Fit an intercept, which is neither penalised nor constrained. */
    bool intercept;
    /** The ridge penalty, 0 or more, in the units of the sum of squares. */
    double ridge;
    /** Row weights [n], 0 or more; NULL: all 1. */
    const tw_tensor *weights;
    /** What is known of y, subtracted from it first, of y's shape; NULL: nothing. */
    const tw_tensor *offset;
    /** Bounds of the coefficients, [p], or [] for all of them; infinite where there is
        none; NULL: none. Equal ones fix a coefficient. */
    const tw_tensor *lower;
    const tw_tensor *upper;
    /** C [q, p] and d [q]; both NULL: no equalities. */
    const tw_tensor *equality_matrix;
    const tw_tensor *equality_values;
    /** G [r, p] and h [r]; both NULL: no inequalities. */
    const tw_tensor *inequality_matrix;
    const tw_tensor *inequality_values;
    /** A derivative counts as 0 below this share of its column's norm times y's; negative:
        10 max(n, p) times the unit roundoff. */
    double tolerance;
    /** Systems to solve for a target; 0: 10 (p + r) + 100. */
    int64_t max_iterations;
} tw_constrained_options;

#define TW_CONSTRAINED_OPTIONS_INIT \
    {sizeof(tw_constrained_options), true, 0.0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -1.0, 0}

/** A fit. Holds copies of all it tells. */
typedef struct tw_constrained_result tw_constrained_result;

/**
 * Fits y to X under constraints. Where several coefficients do equally well, because columns
 * depend on each other, it is one of them; without bounds and inequalities the shortest.
 * @param X        [n, p], n >= 1, finite; a 1-d X [n] counts as one column
 * @param y        [n], or [n, k] for k targets at once, finite
 * @param options  NULL: none of the constraints, with an intercept
 * @return TW_ERROR_SHAPE for shapes that do not fit, TW_ERROR_INVALID_ARGUMENT for a lower
 *         bound above the upper one and for negative weights, TW_ERROR_NUMERIC for a NaN or
 *         infinity (but infinite bounds), and where no coefficients meet the constraints: to
 *         nine digits
 */
tw_status tw_constrained_lstsq(const tw_tensor *X, const tw_tensor *y, const tw_constrained_options *options,
                               tw_constrained_result **result) TW_CHECK;

/** Frees a fit. NULL is accepted. */
void tw_constrained_result_free(tw_constrained_result *result);

/* Of k targets: a y of [n] gives shapes without the leading k. With f half of what is
   minimised, g its derivatives by b, m the multipliers of the bounds, l of the equalities
   and u of the inequalities, an optimum has g + C' l + G' u = m. */

/** [p] or [k, p]. */
tw_tensor *tw_constrained_result_coefficients(tw_scope *scope, const tw_constrained_result *result);
/** [] or [k]; zeros if none was fitted. */
tw_tensor *tw_constrained_result_intercept(tw_scope *scope, const tw_constrained_result *result);
/** int64 [p] or [k, p]: -1 at the lower bound, 1 at the upper, else 0. */
tw_tensor *tw_constrained_result_active(tw_scope *scope, const tw_constrained_result *result);
/** [p] or [k, p]: m, 0 or more at a lower bound, 0 or less at an upper one, else 0. */
tw_tensor *tw_constrained_result_bound_multipliers(tw_scope *scope, const tw_constrained_result *result);
/** [q] or [k, q]: l; 0 of equalities that others imply. */
tw_tensor *tw_constrained_result_equality_multipliers(tw_scope *scope, const tw_constrained_result *result);
/** [r] or [k, r]: u, 0 or more, and 0 of inequalities that are not met with equality. */
tw_tensor *tw_constrained_result_inequality_multipliers(tw_scope *scope, const tw_constrained_result *result);
/** Weighted residual sums of squares, [] or [k]. */
tw_tensor *tw_constrained_result_rss(tw_scope *scope, const tw_constrained_result *result);
/** The largest |g + C' l + G' u - m| and multiplier of the wrong sign, [] or [k]. */
tw_tensor *tw_constrained_result_optimality(tw_scope *scope, const tw_constrained_result *result);
/** TW_STOP_CLOSED_FORM where no bound stood in the way, TW_STOP_TOLERANCE at an optimum of
    the iteration, TW_STOP_ITERATIONS after max_iterations: within the constraints, too. Of
    several targets the last of these that one had. */
tw_status tw_constrained_result_stop_reason(const tw_constrained_result *result, tw_stop_reason *reason) TW_CHECK;
/** Systems that were solved, of the target that took the most. */
tw_status tw_constrained_result_iterations(const tw_constrained_result *result, int64_t *iterations) TW_CHECK;
/** X b + c for new rows [m, p] (or [m] with one column): [m] or [m, k]. */
tw_tensor *tw_constrained_result_predict(tw_scope *scope, const tw_constrained_result *result, const tw_tensor *X);

#ifdef __cplusplus
}
#endif

#endif
