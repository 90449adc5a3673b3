/**
 * @file lstsq.h
 * Linear least squares: the coefficients b and intercept c that minimise
 *
 *     sum_i w_i (y_i - x_i . b - c)^2 + ridge |b|^2
 *
 * in closed form or by gradient descent. Computed in float64; results have the
 * dtype of X (float64 for integers).
 */
#ifndef TALWEG_LSTSQ_H
#define TALWEG_LSTSQ_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tw_lstsq_method {
    /** Householder QR with column pivoting (Golub and Van Loan, 4th ed., 5.4):
        backward stable; rank-deficient problems get the solution of least norm.
        Tall problems without a ridge whose columns are far from dependent (no
        variance inflation above 100) are solved by the normal equations and a
        correction by the data's residuals (Bjorck 1987), which is as accurate
        there and takes half of the time. */
    TW_LSTSQ_QR = 0,
    /** Cholesky of the normal equations: faster, but squares the condition
        number. Rank-deficient problems are TW_ERROR_NUMERIC. */
    TW_LSTSQ_CHOLESKY = 1,
    /** Gradient descent on the mean squared error, for what it teaches and for
        data that comes in batches. */
    TW_LSTSQ_GRADIENT_DESCENT = 2,
    /** Singular value decomposition (Golub and Van Loan, 4th ed., 5.5): the solution of
        least norm over the directions whose singular value is above rank_tolerance
        times the largest, which it tells. Slower than QR. */
    TW_LSTSQ_SVD = 3
} tw_lstsq_method;

typedef enum tw_stop_reason {
    /** A closed form: there was nothing to iterate. */
    TW_STOP_CLOSED_FORM = 0,
    /** The change of the loss fell below the tolerance. */
    TW_STOP_TOLERANCE = 1,
    /** max_iterations were made. */
    TW_STOP_ITERATIONS = 2,
    /** The callback asked to stop. */
    TW_STOP_CALLBACK = 3
} tw_stop_reason;

/** What a gradient descent tells its callback after an iteration (an epoch,
    where batches are smaller than the data). */
typedef struct tw_descent_progress {
    size_t struct_size;
    /** From 1. */
    int64_t iteration;
    int64_t max_iterations;
    /** Mean squared error over all rows (with the ridge), after the iteration. */
    double loss;
    /** float64 of this iteration, valid during the call: coefficients
        [targets][features], row-major, and intercepts [targets]. */
    const double *coefficients;
    const double *intercept;
    int64_t features;
    int64_t targets;
} tw_descent_progress;

/** Non-zero stops: the result holds what was reached, with TW_STOP_CALLBACK. */
typedef int (*tw_descent_callback)(void *context, const tw_descent_progress *progress);

typedef struct tw_lstsq_options {
    size_t struct_size;
    tw_lstsq_method method;
    /** Fit an intercept (never penalised). */
    bool intercept;
    /** The ridge penalty, 0 or more, in the units of the sum of squares. */
    double ridge;
    /** Row weights [n], 0 or more; NULL: all 1. */
    const tw_tensor *weights;
    /** Columns whose pivot, or directions whose singular value, is below this share of
        the largest count as dependent; negative: max(n, p) times the unit roundoff. QR
        and SVD only. */
    double rank_tolerance;

    /* Gradient descent only. */

    /** Rows a step: 0 all (batch), 1 stochastic, else mini-batch. */
    int64_t batch_size;
    double learning_rate;
    /** Stop when an iteration changes the loss by less than this. */
    double tolerance;
    int64_t max_iterations;
    /** Order of the rows, for batches smaller than the data. */
    uint64_t seed;
    tw_descent_callback callback;
    void *context;
    /** Called once with context before tw_lstsq returns; may be NULL. */
    void (*destroy)(void *context);

    /** What is known of y, subtracted from it first, of y's shape; NULL: nothing. All that
        the fit tells, R^2 and predictions too, is of the difference. */
    const tw_tensor *offset;
} tw_lstsq_options;

#define TW_LSTSQ_OPTIONS_INIT                                                                      \
    {sizeof(tw_lstsq_options), TW_LSTSQ_QR, true, 0.0, NULL, -1.0, 0, 0.01, 1e-9, 10000, 0, NULL, NULL, NULL, NULL}

/** A fit. Holds copies of all it tells. */
typedef struct tw_lstsq_result tw_lstsq_result;

/**
 * Fits y to X.
 * @param X        [n, p], n >= 1, finite; a 1-d X [n] counts as one column
 * @param y        [n], or [n, k] for k targets at once, finite
 * @param options  NULL: QR with an intercept
 * @return TW_ERROR_SHAPE if rows differ or there are none, TW_ERROR_NUMERIC for a
 *         NaN or infinity in X, y or weights or a matrix that Cholesky cannot
 *         factorise, TW_ERROR_DIVERGED if the descent grew without bound
 */
tw_status tw_lstsq(const tw_tensor *X, const tw_tensor *y, const tw_lstsq_options *options,
                   tw_lstsq_result **result) TW_CHECK;

/** Frees a fit. NULL is accepted. */
void tw_lstsq_result_free(tw_lstsq_result *result);

/* Of k targets: a y of [n] gives shapes without the leading k. */

/** [p] or [k, p]. */
tw_tensor *tw_lstsq_result_coefficients(tw_scope *scope, const tw_lstsq_result *result);
/** [] or [k]; zeros if none was fitted. */
tw_tensor *tw_lstsq_result_intercept(tw_scope *scope, const tw_lstsq_result *result);
/**
 * Standard errors of the coefficients, [p] or [k, p]: s sqrt(diag((X' W X)^-1)),
 * s^2 = weighted residual sum of squares / (n - rank of the whole model). With a
 * ridge, of the ridge estimate: the sandwich with the same s^2. NaN where there
 * are no degrees of freedom or the column is dependent.
 */
tw_tensor *tw_lstsq_result_standard_errors(tw_scope *scope, const tw_lstsq_result *result);
/** Standard error of the intercept, [] or [k]. */
tw_tensor *tw_lstsq_result_intercept_standard_error(tw_scope *scope, const tw_lstsq_result *result);
/** Weighted residual sums of squares, [] or [k]. */
tw_tensor *tw_lstsq_result_rss(tw_scope *scope, const tw_lstsq_result *result);
/** R^2, [] or [k]: 1 - rss / (weighted sum of squares about the mean, or about 0
    without an intercept). NaN if that is 0. */
tw_tensor *tw_lstsq_result_r_squared(tw_scope *scope, const tw_lstsq_result *result);
/** Rank of X (centred, if an intercept is fitted). */
tw_status tw_lstsq_result_rank(const tw_lstsq_result *result, int64_t *rank) TW_CHECK;
/** n - rank - (1 with an intercept). */
tw_status tw_lstsq_result_degrees_of_freedom(const tw_lstsq_result *result, int64_t *count) TW_CHECK;
/** An estimate of the 2-norm condition number of X (centred, weighted, columns
    scaled to norm 1; with the ridge): infinity if rank deficient. */
tw_status tw_lstsq_result_condition(const tw_lstsq_result *result, double *condition) TW_CHECK;
/** Singular values of X (centred, if an intercept is fitted, and weighted), descending,
    [min(n, p)]. NULL with TW_ERROR_STATE unless the fit is by TW_LSTSQ_SVD. */
tw_tensor *tw_lstsq_result_singular_values(tw_scope *scope, const tw_lstsq_result *result);
/** Why it stopped. */
tw_status tw_lstsq_result_stop_reason(const tw_lstsq_result *result, tw_stop_reason *reason) TW_CHECK;
/** How many iterations were made; 0 for a closed form. */
tw_status tw_lstsq_result_iterations(const tw_lstsq_result *result, int64_t *iterations) TW_CHECK;
/** X b + c for new rows [m, p] (or [m] with one column): [m] or [m, k]. */
tw_tensor *tw_lstsq_result_predict(tw_scope *scope, const tw_lstsq_result *result, const tw_tensor *X);

/**
 * Generalised least squares: b that minimises (y - X b)' S^-1 (y - X b), S the covariance of the rows' errors up to a
 * factor (Aitken, Proc. Royal Soc. Edinburgh 55, 1935): a fit to rows that Cholesky's factor of S has whitened. What is
 * told of rows, by the functions of inference.h, takes whitened ones: see tw_whiten.
 * @param covariance  [n, n], symmetric positive definite, of which the lower triangle is read, or [n], its diagonal
 * @param options     NULL: QR. There is no intercept: TW_ERROR_INVALID_ARGUMENT for options with one, or with weights.
 *                    A column of ones in X takes its place.
 * @return as tw_lstsq, and TW_ERROR_NUMERIC for a covariance that is not positive definite
 */
tw_status tw_gls(const tw_tensor *X, const tw_tensor *y, const tw_tensor *covariance, const tw_lstsq_options *options,
                 tw_lstsq_result **result) TW_CHECK;
/** L^-1 rows, float64, of rows [n] or [n, m], for the covariance L L' of tw_gls. */
tw_tensor *tw_whiten(tw_scope *scope, const tw_tensor *covariance, const tw_tensor *rows);

#ifdef __cplusplus
}
#endif

#endif
