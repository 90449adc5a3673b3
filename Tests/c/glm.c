/* Generalised linear models, glm.h: closed forms, separation, options, errors. */
#include "check.h"

static tw_glm_result *fit_of(const tw_tensor *X, const tw_tensor *y, const tw_glm_options *options) {
    tw_glm_result *fit = NULL;
    OK(tw_glm(X, y, options, &fit));
    return fit;
}

static void a_gaussian_is_least_squares(void) {
    /* As a_line in lstsq.c: 0.6 x + 2.2, rss 2.4 of 6, s^2 = 0.8. */
    tw_scope *s = tw_scope_new();
    tw_glm_result *fit = fit_of(VECTOR(s, 1, 2, 3, 4, 5), VECTOR(s, 2, 4, 5, 4, 5), NULL);
    VALUES(tw_glm_result_coefficients(s, fit), 1e-13, 0.6);
    NEAR(item(tw_glm_result_intercept(s, fit)), 2.2, 1e-13);
    VALUES(tw_glm_result_standard_errors(s, fit), 1e-13, sqrt(0.08));
    NEAR(item(tw_glm_result_intercept_standard_error(s, fit)), sqrt(0.88), 1e-13);
    double deviance = 0, null_deviance = 0, dispersion = 0, likelihood = 0, aic = 0;
    OK(tw_glm_result_deviance(fit, &deviance));
    OK(tw_glm_result_null_deviance(fit, &null_deviance));
    OK(tw_glm_result_dispersion(fit, &dispersion));
    OK(tw_glm_result_log_likelihood(fit, &likelihood));
    OK(tw_glm_result_aic(fit, &aic));
    NEAR(deviance, 2.4, 1e-13);
    NEAR(null_deviance, 6, 1e-13);
    NEAR(dispersion, 0.8, 1e-13);
    NEAR(likelihood, -2.5 * (log(2 * acos(-1) * 2.4 / 5) + 1), 1e-13);
    NEAR(aic, 4 - 2 * likelihood, 1e-14);
    int64_t rank = 0, freedom = 0, iterations = 0;
    OK(tw_glm_result_rank(fit, &rank));
    OK(tw_glm_result_degrees_of_freedom(fit, &freedom));
    OK(tw_glm_result_iterations(fit, &iterations));
    CHECK(rank == 1 && freedom == 3 && iterations >= 1 && iterations <= 3);
    VALUES(tw_glm_result_predict(s, fit, VECTOR(s, 0, 10), TW_GLM_RESPONSE, NULL), 1e-13, 2.2, 8.2);
    tw_glm_result_free(fit);
    tw_scope_free(s);
}

static void a_table_of_two_by_two(void) {
    /* 1 of 4 where x is 0, 3 of 4 where it is 1: c = log(1/3), b = log 9, and Woolf's
       variance of a log odds ratio, 1/1 + 1/3 + 1/3 + 1/1. */
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 0, 0, 0, 0, 1, 1, 1, 1), *y = VECTOR(s, 1, 0, 0, 0, 1, 1, 1, 0);
    tw_glm_options options = TW_GLM_OPTIONS_INIT;
    options.family = TW_GLM_BINOMIAL;
    tw_glm_result *fit = fit_of(x, y, &options);
    VALUES(tw_glm_result_coefficients(s, fit), 1e-12, log(9));
    NEAR(item(tw_glm_result_intercept(s, fit)), -log(3), 1e-12);
    VALUES(tw_glm_result_standard_errors(s, fit), 1e-10, sqrt(8.0 / 3));
    double likelihood = 0;
    OK(tw_glm_result_log_likelihood(fit, &likelihood));
    NEAR(likelihood, 2 * log(0.25) + 6 * log(0.75), 1e-13);
    VALUES(tw_glm_result_predict(s, fit, VECTOR(s, 0, 1), TW_GLM_RESPONSE, NULL), 1e-12, 0.25, 0.75);
    VALUES(tw_glm_result_predict(s, fit, VECTOR(s, 0, 1), TW_GLM_LINEAR, VECTOR(s, 1, 0)), 1e-12, 1 - log(3), log(3));
    tw_tensor *classes = tw_glm_result_predict(s, fit, VECTOR(s, 0, 1), TW_GLM_CLASS, NULL);
    VALUES(classes, 0, 0, 1);
    CHECK(dtype_of(classes) == TW_INT64);
    tw_glm_result_free(fit);
    /* The same as two classes, and as shares with weights. */
    options.family = TW_GLM_MULTINOMIAL;
    fit = fit_of(x, y, &options);
    VALUES(tw_glm_result_coefficients(s, fit), 1e-12, 0, log(9));
    SHAPE(tw_glm_result_predict(s, fit, x, TW_GLM_RESPONSE, NULL), 8, 2);
    tw_glm_result_free(fit);
    options.family = TW_GLM_BINOMIAL;
    options.weights = VECTOR(s, 4, 4);
    fit = fit_of(VECTOR(s, 0, 1), VECTOR(s, 0.25, 0.75), &options);
    VALUES(tw_glm_result_coefficients(s, fit), 1e-12, log(9));
    tw_glm_result_free(fit);
    tw_scope_free(s);
}

static void counts_of_two_groups(void) {
    /* Means 2 and 6: c = log 2, b = log 3, variances of log means 1 / sums of counts. */
    tw_scope *s = tw_scope_new();
    tw_glm_options options = TW_GLM_OPTIONS_INIT;
    options.family = TW_GLM_POISSON;
    tw_glm_result *fit = fit_of(VECTOR(s, 0, 0, 1, 1), VECTOR(s, 1, 3, 5, 7), &options);
    VALUES(tw_glm_result_coefficients(s, fit), 1e-12, log(3));
    VALUES(tw_glm_result_standard_errors(s, fit), 1e-10, sqrt(1.0 / 4 + 1.0 / 12));
    double deviance = 0;
    OK(tw_glm_result_deviance(fit, &deviance));
    NEAR(deviance, 2 * (log(0.5) + 3 * log(1.5) + 5 * log(5.0 / 6) + 7 * log(7.0 / 6)), 1e-12);
    tw_glm_result_free(fit);
    tw_scope_free(s);
}

static void tests_and_intervals(void) {
    /* As a_gaussian_is_least_squares: t = 0.6 / sqrt(0.08) of 3 degrees of freedom; probabilities by SciPy 1.17. */
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 1, 2, 3, 4, 5), *y = VECTOR(s, 2, 4, 5, 4, 5);
    tw_glm_result *fit = fit_of(x, y, NULL);
    VALUES(tw_glm_result_statistics(s, fit), 1e-13, 0.6 / sqrt(0.08));
    VALUES(tw_glm_result_p_values(s, fit), 1e-12, 0.1240270626575546);
    NEAR(item(tw_glm_result_intercept_statistic(s, fit)), 2.2 / sqrt(0.88), 1e-13);
    NEAR(item(tw_glm_result_intercept_p_value(s, fit)), 0.10074345608542003, 1e-12);
    double half = 3.1824463052837078 * sqrt(0.08);
    tw_tensor *bounds = tw_glm_result_confidence_intervals(s, fit, 0.95);
    SHAPE(bounds, 1, 2);
    VALUES(bounds, 1e-12, 0.6 - half, 0.6 + half);
    SHAPE(tw_glm_result_intercept_confidence_interval(s, fit, 0.95), 2);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_glm_result_confidence_intervals(NULL, fit, 1));
    double bic = 0, pearson = 0, likelihood = 0;
    int64_t freedom = 0;
    OK(tw_glm_result_bic(fit, &bic));
    OK(tw_glm_result_pearson(fit, &pearson));
    OK(tw_glm_result_log_likelihood(fit, &likelihood));
    OK(tw_glm_result_null_degrees_of_freedom(fit, &freedom));
    NEAR(bic, 2 * log(5) - 2 * likelihood, 1e-13);
    NEAR(pearson, 2.4, 1e-12);
    CHECK(freedom == 4);
    VALUES(tw_glm_result_residuals(s, fit, x, y, TW_GLM_RESIDUAL_DEVIANCE, NULL, NULL), 1e-12, -0.8, 0.6, 1, -0.6,
           -0.2);
    VALUES(tw_glm_result_residuals(s, fit, VECTOR(s, 1), VECTOR(s, 2), TW_GLM_RESIDUAL_PEARSON, VECTOR(s, 4), NULL),
           1e-12, -1.6);
    VALUES(tw_glm_result_predict_error(s, fit, VECTOR(s, 3, 5), TW_GLM_RESPONSE, NULL), 1e-12, sqrt(0.16),
           sqrt(0.8 * (0.2 + 0.4)));
    char *text = NULL;
    OK(tw_glm_result_summary(fit, NULL, &text));
    CHECK(text != NULL && strstr(text, "gaussian") != NULL && strstr(text, "x0") != NULL);
    tw_string_free(text);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_glm_result_residuals(NULL, fit, x, y, (tw_glm_residual)9, NULL, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_glm_result_residuals(NULL, fit, x, VECTOR(s, 1), TW_GLM_RESIDUAL_PEARSON, NULL, NULL));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_glm_result_predict_error(NULL, fit, x, TW_GLM_CLASS, NULL));
    FAILS(TW_ERROR_NULL, tw_glm_result_summary(fit, NULL, NULL));
    FAILS(TW_ERROR_NULL, tw_glm_result_bic(NULL, &bic));
    tw_glm_result_free(fit);
    /* Woolf's z of the table, and the delta method: mu (1 - mu) times the predictor's error. */
    tw_glm_options options = TW_GLM_OPTIONS_INIT;
    options.family = TW_GLM_BINOMIAL;
    fit = fit_of(VECTOR(s, 0, 0, 0, 0, 1, 1, 1, 1), VECTOR(s, 1, 0, 0, 0, 1, 1, 1, 0), &options);
    VALUES(tw_glm_result_p_values(s, fit), 1e-9, 0.1784574424769816);
    VALUES(tw_glm_result_predict_error(s, fit, VECTOR(s, 0), TW_GLM_LINEAR, NULL), 1e-10, sqrt(4.0 / 3));
    VALUES(tw_glm_result_predict_error(s, fit, VECTOR(s, 0), TW_GLM_RESPONSE, NULL), 1e-10, sqrt(4.0 / 3) * 3 / 16);
    tw_glm_result_free(fit);
    options.standard_errors = false;
    fit = fit_of(VECTOR(s, 0, 0, 0, 1, 1, 1), VECTOR(s, 1, 0, 0, 1, 1, 0), &options);
    REFUSES(TW_ERROR_NUMERIC, tw_glm_result_predict_error(NULL, fit, x, TW_GLM_LINEAR, NULL));
    tw_glm_result_free(fit);
    tw_scope_free(s);
}

static void an_l1_norm(void) {
    /* In the table above the fitted counts of successes go to each other by l1: 3 - l1 of
       4 and 1 + l1 of 4, and from l1 = 1 on they are alike. */
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 0, 0, 0, 0, 1, 1, 1, 1), *y = VECTOR(s, 1, 0, 0, 0, 1, 1, 1, 0);
    tw_glm_options options = TW_GLM_OPTIONS_INIT;
    options.family = TW_GLM_BINOMIAL;
    options.l1 = 0.5;
    tw_glm_result *fit = fit_of(x, y, &options);
    VALUES(tw_glm_result_coefficients(s, fit), 1e-11, 2 * log(2.5 / 1.5));
    NEAR(item(tw_glm_result_intercept(s, fit)), log(1.5 / 2.5), 1e-11);
    VALUES(tw_glm_result_standard_errors(s, fit), 0, NAN);
    double violation = 1;
    int64_t rank = 0;
    OK(tw_glm_result_violation(fit, &violation));
    OK(tw_glm_result_rank(fit, &rank));
    CHECK(violation < 1e-8 && rank == 1);
    tw_glm_result_free(fit);
    options.l1 = 1.001;
    fit = fit_of(x, y, &options);
    VALUES(tw_glm_result_coefficients(s, fit), 0, 0);
    tw_glm_result_free(fit);
    options.l1 = -1;
    fit = NULL;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_glm(x, y, &options, &fit));
    options.l1 = 0;
    /* As a path the greatest penalty is 1 / 8 of the mean loss, half of it l1 = 0.5. */
    tw_glm_path_options path = TW_GLM_PATH_OPTIONS_INIT;
    path.penalty_count = 2;
    path.penalty_ratio = 0.5;
    tw_glm_path_result *fits = NULL;
    OK(tw_glm_path(x, y, &options, &path, &fits));
    VALUES(tw_glm_path_result_penalties(s, fits), 1e-11, 1.0 / 8, 1.0 / 16);
    tw_tensor *b = tw_glm_path_result_coefficients(s, fits);
    SHAPE(b, 2, 1);
    VALUES(b, 1e-9, 0, 2 * log(2.5 / 1.5));
    VALUES(tw_glm_path_result_intercepts(s, fits), 1e-10, 0, log(1.5 / 2.5));
    VALUES(tw_glm_path_result_deviances(s, fits), 1e-9, 16 * log(2), -4 * log(1.5 / 4) - 12 * log(2.5 / 4));
    int64_t count = 0;
    tw_stop_reason reason = TW_STOP_CALLBACK;
    OK(tw_glm_path_result_count(fits, &count));
    OK(tw_glm_path_result_stop_reason(fits, &reason));
    CHECK(count == 2 && reason == TW_STOP_TOLERANCE);
    OK(tw_glm_path_result_fit(fits, 1, &fit));
    FAILS(TW_ERROR_INDEX, tw_glm_path_result_fit(fits, 2, &fit));
    FAILS(TW_ERROR_INDEX, tw_glm_path_result_fit(fits, -1, &fit));
    tw_glm_path_result_free(fits);
    VALUES(tw_glm_result_predict(s, fit, VECTOR(s, 0, 1), TW_GLM_RESPONSE, NULL), 1e-9, 1.5 / 4, 2.5 / 4);
    tw_glm_result_free(fit);
    const double nothing[] = {1, 0};
    path.penalties = nothing;
    fits = NULL;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "a penalty is 0", tw_glm_path(x, y, &options, &path, &fits));
    path.penalties = NULL;
    path.l1_ratio = 0;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_glm_path(x, y, &options, &path, &fits));
    options.ridge = 1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_glm_path(x, y, &options, NULL, &fits));
    FAILS(TW_ERROR_NULL, tw_glm_path(x, NULL, NULL, NULL, &fits));
    FAILS(TW_ERROR_NULL, tw_glm_path(x, y, NULL, NULL, NULL));
    FAILS(TW_ERROR_NULL, tw_glm_path_result_count(NULL, &count));
    CHECK(fits == NULL);
    tw_glm_path_result_free(NULL);
    tw_scope_free(s);
}

static int stop_at_two(void *context, const tw_glm_progress *progress) {
    *(int64_t *)context = progress->iteration;
    CHECK(progress->features == 1 && progress->outputs == 1 && progress->coefficients != NULL);
    return progress->iteration == 2;
}

static void count_destroyed(void *context) { ++*(int64_t *)context; }

static void separation_and_callbacks(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 1, 2, 3, 4), *y = VECTOR(s, 0, 0, 1, 1);
    tw_glm_options options = TW_GLM_OPTIONS_INIT;
    options.family = TW_GLM_BINOMIAL;
    tw_glm_result *fit = fit_of(x, y, &options);
    bool separated = false;
    OK(tw_glm_result_separated(fit, &separated));
    CHECK(separated);
    VALUES(tw_glm_result_standard_errors(s, fit), 0, NAN);
    tw_glm_result_free(fit);
    options.ridge = 1;
    int64_t seen = 0;
    options.callback = stop_at_two;
    options.context = &seen;
    fit = fit_of(x, y, &options);
    OK(tw_glm_result_separated(fit, &separated));
    CHECK(!separated && seen == 2);
    tw_stop_reason reason = TW_STOP_TOLERANCE;
    OK(tw_glm_result_stop_reason(fit, &reason));
    CHECK(reason == TW_STOP_CALLBACK);
    tw_glm_result_free(fit);
    seen = 0;
    options.callback = NULL;
    options.destroy = count_destroyed;
    fit = NULL;
    FAILS(TW_ERROR_NULL, tw_glm(NULL, y, &options, &fit));
    CHECK(seen == 1 && fit == NULL);
    tw_scope_free(s);
}

static void what_is_refused(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 1, 2, 3), *y = VECTOR(s, 0, 1, 2);
    tw_glm_options options = TW_GLM_OPTIONS_INIT;
    tw_glm_result *fit = NULL;
    FAILS(TW_ERROR_NULL, tw_glm(x, NULL, NULL, &fit));
    FAILS(TW_ERROR_NULL, tw_glm(x, y, NULL, NULL));
    FAILS(TW_ERROR_SHAPE, tw_glm(x, VECTOR(s, 1, 2), NULL, &fit));
    FAILS(TW_ERROR_SHAPE, tw_glm(tw_zeros(s, SIZES(0, 2), TW_FLOAT64), tw_zeros(s, SIZES(0), TW_FLOAT64), NULL, &fit));
    FAILS(TW_ERROR_NUMERIC, tw_glm(VECTOR(s, 1, NAN, 2), y, NULL, &fit));
    options.family = TW_GLM_BINOMIAL;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "y has 2.0 in row 2", tw_glm(x, y, &options, &fit));
    options.family = (tw_glm_family)17;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_glm(x, y, &options, &fit));
    options.family = TW_GLM_POISSON;
    options.link = TW_GLM_LINK_PROBIT;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_glm(x, y, &options, &fit));
    options.link = TW_GLM_LINK_LOG;
    options.struct_size = 8;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_glm(x, y, &options, &fit));
    double value = 0;
    FAILS(TW_ERROR_NULL, tw_glm_result_deviance(NULL, &value));
    FAILS(TW_ERROR_INVALID_HANDLE, tw_glm_result_deviance((const tw_glm_result *)(const void *)x, &value));
    CHECK(fit == NULL);
    fit = fit_of(x, y, NULL);
    REFUSES(TW_ERROR_SHAPE, tw_glm_result_predict(NULL, fit, MATRIX(s, 1, 2, 1, 2), TW_GLM_RESPONSE, NULL));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_glm_result_predict(NULL, fit, x, TW_GLM_CLASS, NULL));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_glm_result_predict(NULL, fit, x, (tw_glm_prediction)9, NULL));
    FAILS(TW_ERROR_NULL, tw_glm_result_deviance(fit, NULL));
    tw_glm_result_free(fit);
    tw_glm_result_free(fit);
    tw_glm_result_free(NULL);
    tw_scope_free(s);
}

int main(void) {
    RUN(a_gaussian_is_least_squares);
    RUN(a_table_of_two_by_two);
    RUN(counts_of_two_groups);
    RUN(tests_and_intervals);
    RUN(an_l1_norm);
    RUN(separation_and_callbacks);
    RUN(what_is_refused);
    return check_report();
}
