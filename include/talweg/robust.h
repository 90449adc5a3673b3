/**
 * @file robust.h
 * Regression that outliers do not lead astray: M-estimates, quantile regression
 * and least absolute deviations, RANSAC, Theil and Sen's estimate. Computed in
 * float64; results have the dtype of X (float64 for integers).
 *
 * Of each: X is [n, p], n >= 1, finite (a 1-d X [n] counts as one column), y is [n],
 * finite. TW_ERROR_SHAPE if rows differ or there are none, TW_ERROR_NUMERIC for a
 * NaN or infinity in X, y or weights, TW_ERROR_INVALID_ARGUMENT for negative weights
 * and for options out of their range. Columns that depend on each other get the
 * shortest coefficients with the same fitted values (not in tw_theil_sen).
 */
#ifndef TALWEG_ROBUST_H
#define TALWEG_ROBUST_H

#include "lstsq.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a residual over the scale, u, counts, with the tuning constant c. */
typedef enum tw_robust_loss {
    /** u^2 / 2 up to c, then linear. c = 1.345. */
    TW_ROBUST_HUBER = 0,
    /** c^2 (sqrt(1 + (u / c)^2) - 1). c = 1.2871. */
    TW_ROBUST_SOFT_L1 = 1,
    /** c^2 / 2 log(1 + (u / c)^2). c = 2.3849. */
    TW_ROBUST_CAUCHY = 2,
    /** Tukey's bisquare, constant from c on. c = 4.685. */
    TW_ROBUST_TUKEY = 3,
    /** c^2 / 2 (1 - exp(-(u / c)^2)). c = 2.9846. */
    TW_ROBUST_WELSCH = 4,
    /** Andrews' wave, c^2 (1 - cos(u / c)), constant from pi c on. c = 1.339. */
    TW_ROBUST_ANDREWS = 5,
    /** Hampel's three parts, with corners at c, 2 c and 4 c. c = 2. */
    TW_ROBUST_HAMPEL = 6
} tw_robust_loss;

/** How the scale of the residuals is estimated, again in each iteration. */
typedef enum tw_robust_scale {
    /** The median magnitude over 0.6745. */
    TW_ROBUST_MAD = 0,
    /** Huber's proposal 2: what makes the sum of min(u^2, d^2) what it is expected to be
        of normal errors; d is proposal_constant. */
    TW_ROBUST_PROPOSAL_2 = 1,
    /** The options' scale, as it is. */
    TW_ROBUST_GIVEN = 2
} tw_robust_scale;

/** What an M-estimate tells its callback after an iteration. */
typedef struct tw_robust_progress {
    size_t struct_size;
    /** From 1. */
    int64_t iteration;
    int64_t max_iterations;
    double scale;
    /** float64 [features], valid during the call. */
    const double *coefficients;
    double intercept;
    int64_t features;
} tw_robust_progress;

/** Non-zero stops: the result holds what was reached, with TW_STOP_CALLBACK. */
typedef int (*tw_robust_callback)(void *context, const tw_robust_progress *progress);

typedef struct tw_robust_options {
    size_t struct_size;
    tw_robust_loss loss;
    tw_robust_scale scale_estimate;
    /** The tuning constant; 0: the loss's own, of 95 % efficiency for normal errors. */
    double tuning;
    /** Of TW_ROBUST_PROPOSAL_2. */
    double proposal_constant;
    /** Of TW_ROBUST_GIVEN, above 0. */
    double scale;
    /** Fit an intercept. */
    bool intercept;
    /** Row weights [n], 0 or more, that multiply the losses; NULL: all 1. */
    const tw_tensor *weights;
    /** Stop when no fitted value moves by more than this share of the scale. */
    double tolerance;
    int64_t max_iterations;
    tw_robust_callback callback;
    void *context;
    /** Called once with context before tw_robust returns; may be NULL. */
    void (*destroy)(void *context);
} tw_robust_options;

#define TW_ROBUST_OPTIONS_INIT                                                                             \
    {sizeof(tw_robust_options), TW_ROBUST_HUBER, TW_ROBUST_MAD, 0.0, 2.5, 1.0, true, NULL, 1e-9, 200, NULL, NULL, NULL}

typedef struct tw_quantile_options {
    size_t struct_size;
    /** Above 0 and below 1; 0.5: least absolute deviations. */
    double quantile;
    bool intercept;
    /** Row weights [n], 0 or more; NULL: all 1. */
    const tw_tensor *weights;
    /** Stop when the duality gap is below this share of the sum of magnitudes of the
        least-squares residuals. */
    double tolerance;
    int64_t max_iterations;
} tw_quantile_options;

#define TW_QUANTILE_OPTIONS_INIT {sizeof(tw_quantile_options), 0.5, true, NULL, 1e-10, 100}

typedef struct tw_ransac_options {
    size_t struct_size;
    /** Rows drawn for each trial; 0: as many as there are unknowns. */
    int64_t sample_size;
    /** Rows with residuals up to this are inliers; negative: the median absolute
        deviation of y from its median. */
    double threshold;
    int64_t max_trials;
    /** Stop when by the best share of inliers so far a draw of inliers alone was made
        with this probability. */
    double confidence;
    uint64_t seed;
    bool intercept;
    /** Row weights [n] of the last fit, 0 or more; NULL: all 1. */
    const tw_tensor *weights;
} tw_ransac_options;

#define TW_RANSAC_OPTIONS_INIT {sizeof(tw_ransac_options), 0, -1.0, 1000, 0.999, 0, true, NULL}

typedef struct tw_theil_sen_options {
    size_t struct_size;
    bool intercept;
    /** Where there are more subsets of rows than this, so many are drawn by the seed. */
    int64_t max_subsets;
    uint64_t seed;
} tw_theil_sen_options;

#define TW_THEIL_SEN_OPTIONS_INIT {sizeof(tw_theil_sen_options), true, 10000, 0}

typedef struct tw_huber_options {
    size_t struct_size;
    /** Residuals up to this many scales count by their squares, above by their magnitudes; 1 or more. */
    double epsilon;
    /** Times |b|^2, 0 or more. */
    double penalty;
    bool intercept;
    /** Row weights [n], 0 or more; NULL: all 1. */
    const tw_tensor *weights;
    /** Stop when a step promises less than this share of the objective. */
    double tolerance;
    int64_t max_iterations;
} tw_huber_options;

#define TW_HUBER_OPTIONS_INIT {sizeof(tw_huber_options), 1.35, 0.0, true, NULL, 1e-13, 100}

/** A fit. Holds copies of all it tells. */
typedef struct tw_robust_result tw_robust_result;

/**
 * The M-estimate: b, c that minimise sum_i w_i rho((y_i - x_i . b - c) / scale), by
 * iteratively reweighted least squares (Holland and Welsch, Comm. Stat. A6, 1977).
 * It starts from least squares; losses that redescend, with several minima, from
 * Huber's estimate. Where more than half of the rows lie on a plane, the scale is 0
 * and the plane is the fit.
 * @param options  NULL: Huber's loss, MAD, with an intercept
 * @return TW_ERROR_NUMERIC, too, if no row has a weight any more
 */
tw_status tw_robust(const tw_tensor *X, const tw_tensor *y, const tw_robust_options *options,
                    tw_robust_result **result) TW_CHECK;

/**
 * Huber's estimate of coefficients and scale at once (Robust Statistics, 1981, 7.7; with the
 * penalty of Owen, Contemporary Mathematics 443, 2007): b, c and s that minimise
 *
 *     sum_i w_i (s + s h(r_i / s)) + penalty |b|^2,
 *     h(z) = z^2 for |z| <= epsilon, else 2 epsilon |z| - epsilon^2,
 *
 * r_i = y_i - x_i . b - c, which is convex, by Newton's method; scikit-learn's HuberRegressor.
 * Where rows lie on a plane, the scale ends at 10 units in the last place of 1. Tells no
 * standard errors; the objective is the sum.
 * @param options  NULL: epsilon 1.35, no penalty
 */
tw_status tw_huber(const tw_tensor *X, const tw_tensor *y, const tw_huber_options *options,
                   tw_robust_result **result) TW_CHECK;

/**
 * Quantile regression (Koenker and Bassett, Econometrica 46, 1978): b, c that minimise
 * sum_i w_i r_i (quantile - [r_i < 0]), r_i = y_i - x_i . b - c, by the interior-point
 * method of Portnoy and Koenker (Statistical Science 12, 1997), and then by the plane
 * through the nearest rows where that is a solution. Tells no standard errors.
 * @param options  NULL: least absolute deviations with an intercept
 */
tw_status tw_quantile_regression(const tw_tensor *X, const tw_tensor *y, const tw_quantile_options *options,
                                 tw_robust_result **result) TW_CHECK;

/**
 * Random sample consensus (Fischler and Bolles, Comm. ACM 24, 1981): the fit to few
 * rows with the most inliers, and then to these, again while that makes more. Tells
 * no standard errors.
 * @param options  NULL: samples of as many rows as unknowns
 * @return TW_ERROR_NUMERIC, too, if no trial had more inliers than rows drawn
 */
tw_status tw_ransac(const tw_tensor *X, const tw_tensor *y, const tw_ransac_options *options,
                    tw_robust_result **result) TW_CHECK;

/**
 * Theil and Sen's estimate: of one column with an intercept the median slope of pairs
 * of rows and the median of y - b x (Sen, J. Am. Stat. Assoc. 63, 1968), else the
 * spatial median of the exact fits to subsets of as many rows as unknowns. Tells no
 * standard errors.
 * @param options  NULL: up to 10,000 subsets
 * @return TW_ERROR_NUMERIC, too, if the columns depend on each other in every subset
 */
tw_status tw_theil_sen(const tw_tensor *X, const tw_tensor *y, const tw_theil_sen_options *options,
                       tw_robust_result **result) TW_CHECK;

/** Frees a fit. NULL is accepted. */
void tw_robust_result_free(tw_robust_result *result);

/** [p] */
tw_tensor *tw_robust_result_coefficients(tw_scope *scope, const tw_robust_result *result);
/** []; zero if none was fitted. */
tw_tensor *tw_robust_result_intercept(tw_scope *scope, const tw_robust_result *result);
/** [p]: of an M-estimate, by Huber's first formula (Robust Statistics, 1981, 7.6);
    else NaN, as of columns that depend on others. */
tw_tensor *tw_robust_result_standard_errors(tw_scope *scope, const tw_robust_result *result);
/** [] */
tw_tensor *tw_robust_result_intercept_standard_error(tw_scope *scope, const tw_robust_result *result);
/** [n]: what each row counted in the last weighted problem, from 0 to 1; of RANSAC 1
    for inliers; of a quantile regression 1 where the plane goes through the row; of
    Theil and Sen's estimate NaN. */
tw_tensor *tw_robust_result_weights(tw_scope *scope, const tw_robust_result *result);
/** Of an M-estimate and Theil and Sen's, of the residuals; of a quantile regression the
    mean loss; of RANSAC the threshold. */
tw_status tw_robust_result_scale(const tw_robust_result *result, double *scale) TW_CHECK;
/** The sum that was minimised, of an M-estimate times the scale's square; of RANSAC the
    squares of the inliers; of Theil and Sen's estimate NaN. */
tw_status tw_robust_result_objective(const tw_robust_result *result, double *objective) TW_CHECK;
/** Rank of X (centred, if an intercept is fitted), as the last weighted problem had it. */
tw_status tw_robust_result_rank(const tw_robust_result *result, int64_t *rank) TW_CHECK;
/** Why it stopped. */
tw_status tw_robust_result_stop_reason(const tw_robust_result *result, tw_stop_reason *reason) TW_CHECK;
/** How many iterations or trials were made. */
tw_status tw_robust_result_iterations(const tw_robust_result *result, int64_t *iterations) TW_CHECK;
/** X b + c for new rows [m, p] (or [m] with one column): [m]. */
tw_tensor *tw_robust_result_predict(tw_scope *scope, const tw_robust_result *result, const tw_tensor *X);

#ifdef __cplusplus
}
#endif

#endif
