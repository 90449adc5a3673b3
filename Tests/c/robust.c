/* Robust and quantile regression, robust.h: closed forms, outliers, errors. */
#include "check.h"

static void huber_of_a_mean(void) {
    /* Values -1, 0, 1, 10, scale 1, c = 2: the mean m solves sum of min(r, 2) = 0, with 10 at the limit:
       -3 m + 2 = 0. */
    tw_scope *s = tw_scope_new();
    tw_robust_options options = TW_ROBUST_OPTIONS_INIT;
    options.scale_estimate = TW_ROBUST_GIVEN;
    options.tuning = 2;
    tw_robust_result *fit = NULL;
    OK(tw_robust(tw_zeros(s, SIZES(4, 0), TW_FLOAT64), VECTOR(s, -1, 0, 1, 10), &options, &fit));
    NEAR(item(tw_robust_result_intercept(s, fit)), 2.0 / 3, 1e-8);
    VALUES(tw_robust_result_weights(s, fit), 1e-7, 1, 1, 1, 2 / (10 - 2.0 / 3));
    double objective = 0;
    OK(tw_robust_result_objective(fit, &objective));
    NEAR(objective, (25.0 / 9 + 4.0 / 9 + 1.0 / 9) / 2 + 2 * (28.0 / 3 - 1), 1e-8);
    tw_robust_result_free(fit);
    tw_scope_free(s);
}

static void where_none_is_cut_off_it_is_least_squares(void) {
    /* As in lstsq.c: 0.6 x + 2.2 with rss 2.4, s^2 = 0.8. */
    tw_scope *s = tw_scope_new();
    tw_robust_options options = TW_ROBUST_OPTIONS_INIT;
    options.scale_estimate = TW_ROBUST_GIVEN;
    options.scale = 2;
    tw_robust_result *fit = NULL;
    OK(tw_robust(VECTOR(s, 1, 2, 3, 4, 5), VECTOR(s, 2, 4, 5, 4, 5), &options, &fit));
    VALUES(tw_robust_result_coefficients(s, fit), 1e-12, 0.6);
    VALUES(tw_robust_result_standard_errors(s, fit), 1e-12, sqrt(0.08));
    NEAR(item(tw_robust_result_intercept_standard_error(s, fit)), sqrt(0.88), 1e-12);
    double scale = 0, objective = 0;
    int64_t rank = 0, iterations = 0;
    OK(tw_robust_result_scale(fit, &scale));
    OK(tw_robust_result_objective(fit, &objective));
    OK(tw_robust_result_rank(fit, &rank));
    OK(tw_robust_result_iterations(fit, &iterations));
    NEAR(scale, 2, 0);
    NEAR(objective, 1.2, 1e-12);
    CHECK(rank == 1 && iterations >= 1 && iterations <= 3);
    tw_robust_result_free(fit);
    /* The median magnitude over 0.6745 (the normal distribution's third quartile): of 0.2, 0.6, 0.6, 0.8, 1. */
    options = (tw_robust_options)TW_ROBUST_OPTIONS_INIT;
    options.tuning = 100;
    OK(tw_robust(VECTOR(s, 1, 2, 3, 4, 5), VECTOR(s, 2, 4, 5, 4, 5), &options, &fit));
    OK(tw_robust_result_scale(fit, &scale));
    NEAR(scale, 0.6 / 0.6744897501960817, 1e-12);
    tw_robust_result_free(fit);
    tw_scope_free(s);
}

static void a_column_of_a_table(void) {
    /* Whose numbers do not lie side by side: slopes of pairs 1, 1.5, 3, 2, 4, 6; y - 2.5 x is -0.5, -2, -2.5, 1. */
    tw_scope *s = tw_scope_new();
    tw_tensor *table = MATRIX(s, 4, 2, 1, 2, 2, 3, 3, 5, 4, 11);
    tw_tensor *x = tw_select(s, table, 1, 0), *y = tw_select(s, table, 1, 1);
    tw_robust_result *fit = NULL, *same = NULL;
    OK(tw_theil_sen(x, y, NULL, &fit));
    VALUES(tw_robust_result_coefficients(s, fit), 1e-14, 2.5);
    NEAR(item(tw_robust_result_intercept(s, fit)), -1.25, 1e-14);
    OK(tw_theil_sen(tw_copy(s, x), tw_copy(s, y), NULL, &same));
    CHECK(same_bytes(tw_robust_result_coefficients(s, fit), tw_robust_result_coefficients(s, same)));
    tw_robust_result_free(fit);
    tw_robust_result_free(same);
    tw_scope_free(s);
}

static void huber_with_its_scale(void) {
    /* Values -1, 0, 1, 10, epsilon 1.35, with 10 alone beyond: the mean's equation gives m = 0.45 s, the scale's
       4 - 1.8225 = (2 + 3 m^2) / s^2, so s^2 = 2 / 1.57. */
    tw_scope *s = tw_scope_new();
    tw_huber_options options = TW_HUBER_OPTIONS_INIT;
    tw_robust_result *fit = NULL;
    OK(tw_huber(tw_zeros(s, SIZES(4, 0), TW_FLOAT64), VECTOR(s, -1, 0, 1, 10), &options, &fit));
    const double scale = sqrt(2 / 1.57), m = 0.45 * scale;
    double value = 0;
    OK(tw_robust_result_scale(fit, &value));
    NEAR(value, scale, 1e-9);
    NEAR(item(tw_robust_result_intercept(s, fit)), m, 1e-9);
    VALUES(tw_robust_result_weights(s, fit), 1e-9, 1, 1, 1, 1.35 * scale / (10 - m));
    OK(tw_robust_result_objective(fit, &value));
    NEAR(value, 4 * scale + (2 + 3 * m * m) / scale + 2.7 * (10 - m) - 1.8225 * scale, 1e-9);
    tw_robust_result_free(fit);
    fit = NULL;
    options.epsilon = 0.9;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_huber(VECTOR(s, 1, 2, 3), VECTOR(s, 1, 2, 4), &options, &fit));
    options.epsilon = 1.35;
    options.weights = VECTOR(s, 0, 0, 0);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_huber(VECTOR(s, 1, 2, 3), VECTOR(s, 1, 2, 4), &options, &fit));
    FAILS(TW_ERROR_NUMERIC, tw_huber(VECTOR(s, 1, NAN, 3), VECTOR(s, 1, 2, 4), NULL, &fit));
    FAILS(TW_ERROR_SHAPE, tw_huber(VECTOR(s, 1, 2, 3), VECTOR(s, 1, 2), NULL, &fit));
    FAILS(TW_ERROR_NULL, tw_huber(VECTOR(s, 1, 2, 3), NULL, NULL, &fit));
    CHECK(fit == NULL);
    tw_scope_free(s);
}

static void outliers_do_not_count(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 1, 2, 3, 4, 5, 6, 7, 8), *y = VECTOR(s, 3.1, 4.9, 7.2, 8.8, 11.1, 12.9, 90, 17.1);
    for (int loss = TW_ROBUST_HUBER; loss <= TW_ROBUST_HAMPEL; ++loss) {
        tw_robust_options options = TW_ROBUST_OPTIONS_INIT;
        options.loss = (tw_robust_loss)loss;
        tw_robust_result *fit = NULL;
        OK(tw_robust(x, y, &options, &fit));
        tw_stop_reason reason = TW_STOP_ITERATIONS;
        OK(tw_robust_result_stop_reason(fit, &reason));
        CHECK(reason == TW_STOP_TOLERANCE);
        CHECK(fabs(item(tw_robust_result_coefficients(s, fit)) - 2) < 0.1);
        CHECK(fabs(item(tw_robust_result_intercept(s, fit)) - 1) < 0.3);
        tw_robust_result_free(fit);
    }
    tw_robust_result *fit = NULL;
    tw_ransac_options options = TW_RANSAC_OPTIONS_INIT;
    options.threshold = 0.6;
    OK(tw_ransac(x, y, &options, &fit));
    VALUES(tw_robust_result_weights(s, fit), 0, 1, 1, 1, 1, 1, 1, 0, 1);
    tw_robust_result_free(fit);
    OK(tw_theil_sen(x, y, NULL, &fit));
    CHECK(fabs(item(tw_robust_result_coefficients(s, fit)) - 2) < 0.1);
    tw_robust_result_free(fit);
    tw_scope_free(s);
}

static void quantiles_go_through_rows(void) {
    /* Without columns, order statistics: of 1, 2, 3, 5, 9 the median and the second smallest (quantile 0.3). */
    tw_scope *s = tw_scope_new();
    tw_tensor *none = tw_zeros(s, SIZES(5, 0), TW_FLOAT64), *y = VECTOR(s, 5, 1, 9, 2, 3);
    tw_robust_result *fit = NULL;
    OK(tw_quantile_regression(none, y, NULL, &fit));
    NEAR(item(tw_robust_result_intercept(s, fit)), 3, 1e-14);
    tw_robust_result_free(fit);
    tw_quantile_options options = TW_QUANTILE_OPTIONS_INIT;
    options.quantile = 0.3;
    OK(tw_quantile_regression(none, y, &options, &fit));
    NEAR(item(tw_robust_result_intercept(s, fit)), 2, 1e-14);
    tw_robust_result_free(fit);
    /* Two lines' worth of rows on y = 2 x and one far off: the median line is y = 2 x. */
    OK(tw_quantile_regression(VECTOR(s, 1, 2, 3, 4), VECTOR(s, 2, 4, 60, 8), NULL, &fit));
    VALUES(tw_robust_result_coefficients(s, fit), 1e-12, 2);
    NEAR(item(tw_robust_result_intercept(s, fit)), 0, 1e-11);
    VALUES(tw_robust_result_predict(s, fit, VECTOR(s, 10)), 1e-11, 20);
    tw_robust_result_free(fit);
    tw_scope_free(s);
}

static int stop_at_once(void *context, const tw_robust_progress *progress) {
    (void)context;
    return progress->iteration == 1 && progress->scale > 0;
}

static void what_is_refused(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 1, 2, 3), *y = VECTOR(s, 0, 1, 5);
    tw_robust_result *fit = NULL;
    FAILS(TW_ERROR_NULL, tw_robust(NULL, y, NULL, &fit));
    FAILS(TW_ERROR_SHAPE, tw_quantile_regression(x, VECTOR(s, 1), NULL, &fit));
    FAILS(TW_ERROR_NUMERIC, tw_ransac(x, VECTOR(s, 1, NAN, 2), NULL, &fit));
    tw_robust_options options = TW_ROBUST_OPTIONS_INIT;
    options.loss = (tw_robust_loss)9;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_robust(x, y, &options, &fit));
    options.loss = TW_ROBUST_HUBER;
    options.weights = VECTOR(s, 1, -1, 1);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_robust(x, y, &options, &fit));
    tw_quantile_options quantile = TW_QUANTILE_OPTIONS_INIT;
    quantile.quantile = NAN;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_quantile_regression(x, y, &quantile, &fit));
    tw_ransac_options ransac = TW_RANSAC_OPTIONS_INIT;
    ransac.sample_size = -2;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_ransac(x, y, &ransac, &fit));
    tw_theil_sen_options theil_sen = TW_THEIL_SEN_OPTIONS_INIT;
    theil_sen.max_subsets = INT64_MAX;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_theil_sen(x, y, &theil_sen, &fit));
    CHECK(fit == NULL);
    options.weights = NULL;
    options.callback = stop_at_once;
    OK(tw_robust(x, y, &options, &fit));
    tw_stop_reason reason = TW_STOP_TOLERANCE;
    OK(tw_robust_result_stop_reason(fit, &reason));
    CHECK(reason == TW_STOP_CALLBACK);
    REFUSES(TW_ERROR_SHAPE, tw_robust_result_predict(NULL, fit, MATRIX(s, 1, 2, 1, 2)));
    tw_robust_result_free(fit);
    tw_robust_result_free(NULL);
    tw_scope_free(s);
}

int main(void) {
    RUN(huber_of_a_mean);
    RUN(where_none_is_cut_off_it_is_least_squares);
    RUN(a_column_of_a_table);
    RUN(huber_with_its_scale);
    RUN(outliers_do_not_count);
    RUN(quantiles_go_through_rows);
    RUN(what_is_refused);
    return check_report();
}
