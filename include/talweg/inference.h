/**
 * @file inference.h
 * Statistics of a linear fit: tests, intervals, information criteria, influence of rows, robust covariances, a summary.
 *
 * Definitions are those of statsmodels' OLS and WLS (Seabold and Perktold 2010) where nothing else is said: s^2 is the
 * weighted residual sum of squares over the degrees of freedom; rows without weight are not counted, as in R. With a
 * ridge the errors are those of the ridge estimate (the sandwich), and the degrees of freedom are n less the rank.
 * Without degrees of freedom what is made of s is NaN; so is what belongs to a column in a linear dependency.
 *
 * Of k targets: a y of [n] gives shapes without the leading k. Tensors have the dtype of the fit's results.
 */
#ifndef TALWEG_INFERENCE_H
#define TALWEG_INFERENCE_H

#include "lstsq.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The c with P(|T| <= c) = level, T of Student's t.
    @param degrees_of_freedom  above 0; INFINITY: of the normal distribution */
tw_status tw_student_t_critical_value(double level, double degrees_of_freedom, double *value) TW_CHECK;

/* ---- Figures that need no rows --------------------------------------------------------------------------------- */

/** Coefficients over their standard errors, [p] or [k, p]. */
tw_tensor *tw_lstsq_result_t_values(tw_scope *scope, const tw_lstsq_result *result);
/** P(|T| > |t|) of Student's t with the degrees of freedom, [p] or [k, p]. */
tw_tensor *tw_lstsq_result_p_values(tw_scope *scope, const tw_lstsq_result *result);
/** Of the intercept, [] or [k]; NaN if none was fitted. */
tw_tensor *tw_lstsq_result_intercept_t_value(tw_scope *scope, const tw_lstsq_result *result);
/** Of the intercept, [] or [k]; NaN if none was fitted. */
tw_tensor *tw_lstsq_result_intercept_p_value(tw_scope *scope, const tw_lstsq_result *result);
/** Intervals of the coefficients, lower and upper, [p, 2] or [k, p, 2].
    @param level  such as 0.95; TW_ERROR_INVALID_ARGUMENT unless 0 < level < 1 */
tw_tensor *tw_lstsq_result_confidence_intervals(tw_scope *scope, const tw_lstsq_result *result, double level);
/** Of the intercept, [2] or [k, 2]. */
tw_tensor *tw_lstsq_result_intercept_confidence_interval(tw_scope *scope, const tw_lstsq_result *result,
                                                         double level);
/** 1 - (1 - R^2) (n - 1) / (degrees of freedom), with n for n - 1 without an intercept, [] or [k]. */
tw_tensor *tw_lstsq_result_adjusted_r_squared(tw_scope *scope, const tw_lstsq_result *result);
/** s^2, [] or [k]. */
tw_tensor *tw_lstsq_result_residual_variance(tw_scope *scope, const tw_lstsq_result *result);
/** F of the hypothesis that all coefficients but the intercept are 0, [] or [k]. NaN for a rank of 0. */
tw_tensor *tw_lstsq_result_f_statistic(tw_scope *scope, const tw_lstsq_result *result);
/** P(F > f), [] or [k]. */
tw_tensor *tw_lstsq_result_f_p_value(tw_scope *scope, const tw_lstsq_result *result);
/** The normal log-likelihood at its greatest over the variance, -n/2 (ln(2 pi rss / n) + 1) + sum ln(w) / 2, [] or
    [k]; infinite for a perfect fit. */
tw_tensor *tw_lstsq_result_log_likelihood(tw_scope *scope, const tw_lstsq_result *result);
/** -2 log-likelihood + 2 (rank + 1 with an intercept), [] or [k]. */
tw_tensor *tw_lstsq_result_aic(tw_scope *scope, const tw_lstsq_result *result);
/** -2 log-likelihood + ln(n) (rank + 1 with an intercept), [] or [k]. */
tw_tensor *tw_lstsq_result_bic(tw_scope *scope, const tw_lstsq_result *result);
/** Covariance of the coefficients and, behind them, of the intercept: [m, m] or [k, m, m], m = p + 1, or p without an
    intercept. */
tw_tensor *tw_lstsq_result_covariance(tw_scope *scope, const tw_lstsq_result *result);
/** Variance inflation factors, [p]: 1 / (1 - R^2) of each column on the others. Infinite for a column that others make
    up, NaN for one that is 0 (constant, if an intercept is fitted). With a ridge Marquardt's (Technometrics 12,
    1970). */
tw_tensor *tw_lstsq_result_variance_inflation(tw_scope *scope, const tw_lstsq_result *result);
/** The 2-norm condition number of X as it is, weighted, with a column of ones for the intercept: what
    tw_lstsq_result_condition is before columns are centred and scaled. Infinity if rank deficient. */
tw_status tw_lstsq_result_condition_number(const tw_lstsq_result *result, double *condition) TW_CHECK;

/* ---- New rows -------------------------------------------------------------------------------------------------- */

typedef enum tw_interval_kind {
    /** Of the mean of y at a row: the coefficients' uncertainty alone. */
    TW_INTERVAL_CONFIDENCE = 0,
    /** Of a new y at a row: s^2 over its weight on top. */
    TW_INTERVAL_PREDICTION = 1
} tw_interval_kind;

/**
 * Intervals at new rows X [m, p] (or [m] with one column), lower and upper, [m, 2] or [m, k, 2].
 * @param weights  of the new observations, [m], for TW_INTERVAL_PREDICTION; NULL: all 1
 * @return NULL with TW_ERROR_NUMERIC if columns depend on each other and there is no ridge: what lies off the rows
 *         that were fitted is not determined; TW_ERROR_SHAPE for X or weights that do not fit
 */
tw_tensor *tw_lstsq_result_prediction_intervals(tw_scope *scope, const tw_lstsq_result *result, const tw_tensor *X,
                                                const tw_tensor *weights, tw_interval_kind kind, double level);
/** Standard errors of the mean or of a new y at rows, [m] or [m, k]; as tw_lstsq_result_prediction_intervals. */
tw_tensor *tw_lstsq_result_prediction_errors(tw_scope *scope, const tw_lstsq_result *result, const tw_tensor *X,
                                             const tw_tensor *weights, tw_interval_kind kind);

/* ---- The rows that were fitted ---------------------------------------------------------------------------------
   A fit does not keep them: they are passed again, X [n, p] and y as to tw_lstsq, and the weights if there were any.
   TW_ERROR_SHAPE for another number of rows, TW_ERROR_INVALID_ARGUMENT for weights that are missing. A NaN in a row
   makes that row's figures NaN. */

/** y - X b - c, without the weights, [n] or [n, k], of any rows. */
tw_tensor *tw_lstsq_result_residuals(tw_scope *scope, const tw_lstsq_result *result, const tw_tensor *X,
                                     const tw_tensor *y);
/** Leverages h, the diagonal of the hat matrix of sqrt(w) [X 1] (with a ridge, of the penalised fit), [n]. */
tw_tensor *tw_lstsq_result_leverage(tw_scope *scope, const tw_lstsq_result *result, const tw_tensor *X,
                                    const tw_tensor *weights);

typedef enum tw_influence_kind {
    /** Internally studentised residuals: sqrt(w) e / (s sqrt(1 - h)), R's rstandard. */
    TW_INFLUENCE_STUDENTIZED = 0,
    /** Externally studentised: with the s of the fit without the row, R's rstudent. */
    TW_INFLUENCE_STUDENTIZED_EXTERNALLY = 1,
    /** Cook's distance (Technometrics 19, 1977). */
    TW_INFLUENCE_COOKS_DISTANCE = 2,
    /** The externally studentised residual times sqrt(h / (1 - h)) (Belsley, Kuh and Welsch 1980). */
    TW_INFLUENCE_DFFITS = 3
} tw_influence_kind;

/** A figure of each row, [n] or [n, k]; NaN for a row of leverage 1. */
tw_tensor *tw_lstsq_result_influence(tw_scope *scope, const tw_lstsq_result *result, const tw_tensor *X,
                                     const tw_tensor *y, const tw_tensor *weights, tw_influence_kind kind);

typedef enum tw_robust_covariance_kind {
    /** White's heteroscedasticity-consistent covariance (Econometrica 48, 1980). */
    TW_ROBUST_HC0 = 0,
    /** HC0 times n / (degrees of freedom). */
    TW_ROBUST_HC1 = 1,
    /** Squared residuals over 1 - h (MacKinnon and White, Journal of Econometrics 29, 1985). */
    TW_ROBUST_HC2 = 2,
    /** Squared residuals over (1 - h)^2. */
    TW_ROBUST_HC3 = 3,
    /** Newey and West's (Econometrica 55, 1987), also consistent where neighbouring rows' residuals go together;
        Bartlett's weights 1 - lag / (lags + 1). Rows are in the order of time. */
    TW_ROBUST_HAC = 4
} tw_robust_covariance_kind;

typedef struct tw_robust_covariance_options {
    size_t struct_size;
    tw_robust_covariance_kind kind;
    /** Row weights, if the fit has any; else NULL. */
    const tw_tensor *weights;
    /** Of HAC, fewer than rows; negative: floor(4 (n / 100)^(2/9)). */
    int64_t lags;
    /** Of HAC: times n / (degrees of freedom). */
    bool small_sample;
} tw_robust_covariance_options;

#define TW_ROBUST_COVARIANCE_OPTIONS_INIT {sizeof(tw_robust_covariance_options), TW_ROBUST_HC3, NULL, -1, false}

/** A robust covariance, shaped as tw_lstsq_result_covariance. TW_ERROR_NUMERIC for a NaN or infinity in X or y, and,
    of HC2 and HC3, for a row of leverage 1, whose variance is unknown. */
tw_tensor *tw_lstsq_result_robust_covariance(tw_scope *scope, const tw_lstsq_result *result, const tw_tensor *X,
                                             const tw_tensor *y, const tw_robust_covariance_options *options);

/* ---- A table --------------------------------------------------------------------------------------------------- */

typedef struct tw_summary_options {
    size_t struct_size;
    /** Of the intervals. */
    double level;
    /** Names of the columns of X, UTF-8, name_count of them, one a column; NULL: x0, x1, ... */
    const char *const *names;
    int64_t name_count;
} tw_summary_options;

#define TW_SUMMARY_OPTIONS_INIT {sizeof(tw_summary_options), 0.95, NULL, 0}

/**
 * The fit as a table, like R's summary.lm and statsmodels' summary(): figures of the whole, then each coefficient with
 * its standard error, t, p and interval. Independent of the locale.
 * @param text  gets a string that the caller frees with tw_string_free
 */
tw_status tw_lstsq_result_summary(const tw_lstsq_result *result, const tw_summary_options *options,
                                  char **text) TW_CHECK;

/** Frees a string that a function of this library made. NULL is accepted. */
void tw_string_free(char *text);

#ifdef __cplusplus
}
#endif

#endif
