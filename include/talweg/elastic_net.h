/**
 * @file elastic_net.h
 * The lasso and the elastic net: coefficients b and intercept c that minimise
 *
 *     sum_i w_i (y_i - x_i . b - c)^2 / (2 sum_i w_i)
 *         + penalty (l1_ratio |b|_1 + (1 - l1_ratio) / 2 |b|^2)
 *
 * for each of a path of penalties, by coordinate descent (Friedman, Hastie and
 * Tibshirani, J. Stat. Soft. 33, 2010) on a working set of columns that the strong
 * rule begins and the duality gap over all columns ends. A penalty is the alpha of
 * scikit-learn's ElasticNet and the lambda of glmnet. Computed in float64.
 */
#ifndef TALWEG_ELASTIC_NET_H
#define TALWEG_ELASTIC_NET_H

#include "lstsq.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What coordinate descent works on. */
typedef enum tw_elastic_net_mode {
    /** TW_ELASTIC_NET_GRAM where there are rows enough for it to pay, else _NAIVE. */
    TW_ELASTIC_NET_AUTOMATIC = 0,
    /** The matrix of all columns' products ("covariance"), made in one pass. */
    TW_ELASTIC_NET_GRAM = 1,
    /** The columns, and the products of those that are in use. */
    TW_ELASTIC_NET_NAIVE = 2
} tw_elastic_net_mode;

/** What a path tells its callback after a penalty. */
typedef struct tw_elastic_net_progress {
    size_t struct_size;
    /** Of the penalty, from 0, and how many there are. */
    int64_t index;
    int64_t count;
    double penalty;
    /** Coefficients that are not zero. */
    int64_t nonzeros;
    double gap;
} tw_elastic_net_progress;

/** Non-zero stops: the result holds the penalties that were done, with TW_STOP_CALLBACK. */
typedef int (*tw_elastic_net_callback)(void *context, const tw_elastic_net_progress *progress);

typedef struct tw_elastic_net_options {
    size_t struct_size;
    /** The share of the L1 norm, from 0 (then the penalties must be given; see
        tw_lstsq for ridge alone) to 1, the lasso. */
    double l1_ratio;
    /** penalty_count penalties, 0 or more; they are taken in descending order.
        NULL: from the least that leaves no coefficient down to penalty_ratio times
        that, evenly by their logarithms, as glmnet has them. */
    const double *penalties;
    int64_t penalty_count;
    double penalty_ratio;
    /** Fit an intercept (never penalised). */
    bool intercept;
    /** Penalise the coefficients of columns divided by their (weighted) standard
        deviations; they are told in the data's units. glmnet's default. */
    bool standardize;
    /** No coefficient may be negative. */
    bool positive;
    tw_elastic_net_mode mode;
    /** Row weights [n], 0 or more; NULL: all 1. */
    const tw_tensor *weights;
    /** Stop when the duality gap is below this share of the objective's sum of squares
        at b = 0, as scikit-learn's tol. */
    double tolerance;
    /** Sweeps over the coefficients in use, of each penalty. */
    int64_t max_iterations;
    /** Choose a penalty by leaving out this many folds in turn, 0 for none, of rows
        dealt at random by the seed; or by folds of the caller's: int [n], from 0. */
    int64_t folds;
    uint64_t seed;
    const tw_tensor *fold_of_row;
    tw_elastic_net_callback callback;
    void *context;
    /** Called once with context before tw_elastic_net returns; may be NULL. */
    void (*destroy)(void *context);
} tw_elastic_net_options;

#define TW_ELASTIC_NET_OPTIONS_INIT                                                                        \
    {sizeof(tw_elastic_net_options), 1.0, NULL, 100, 1e-3, true, false, false, TW_ELASTIC_NET_AUTOMATIC,  \
     NULL, 1e-7, 10000, 0, 0, NULL, NULL, NULL, NULL}

/** A path of fits, by descending penalties. Holds copies of all it tells. */
typedef struct tw_elastic_net_result tw_elastic_net_result;

/**
 * Fits y to X for each penalty.
 * @param X        [n, p], n >= 1, finite; a 1-d X [n] counts as one column
 * @param y        [n], finite
 * @param options  NULL: the lasso's path of 100 penalties
 * @return TW_ERROR_SHAPE if rows differ or there are none, TW_ERROR_NUMERIC for a
 *         NaN or infinity in X, y or weights, TW_ERROR_INVALID_ARGUMENT for negative
 *         weights or options out of their range
 */
tw_status tw_elastic_net(const tw_tensor *X, const tw_tensor *y, const tw_elastic_net_options *options,
                         tw_elastic_net_result **result) TW_CHECK;

/** How a ridge's penalty is chosen. */
typedef enum tw_ridge_criterion {
    /** Generalised cross-validation (Golub, Heath and Wahba, Technometrics 21, 1979). */
    TW_RIDGE_GCV = 0,
    /** Each row left out in turn, in closed form: residuals over 1 - leverage. */
    TW_RIDGE_LEAVE_ONE_OUT = 1,
    /** Folds left out in turn. */
    TW_RIDGE_FOLDS = 2
} tw_ridge_criterion;

typedef struct tw_ridge_options {
    size_t struct_size;
    /** penalty_count penalties, 0 or more; they are taken in descending order. NULL:
        from the square of X's greatest singular value down to penalty_ratio times that,
        evenly by their logarithms. */
    const double *penalties;
    int64_t penalty_count;
    double penalty_ratio;
    /** Fit an intercept (never penalised). */
    bool intercept;
    /** As in tw_elastic_net_options. */
    bool standardize;
    /** Row weights [n], 0 or more; NULL: all 1. */
    const tw_tensor *weights;
    tw_ridge_criterion criterion;
    /** As in tw_elastic_net_options, for TW_RIDGE_FOLDS. */
    int64_t folds;
    uint64_t seed;
    const tw_tensor *fold_of_row;
} tw_ridge_options;

#define TW_RIDGE_OPTIONS_INIT \
    {sizeof(tw_ridge_options), NULL, 100, 1e-8, true, false, NULL, TW_RIDGE_GCV, 5, 0, NULL}

/**
 * Ridge regression for a path of penalties from one singular value decomposition, of
 * the triangular factor of X: coefficients b and intercept c that minimise
 *
 *     sum_i w_i (y_i - x_i . b - c)^2 + penalty |b|^2
 *
 * (scikit-learn's Ridge, tw_lstsq's ridge). The result's errors are the criterion's,
 * its gaps and iterations 0, its stop reason TW_STOP_CLOSED_FORM.
 * @param options  NULL: 100 penalties, generalised cross-validation
 * @return As tw_elastic_net
 */
tw_status tw_ridge_path(const tw_tensor *X, const tw_tensor *y, const tw_ridge_options *options,
                        tw_elastic_net_result **result) TW_CHECK;

/** Frees a path. NULL is accepted. */
void tw_elastic_net_result_free(tw_elastic_net_result *result);

/* Of L penalties. */

/** [L, p] */
tw_tensor *tw_elastic_net_result_coefficients(tw_scope *scope, const tw_elastic_net_result *result);
/** [L]; zeros if none was fitted. */
tw_tensor *tw_elastic_net_result_intercepts(tw_scope *scope, const tw_elastic_net_result *result);
/** float64 [L], descending. */
tw_tensor *tw_elastic_net_result_penalties(tw_scope *scope, const tw_elastic_net_result *result);
/** float64 [L]: the objective is at most so far above its least value. */
tw_tensor *tw_elastic_net_result_gaps(tw_scope *scope, const tw_elastic_net_result *result);
/** int64 [L]: sweeps. */
tw_tensor *tw_elastic_net_result_iterations(tw_scope *scope, const tw_elastic_net_result *result);
/** float64 [L]: R^2 of the rows that were fitted; NaN where y does not vary. */
tw_tensor *tw_elastic_net_result_r_squared(tw_scope *scope, const tw_elastic_net_result *result);
/** float64 [L]: mean squared errors of rows left out, means over the folds; NaN
    without folds. */
tw_tensor *tw_elastic_net_result_errors(tw_scope *scope, const tw_elastic_net_result *result);
/** float64 [L]: their standard errors. */
tw_tensor *tw_elastic_net_result_error_standard_errors(tw_scope *scope, const tw_elastic_net_result *result);
/** How many penalties there are. */
tw_status tw_elastic_net_result_count(const tw_elastic_net_result *result, int64_t *count) TW_CHECK;
/** Which penalty has the least error of rows left out; without folds the last one. */
tw_status tw_elastic_net_result_best(const tw_elastic_net_result *result, int64_t *index) TW_CHECK;
/** The greatest penalty whose error is within one standard error of the least. */
tw_status tw_elastic_net_result_best_within_error(const tw_elastic_net_result *result, int64_t *index) TW_CHECK;
/** TW_STOP_TOLERANCE if every gap came below the tolerance, TW_STOP_ITERATIONS if one
    did not, or TW_STOP_CALLBACK. */
tw_status tw_elastic_net_result_stop_reason(const tw_elastic_net_result *result, tw_stop_reason *reason) TW_CHECK;
/** X b + c of penalty number `index` for new rows [m, p] (or [m] with one column): [m]. */
tw_tensor *tw_elastic_net_result_predict(tw_scope *scope, const tw_elastic_net_result *result, const tw_tensor *X,
                                         int64_t index);

#ifdef __cplusplus
}
#endif

#endif
