/**
 * @file glm.h
 * Generalised linear models: coefficients b and intercept c for which
 *
 *     g(mu_i) = x_i . b + c + offset_i
 *
 * maximises the log-likelihood sum_i w_i log p(y_i | mu_i) - ridge / 2 |b|^2
 * - l1 |b|_1, by Fisher scoring, which is iteratively reweighted least squares
 * (McCullagh and Nelder, Generalized Linear Models, 2nd ed., 1989, 2.5). Each
 * weighted problem is solved by QR, or, of many rows, by the Cholesky factor of the
 * information matrix of centred columns, or, with an L1 norm, by coordinate descent on
 * a working set of columns (Friedman, Hastie and Tibshirani, J. Stat. Soft. 33, 2010).
 * With a ridge and more than 2000 columns, or 1500 of all classes but one, limited-memory
 * BFGS needs no matrix (Nocedal, Math. Comp. 35, 1980): up to ten times max_iterations, and
 * no standard errors.
 * Computed in float64; results have the dtype of X (float64 for integers).
 */
#ifndef TALWEG_GLM_H
#define TALWEG_GLM_H

#include "inference.h"
#include "lstsq.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The distribution of y, and the range that y must be in. */
typedef enum tw_glm_family {
    /** Any y. Links: identity, log. */
    TW_GLM_GAUSSIAN = 0,
    /** y from 0 to 1: classes 0 and 1, or shares of successes among as many trials
        as the row's weight says. Links: logit, probit, complementary log-log. */
    TW_GLM_BINOMIAL = 1,
    /** y of 0 or more. Link: log. */
    TW_GLM_POISSON = 2,
    /** y above 0. Links: log, inverse. */
    TW_GLM_GAMMA = 3,
    /** y of 0 or more, with variance mu + alpha mu^2. Link: log. */
    TW_GLM_NEGATIVE_BINOMIAL = 4,
    /** Class numbers 0, 1, ..., K - 1, each of which has a row; K >= 2. Softmax of
        K linear predictors. Newton's method on an information matrix of
        (K - 1) (p + 1) rows. Takes no offset. */
    TW_GLM_MULTINOMIAL = 5
} tw_glm_family;

/** g. */
typedef enum tw_glm_link {
    /** identity, logit, log, log, log, logit by the order of the families. */
    TW_GLM_LINK_DEFAULT = 0,
    TW_GLM_LINK_IDENTITY = 1,
    TW_GLM_LINK_LOG = 2,
    TW_GLM_LINK_LOGIT = 3,
    TW_GLM_LINK_PROBIT = 4,
    /** log(-log(1 - mu)) */
    TW_GLM_LINK_CLOGLOG = 5,
    TW_GLM_LINK_INVERSE = 6
} tw_glm_link;

/** What a prediction tells. */
typedef enum tw_glm_prediction {
    /** The mean; the classes' probabilities. */
    TW_GLM_RESPONSE = 0,
    /** The linear predictor. */
    TW_GLM_LINEAR = 1,
    /** The most probable class, as int64; binomial and multinomial only. */
    TW_GLM_CLASS = 2
} tw_glm_prediction;

/** What a fit tells its callback after an iteration. */
typedef struct tw_glm_progress {
    size_t struct_size;
    /** From 1. */
    int64_t iteration;
    int64_t max_iterations;
    /** The deviance, ridge |b|^2 and 2 l1 |b|_1, which the iterations lower. */
    double objective;
    /** float64 of this iteration, valid during the call: coefficients
        [outputs][features], row-major, and intercepts [outputs]; outputs are 1, or
        the classes of the multinomial family. */
    const double *coefficients;
    const double *intercept;
    int64_t features;
    int64_t outputs;
} tw_glm_progress;

/** Non-zero stops: the result holds what was reached, with TW_STOP_CALLBACK. */
typedef int (*tw_glm_callback)(void *context, const tw_glm_progress *progress);

typedef struct tw_glm_options {
    size_t struct_size;
    tw_glm_family family;
    tw_glm_link link;
    /** Fit an intercept (never penalised). */
    bool intercept;
    /** Compute standard errors: one pass over the data more. */
    bool standard_errors;
    /** Of the negative binomial family, above 0. */
    double alpha;
    /** 0 or more: ridge / 2 |b|^2 is added to the negative log-likelihood (of
        dispersion 1); the inverse of scikit-learn's C. */
    double ridge;
    /** Row weights [n], 0 or more; NULL: all 1. */
    const tw_tensor *weights;
    /** [n], added to the linear predictor; NULL: nothing. */
    const tw_tensor *offset;
    /** Stop when half of what a step promises to gain is below this share of the
        objective; that step is still taken. Negative: 1e-13, or 1e-10 where there
        are many rows. */
    double tolerance;
    int64_t max_iterations;
    tw_glm_callback callback;
    void *context;
    /** Called once with context before tw_glm returns; may be NULL. */
    void (*destroy)(void *context);
    /** 0 or more: l1 |b|_1 is added to the negative log-likelihood. scikit-learn's
        LogisticRegression with C and l1_ratio r has l1 = r / C and ridge = (1 - r) / C.
        Fits with an L1 norm have no standard errors, and their rank is how many
        coefficients are not zero. */
    double l1;
} tw_glm_options;

#define TW_GLM_OPTIONS_INIT                                                                              \
    {sizeof(tw_glm_options), TW_GLM_GAUSSIAN, TW_GLM_LINK_DEFAULT, true, true, 1.0, 0.0, NULL, NULL, -1.0, 100, \
     NULL, NULL, NULL, 0.0}

/** A fit. Holds copies of all it tells. */
typedef struct tw_glm_result tw_glm_result;

/**
 * Fits y to X.
 *
 * Columns that depend on each other get the shortest coefficients with the same
 * predictors (of the multinomial family: those that Newton's method with a small
 * damping reaches from 0), and NaN for the standard errors of what is in the
 * dependency. Where classes are separated, so that no finite coefficients are
 * best, the fit succeeds and tw_glm_result_separated tells it.
 *
 * @param X        [n, p], n >= 1, finite; a 1-d X [n] counts as one column
 * @param y        [n], finite, in the family's range
 * @param options  NULL: gaussian with an intercept
 * @return TW_ERROR_SHAPE if rows differ or there are none, TW_ERROR_NUMERIC for a
 *         NaN or infinity in X, y, weights or offset or where no coefficients with
 *         a finite likelihood are found, TW_ERROR_INVALID_ARGUMENT for a y out of
 *         range, a negative weight, no weight above 0 or a link that is none of
 *         the family's
 */
tw_status tw_glm(const tw_tensor *X, const tw_tensor *y, const tw_glm_options *options,
                 tw_glm_result **result) TW_CHECK;

/** Frees a fit. NULL is accepted. */
void tw_glm_result_free(tw_glm_result *result);

/* Of the multinomial family with K classes, results have a leading axis K. Class 0 is
   the reference, with zeros; with a ridge the coefficients of all classes sum to zero,
   and so do the intercepts. With an L1 norm each class's coefficients are penalised for
   themselves, and the intercepts sum to zero. */

/** [p] or [K, p]. */
tw_tensor *tw_glm_result_coefficients(tw_scope *scope, const tw_glm_result *result);
/** [] or [K]; zeros if none was fitted. */
tw_tensor *tw_glm_result_intercept(tw_scope *scope, const tw_glm_result *result);
/**
 * Standard errors of the coefficients, [p] or [K, p]: sqrt(dispersion) times the
 * roots of the diagonal of Fisher's information's inverse; with a ridge, of the
 * penalised estimate: the sandwich. NaN of columns in a dependency, where the
 * classes are separated, of a multinomial reference class and with a ridge there,
 * with an L1 norm, and if the options asked for none.
 */
tw_tensor *tw_glm_result_standard_errors(tw_scope *scope, const tw_glm_result *result);
/** Standard errors of the intercepts, [] or [K]. */
tw_tensor *tw_glm_result_intercept_standard_error(tw_scope *scope, const tw_glm_result *result);
/** Twice the log-likelihood (of dispersion 1) that a mean for each row would gain. */
tw_status tw_glm_result_deviance(const tw_glm_result *result, double *deviance) TW_CHECK;
/** The deviance of the intercept, or without one the offset, alone. */
tw_status tw_glm_result_null_deviance(const tw_glm_result *result, double *deviance) TW_CHECK;
/** With all its constants but the binomial coefficients of shares: of the gaussian
    family at its greatest over the variance, of gamma at the dispersion. */
tw_status tw_glm_result_log_likelihood(const tw_glm_result *result, double *value) TW_CHECK;
/** -2 log-likelihood + 2 (rank of the whole model); a dispersion does not count. */
tw_status tw_glm_result_aic(const tw_glm_result *result, double *aic) TW_CHECK;
/** Pearson's statistic over the degrees of freedom for the gaussian and gamma
    families (NaN without any), else 1. */
tw_status tw_glm_result_dispersion(const tw_glm_result *result, double *dispersion) TW_CHECK;
/** Rank of X (centred, if an intercept is fitted). */
tw_status tw_glm_result_rank(const tw_glm_result *result, int64_t *rank) TW_CHECK;
/** Rows with a weight above 0 less the rank of the whole model. */
tw_status tw_glm_result_degrees_of_freedom(const tw_glm_result *result, int64_t *count) TW_CHECK;
/** Whether a direction of the coefficients was found along which the likelihood rises
    for ever (Albert and Anderson, Biometrika 71, 1984): classes that a plane
    separates, or counts of zero beyond one. No finite coefficients are best; those of
    the result are where the iteration stood. A ridge helps. */
tw_status tw_glm_result_separated(const tw_glm_result *result, bool *separated) TW_CHECK;
/** Of a fit with an L1 norm: how far the derivatives are from a least value's, at most
    over the coefficients and as a share of l1; else NaN. */
tw_status tw_glm_result_violation(const tw_glm_result *result, double *violation) TW_CHECK;
/** Why it stopped. */
tw_status tw_glm_result_stop_reason(const tw_glm_result *result, tw_stop_reason *reason) TW_CHECK;
/** How many iterations were made. */
tw_status tw_glm_result_iterations(const tw_glm_result *result, int64_t *iterations) TW_CHECK;
/**
 * Of new rows [m, p] (or [m] with one column): [m], or [m, K] for a multinomial
 * response or linear predictor.
 * @param offset  [m], added to the linear predictor; NULL: nothing
 */
tw_tensor *tw_glm_result_predict(tw_scope *scope, const tw_glm_result *result, const tw_tensor *X,
                                 tw_glm_prediction kind, const tw_tensor *offset);

/* Tests and intervals, as R's summary.glm has them: Wald's, by Student's t with the degrees
   of freedom where the dispersion is estimated (gaussian and gamma), else by the normal
   distribution. NaN where standard errors are. */

/** Coefficients over their standard errors, [p] or [K, p]. */
tw_tensor *tw_glm_result_statistics(tw_scope *scope, const tw_glm_result *result);
/** P(|Z| > |z|) or P(|T| > |t|), [p] or [K, p]. */
tw_tensor *tw_glm_result_p_values(tw_scope *scope, const tw_glm_result *result);
/** Of the intercept, [] or [K]. */
tw_tensor *tw_glm_result_intercept_statistic(tw_scope *scope, const tw_glm_result *result);
/** Of the intercept, [] or [K]. */
tw_tensor *tw_glm_result_intercept_p_value(tw_scope *scope, const tw_glm_result *result);
/** Intervals of the coefficients, lower and upper, [p, 2] or [K, p, 2].
    TW_ERROR_INVALID_ARGUMENT for a level that is not between 0 and 1. */
tw_tensor *tw_glm_result_confidence_intervals(tw_scope *scope, const tw_glm_result *result, double level);
/** Of the intercept, [2] or [K, 2]. */
tw_tensor *tw_glm_result_intercept_confidence_interval(tw_scope *scope, const tw_glm_result *result, double level);
/** -2 log-likelihood + ln(rows with a weight above 0) (rank of the whole model). */
tw_status tw_glm_result_bic(const tw_glm_result *result, double *bic) TW_CHECK;
/** Pearson's statistic, the sum of w (y - mu)^2 / V(mu); NaN of the multinomial family. */
tw_status tw_glm_result_pearson(const tw_glm_result *result, double *statistic) TW_CHECK;
/** Of the model that the null deviance is of. */
tw_status tw_glm_result_null_degrees_of_freedom(const tw_glm_result *result, int64_t *count) TW_CHECK;

/** What a residual is. */
typedef enum tw_glm_residual {
    /** y - mu */
    TW_GLM_RESIDUAL_RESPONSE = 0,
    /** sqrt(w) (y - mu) / sqrt(V(mu)): their squares sum to Pearson's statistic. */
    TW_GLM_RESIDUAL_PEARSON = 1,
    /** The root of what the row adds to the deviance, with the sign of y - mu. */
    TW_GLM_RESIDUAL_DEVIANCE = 2,
    /** (y - mu) d eta / d mu */
    TW_GLM_RESIDUAL_WORKING = 3
} tw_glm_residual;

/**
 * Of any rows X [n, p] and y [n]: [n].
 * @param weights  [n], as in the fit; NULL: all 1
 * @param offset   [n], added to the linear predictor; NULL: nothing
 * @return NULL with TW_ERROR_INVALID_ARGUMENT for the multinomial family and for y out of range
 */
tw_tensor *tw_glm_result_residuals(tw_scope *scope, const tw_glm_result *result, const tw_tensor *X,
                                   const tw_tensor *y, tw_glm_residual kind, const tw_tensor *weights,
                                   const tw_tensor *offset);
/**
 * Standard errors at new rows [m, p] of the linear predictor, or of the mean by the
 * derivative there: [m].
 * @return NULL with TW_ERROR_NUMERIC if the fit has no standard errors, TW_ERROR_INVALID_ARGUMENT for
 *         TW_GLM_CLASS and the multinomial family
 */
tw_tensor *tw_glm_result_predict_error(tw_scope *scope, const tw_glm_result *result, const tw_tensor *X,
                                       tw_glm_prediction kind, const tw_tensor *offset);
/**
 * The fit as a table, like R's summary.glm: figures of the whole, then each coefficient
 * with its standard error, z or t, p and interval. Independent of the locale.
 * @param options  NULL: intervals of 0.95, columns x0, x1, ...
 * @param text     gets a string that the caller frees with tw_string_free
 */
tw_status tw_glm_result_summary(const tw_glm_result *result, const tw_summary_options *options, char **text) TW_CHECK;

/** The penalties of a path. */
typedef struct tw_glm_path_options {
    size_t struct_size;
    /** The share of the L1 norm, above 0 and up to 1, the lasso. */
    double l1_ratio;
    /** penalty_count penalties above 0, taken in descending order. NULL: from the least
        that leaves no coefficient down to penalty_ratio times that, evenly by their
        logarithms, as glmnet has them. */
    const double *penalties;
    int64_t penalty_count;
    double penalty_ratio;
    /** Penalise the coefficients of columns divided by their (weighted) standard
        deviations; they are told in the data's units. glmnet's default. */
    bool standardize;
} tw_glm_path_options;

#define TW_GLM_PATH_OPTIONS_INIT {sizeof(tw_glm_path_options), 1.0, NULL, 100, 1e-3, false}

/** A path of penalised fits, by descending penalties. */
typedef struct tw_glm_path_result tw_glm_path_result;

/**
 * Fits y to X for each of a path of penalties (glmnet's lambda), each fit from the one
 * before: coefficients that minimise, with the unit deviance D of the family,
 *
 *     sum_i w_i D(y_i, mu_i) / (2 sum_i w_i)
 *         + penalty (l1_ratio |b|_1 + (1 - l1_ratio) / 2 |b|^2)
 *
 * @param options  As of tw_glm, with l1 and ridge 0; the callback is called after each
 *                 penalty, with its number, how many there are and the deviance
 * @param path     NULL: 100 penalties of the lasso
 * @return As tw_glm
 */
tw_status tw_glm_path(const tw_tensor *X, const tw_tensor *y, const tw_glm_options *options,
                      const tw_glm_path_options *path, tw_glm_path_result **result) TW_CHECK;

/** Frees a path; fits that were taken from it stay. NULL is accepted. */
void tw_glm_path_result_free(tw_glm_path_result *result);
/** How many penalties there are: fewer than were asked for if the callback stopped. */
tw_status tw_glm_path_result_count(const tw_glm_path_result *result, int64_t *count) TW_CHECK;
/** The fit of one penalty, to be freed as one of tw_glm. */
tw_status tw_glm_path_result_fit(const tw_glm_path_result *result, int64_t index, tw_glm_result **fit) TW_CHECK;
/** [count, p], or [count, K, p] of the multinomial family. */
tw_tensor *tw_glm_path_result_coefficients(tw_scope *scope, const tw_glm_path_result *result);
/** [count] or [count, K]. */
tw_tensor *tw_glm_path_result_intercepts(tw_scope *scope, const tw_glm_path_result *result);
/** float64 [count], descending. */
tw_tensor *tw_glm_path_result_penalties(tw_scope *scope, const tw_glm_path_result *result);
/** float64 [count]. */
tw_tensor *tw_glm_path_result_deviances(tw_scope *scope, const tw_glm_path_result *result);
/** Why it stopped: TW_STOP_ITERATIONS if any fit did so. */
tw_status tw_glm_path_result_stop_reason(const tw_glm_path_result *result, tw_stop_reason *reason) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
