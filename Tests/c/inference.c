/* Statistics of linear fits: the figures of a line by hand, the rest by what they must agree with. */
#include "check.h"

static tw_lstsq_result *line(tw_scope *s, tw_tensor **x, tw_tensor **y) {
    /* x = 1..5, y = 2, 4, 5, 4, 5: slope 0.6, intercept 2.2, rss 2.4, 3 degrees of freedom, Sxx = 10. */
    tw_lstsq_result *fit = NULL;
    *x = VECTOR(s, 1, 2, 3, 4, 5);
    *y = VECTOR(s, 2, 4, 5, 4, 5);
    OK(tw_lstsq(*x, *y, NULL, &fit));
    return fit;
}

static void figures_of_a_line(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x, *y;
    tw_lstsq_result *fit = line(s, &x, &y);
    double t = 0.6 / sqrt(0.08), half = 3.1824463052837096 * sqrt(0.08); /* t of 3 degrees of freedom at 0.975 */
    VALUES(tw_lstsq_result_t_values(s, fit), 1e-13, t);
    NEAR(item(tw_lstsq_result_intercept_t_value(s, fit)), 2.2 / sqrt(0.88), 1e-13);
    /* Student's distribution with 3 degrees of freedom in closed form, u = t / sqrt(3). */
    double u = 2.2 / sqrt(0.88 * 3), beyond = 1 - 2 / acos(-1) * (u / (1 + u * u) + atan(u));
    NEAR(item(tw_lstsq_result_intercept_p_value(s, fit)), beyond, 1e-13);
    NEAR(item(tw_lstsq_result_f_statistic(s, fit)), 4.5, 1e-13);
    /* F is t squared, with the same p. */
    NEAR(item(tw_lstsq_result_f_p_value(s, fit)), item(tw_lstsq_result_p_values(s, fit)), 1e-13);
    tw_tensor *intervals = tw_lstsq_result_confidence_intervals(s, fit, 0.95);
    SHAPE(intervals, 1, 2);
    VALUES(intervals, 1e-13, 0.6 - half, 0.6 + half);
    SHAPE(tw_lstsq_result_intercept_confidence_interval(s, fit, 0.95), 2);
    NEAR(item(tw_lstsq_result_residual_variance(s, fit)), 0.8, 1e-13);
    NEAR(item(tw_lstsq_result_adjusted_r_squared(s, fit)), 1 - 0.4 * 4 / 3, 1e-13);
    double likelihood = -2.5 * (log(2 * 3.14159265358979323846 * 2.4 / 5) + 1);
    NEAR(item(tw_lstsq_result_log_likelihood(s, fit)), likelihood, 1e-13);
    NEAR(item(tw_lstsq_result_aic(s, fit)), 4 - 2 * likelihood, 1e-13);
    NEAR(item(tw_lstsq_result_bic(s, fit)), 2 * log(5) - 2 * likelihood, 1e-13);
    VALUES(tw_lstsq_result_covariance(s, fit), 1e-13, 0.08, -0.24, -0.24, 0.88);
    VALUES(tw_lstsq_result_variance_inflation(s, fit), 1e-13, 1);
    double condition = 0;
    OK(tw_lstsq_result_condition_number(fit, &condition));
    NEAR(condition, sqrt((30 + sqrt(850)) / (30 - sqrt(850))), 1e-12);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void rows_of_a_line(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x, *y;
    tw_lstsq_result *fit = line(s, &x, &y);
    VALUES(tw_lstsq_result_residuals(s, fit, x, y), 1e-13, -0.8, 0.6, 1, -0.6, -0.2);
    VALUES(tw_lstsq_result_leverage(s, fit, x, NULL), 1e-13, 0.6, 0.3, 0.2, 0.3, 0.6);
    double e[] = {-0.8, 0.6, 1, -0.6, -0.2}, h[] = {0.6, 0.3, 0.2, 0.3, 0.6};
    double r[5], external[5], cook[5], dffits[5];
    for (int i = 0; i < 5; ++i) {
        r[i] = e[i] / sqrt(0.8 * (1 - h[i]));
        external[i] = r[i] * sqrt(2 / (3 - r[i] * r[i]));
        cook[i] = r[i] * r[i] / 2 * h[i] / (1 - h[i]);
        dffits[i] = external[i] * sqrt(h[i] / (1 - h[i]));
    }
    const double *expected[] = {r, external, cook, dffits};
    for (int kind = TW_INFLUENCE_STUDENTIZED; kind <= TW_INFLUENCE_DFFITS; ++kind) {
        double found[5];
        OK(tw_tensor_to_double(tw_lstsq_result_influence(s, fit, x, y, NULL, (tw_influence_kind)kind), found, 5));
        for (int i = 0; i < 5; ++i) NEAR(found[i], expected[kind][i], 1e-12);
    }
    tw_tensor *at = VECTOR(s, 6), *weight = VECTOR(s, 4);
    VALUES(tw_lstsq_result_prediction_errors(s, fit, at, NULL, TW_INTERVAL_CONFIDENCE), 1e-13, sqrt(0.88));
    VALUES(tw_lstsq_result_prediction_errors(s, fit, at, weight, TW_INTERVAL_PREDICTION), 1e-13, sqrt(0.8 * 1.35));
    double half = 3.1824463052837096 * sqrt(0.8 * 2.1);
    VALUES(tw_lstsq_result_prediction_intervals(s, fit, at, NULL, TW_INTERVAL_PREDICTION, 0.95), 1e-13, 5.8 - half,
           5.8 + half);
    tw_robust_covariance_options options = TW_ROBUST_COVARIANCE_OPTIONS_INIT;
    options.kind = TW_ROBUST_HC0;
    double robust[4], hac[4];
    OK(tw_tensor_to_double(tw_lstsq_result_robust_covariance(s, fit, x, y, &options), robust, 4));
    NEAR(robust[0], (4 * 0.64 + 0.36 + 0.36 + 4 * 0.04) / 100, 1e-14);
    options.kind = TW_ROBUST_HAC;
    options.lags = 0;
    OK(tw_tensor_to_double(tw_lstsq_result_robust_covariance(s, fit, x, y, &options), hac, 4));
    for (int i = 0; i < 4; ++i) NEAR(hac[i], robust[i], 1e-14);
    SHAPE(tw_lstsq_result_robust_covariance(s, fit, x, y, NULL), 2, 2);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void a_table(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x, *y;
    tw_lstsq_result *fit = line(s, &x, &y);
    char *text = NULL;
    OK(tw_lstsq_result_summary(fit, NULL, &text));
    CHECK(text != NULL && strstr(text, "Adjusted R-squared") != NULL && strstr(text, "[0.025") != NULL);
    CHECK(text != NULL && strstr(text, "x0") != NULL && text[strlen(text) - 1] == '\n');
    tw_string_free(text);
    const char *names[] = {"dose"};
    tw_summary_options options = TW_SUMMARY_OPTIONS_INIT;
    options.names = names;
    options.name_count = 1;
    options.level = 0.9;
    text = NULL;
    OK(tw_lstsq_result_summary(fit, &options, &text));
    CHECK(text != NULL && strstr(text, "dose") != NULL && strstr(text, "[0.05") != NULL);
    tw_string_free(text);
    text = NULL;
    options.name_count = 2;
    FAILS(TW_ERROR_SHAPE, tw_lstsq_result_summary(fit, &options, &text));
    options.name_count = 1;
    options.level = 1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstsq_result_summary(fit, &options, &text));
    options.level = 0.9;
    names[0] = NULL;
    FAILS(TW_ERROR_NULL, tw_lstsq_result_summary(fit, &options, &text));
    names[0] = "\xff";
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstsq_result_summary(fit, &options, &text));
    FAILS(TW_ERROR_NULL, tw_lstsq_result_summary(fit, NULL, NULL));
    CHECK(text == NULL);
    tw_string_free(NULL);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void what_is_refused(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x, *y;
    tw_lstsq_result *fit = line(s, &x, &y);
    tw_tensor *four = VECTOR(s, 1, 2, 3, 4), *negative = VECTOR(s, 1, 1, -1, 1, 1);
    tw_robust_covariance_options options = TW_ROBUST_COVARIANCE_OPTIONS_INIT;
    options.kind = TW_ROBUST_HAC;
    options.lags = 5;
    double condition;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_lstsq_result_confidence_intervals(NULL, fit, 1));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_lstsq_result_confidence_intervals(NULL, fit, NAN));
    REFUSES(TW_ERROR_SHAPE, tw_lstsq_result_leverage(NULL, fit, four, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_lstsq_result_residuals(NULL, fit, x, four));
    REFUSES(TW_ERROR_SHAPE, tw_lstsq_result_leverage(NULL, fit, x, four));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_lstsq_result_leverage(NULL, fit, x, negative));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_lstsq_result_influence(NULL, fit, x, y, NULL, (tw_influence_kind)9));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_lstsq_result_prediction_errors(NULL, fit, x, NULL, (tw_interval_kind)9));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_lstsq_result_robust_covariance(NULL, fit, x, y, &options));
    options.kind = (tw_robust_covariance_kind)9;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_lstsq_result_robust_covariance(NULL, fit, x, y, &options));
    REFUSES(TW_ERROR_NULL, tw_lstsq_result_t_values(NULL, NULL));
    FAILS(TW_ERROR_NULL, tw_lstsq_result_condition_number(fit, NULL));
    FAILS(TW_ERROR_NULL, tw_lstsq_result_condition_number(NULL, &condition));
    tw_lstsq_result_free(fit);

    /* Weights that the fit had are needed again. */
    tw_lstsq_options weighted = TW_LSTSQ_OPTIONS_INIT;
    weighted.weights = VECTOR(s, 1, 2, 1, 2, 1);
    OK(tw_lstsq(x, y, &weighted, &fit));
    REFUSES_SAYING(TW_ERROR_INVALID_ARGUMENT, "weights", tw_lstsq_result_leverage(NULL, fit, x, NULL));
    VALUES(tw_sum(s, tw_lstsq_result_leverage(s, fit, x, weighted.weights), NULL, 0, false), 1e-13, 2);
    tw_lstsq_result_free(fit);

    /* Dependent columns: nothing is known off the rows that were fitted. */
    tw_tensor *twice = MATRIX(s, 5, 2, 1, 2, 2, 4, 3, 6, 4, 8, 5, 10);
    OK(tw_lstsq(twice, y, NULL, &fit));
    REFUSES(TW_ERROR_NUMERIC,
            tw_lstsq_result_prediction_intervals(NULL, fit, twice, NULL, TW_INTERVAL_CONFIDENCE, 0.95));
    VALUES(tw_lstsq_result_leverage(s, fit, twice, NULL), 1e-13, 0.6, 0.3, 0.2, 0.3, 0.6);
    VALUES(tw_lstsq_result_variance_inflation(s, fit), 0, INFINITY, INFINITY);
    OK(tw_lstsq_result_condition_number(fit, &condition));
    CHECK(isinf(condition));
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

int main(void) {
    RUN(figures_of_a_line);
    RUN(rows_of_a_line);
    RUN(a_table);
    RUN(what_is_refused);
    return check_report();
}
