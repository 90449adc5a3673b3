/* Least squares in closed form, on problems small enough to solve by hand. */
#include "check.h"

static tw_lstsq_result *fit_of(const tw_tensor *X, const tw_tensor *y, const tw_lstsq_options *options) {
    tw_lstsq_result *fit = NULL;
    OK(tw_lstsq(X, y, options, &fit));
    return fit;
}

static void a_line(void) {
    /* x = 1..5, y = 2, 4, 5, 4, 5: means 3 and 4, Sxx = 10, Sxy = 6, Syy = 6. Slope 0.6,
       intercept 4 - 1.8; rss = 6 - 0.36 * 10 = 2.4, s^2 = 2.4 / 3 = 0.8; standard errors
       sqrt(0.8 / 10) and sqrt(0.8 (1/5 + 9/10)); R^2 = 1 - 2.4 / 6. */
    tw_scope *s = tw_scope_new();
    tw_lstsq_result *fit = fit_of(VECTOR(s, 1, 2, 3, 4, 5), VECTOR(s, 2, 4, 5, 4, 5), NULL);
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-14, 0.6);
    tw_tensor *intercept = tw_lstsq_result_intercept(s, fit);
    SCALAR_SHAPE(intercept);
    NEAR(item(intercept), 2.2, 1e-14);
    VALUES(tw_lstsq_result_standard_errors(s, fit), 1e-14, sqrt(0.08));
    NEAR(item(tw_lstsq_result_intercept_standard_error(s, fit)), sqrt(0.88), 1e-14);
    NEAR(item(tw_lstsq_result_rss(s, fit)), 2.4, 1e-14);
    NEAR(item(tw_lstsq_result_r_squared(s, fit)), 0.6, 1e-14);
    int64_t rank = 0, degrees = 0, iterations = 5;
    tw_stop_reason reason = TW_STOP_ITERATIONS;
    double condition = 0;
    OK(tw_lstsq_result_rank(fit, &rank));
    OK(tw_lstsq_result_degrees_of_freedom(fit, &degrees));
    OK(tw_lstsq_result_iterations(fit, &iterations));
    OK(tw_lstsq_result_stop_reason(fit, &reason));
    OK(tw_lstsq_result_condition(fit, &condition));
    CHECK(rank == 1 && degrees == 3 && iterations == 0 && reason == TW_STOP_CLOSED_FORM);
    NEAR(condition, 1, 1e-12); /* one column */
    VALUES(tw_lstsq_result_predict(s, fit, VECTOR(s, 0, 10)), 1e-14, 2.2, 8.2);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void an_exact_plane(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *X = MATRIX(s, 5, 2, 1, 2, 2, 1, 3, 5, 4, 4, 0, 7), *y = VECTOR(s, 0, 5, 0, 5, -13);
    /* y = 3 x1 - 2 x2 + 1 */
    tw_lstsq_result *fit = fit_of(X, y, NULL);
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-13, 3, -2);
    NEAR(item(tw_lstsq_result_intercept(s, fit)), 1, 1e-13);
    NEAR(item(tw_lstsq_result_rss(s, fit)), 0, 1e-24);
    NEAR(item(tw_lstsq_result_r_squared(s, fit)), 1, 1e-15);
    VALUES(tw_lstsq_result_predict(s, fit, X), 1e-13, 0, 5, 0, 5, -13);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void without_an_intercept(void) {
    /* b = sum xy / sum xx = 66 / 55; rss = sum yy - b sum xy = 86 - 66^2 / 55; R^2 about 0. */
    tw_scope *s = tw_scope_new();
    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
    options.intercept = false;
    tw_lstsq_result *fit = fit_of(VECTOR(s, 1, 2, 3, 4, 5), VECTOR(s, 2, 4, 5, 4, 5), &options);
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-14, 1.2);
    NEAR(item(tw_lstsq_result_intercept(s, fit)), 0, 0);
    NEAR(item(tw_lstsq_result_rss(s, fit)), 86 - 66 * 66 / 55.0, 1e-13);
    NEAR(item(tw_lstsq_result_r_squared(s, fit)), 66 * 66 / 55.0 / 86, 1e-14);
    int64_t degrees = 0;
    OK(tw_lstsq_result_degrees_of_freedom(fit, &degrees));
    CHECK(degrees == 4);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void ridge(void) {
    /* Centred, one column: b = Sxy / (Sxx + ridge) = 6 / (10 + 5); the intercept is not
       penalised: 4 - 3 b. The sandwich: s^2 Sxx / (Sxx + ridge)^2. */
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 1, 2, 3, 4, 5), *y = VECTOR(s, 2, 4, 5, 4, 5);
    for (int method = TW_LSTSQ_QR; method <= TW_LSTSQ_CHOLESKY; ++method) {
        tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
        options.method = (tw_lstsq_method)method;
        options.ridge = 5;
        tw_lstsq_result *fit = fit_of(x, y, &options);
        VALUES(tw_lstsq_result_coefficients(s, fit), 1e-14, 0.4);
        NEAR(item(tw_lstsq_result_intercept(s, fit)), 2.8, 1e-14);
        double rss = 6 - 2 * 0.4 * 6 + 0.16 * 10; /* Syy - 2 b Sxy + b^2 Sxx */
        NEAR(item(tw_lstsq_result_rss(s, fit)), rss, 1e-13);
        VALUES(tw_lstsq_result_standard_errors(s, fit), 1e-13, sqrt(rss / 3 * 10 / 225));
        tw_lstsq_result_free(fit);
    }
    tw_scope_free(s);
}

static void weights_count_rows(void) {
    /* A weight of 2 is a row seen twice, a weight of 0 a row not seen. */
    tw_scope *s = tw_scope_new();
    tw_tensor *once = VECTOR(s, 1, 2, 3, 4, 50), *y = VECTOR(s, 1, 3, 2, 5, -70);
    for (int method = TW_LSTSQ_QR; method <= TW_LSTSQ_CHOLESKY; ++method) {
        tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT, plain = TW_LSTSQ_OPTIONS_INIT;
        options.method = plain.method = (tw_lstsq_method)method;
        options.weights = VECTOR(s, 1, 2, 1, 3, 0);
        tw_lstsq_result *weighted = fit_of(once, y, &options);
        tw_lstsq_result *repeated =
            fit_of(VECTOR(s, 1, 2, 2, 3, 4, 4, 4), VECTOR(s, 1, 3, 3, 2, 5, 5, 5), &plain);
        double slope = item(tw_lstsq_result_coefficients(s, repeated));
        /* means 20/7 and 24/7, Sxx = 62/7, Sxy = 73/7 */
        NEAR(slope, 73.0 / 62, 1e-14);
        VALUES(tw_lstsq_result_coefficients(s, weighted), 1e-13, slope);
        NEAR(item(tw_lstsq_result_intercept(s, weighted)), item(tw_lstsq_result_intercept(s, repeated)), 1e-13);
        NEAR(item(tw_lstsq_result_rss(s, weighted)), item(tw_lstsq_result_rss(s, repeated)), 1e-13);
        NEAR(item(tw_lstsq_result_r_squared(s, weighted)), item(tw_lstsq_result_r_squared(s, repeated)), 1e-13);
        tw_lstsq_result_free(weighted);
        tw_lstsq_result_free(repeated);
    }
    tw_scope_free(s);
}

static void several_targets(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *X = MATRIX(s, 5, 1, 1, 2, 3, 4, 5);
    tw_tensor *Y = tw_transpose(s, MATRIX(s, 2, 5, 2, 4, 5, 4, 5, 10, 20, 30, 40, 50), 0, 1);
    tw_lstsq_result *fit = fit_of(X, Y, NULL);
    tw_tensor *coefficients = tw_lstsq_result_coefficients(s, fit);
    SHAPE(coefficients, 2, 1);
    VALUES(coefficients, 1e-13, 0.6, 10);
    VALUES(tw_lstsq_result_intercept(s, fit), 1e-13, 2.2, 0);
    SHAPE(tw_lstsq_result_standard_errors(s, fit), 2, 1);
    SHAPE(tw_lstsq_result_rss(s, fit), 2);
    VALUES(tw_lstsq_result_r_squared(s, fit), 1e-13, 0.6, 1);
    tw_tensor *predicted = tw_lstsq_result_predict(s, fit, MATRIX(s, 1, 1, 10));
    SHAPE(predicted, 1, 2);
    VALUES(predicted, 1e-13, 8.2, 100);
    /* A target column of its own keeps its axis. */
    tw_lstsq_result *one = fit_of(X, MATRIX(s, 5, 1, 2, 4, 5, 4, 5), NULL);
    SHAPE(tw_lstsq_result_coefficients(s, one), 1, 1);
    SHAPE(tw_lstsq_result_intercept(s, one), 1);
    tw_lstsq_result_free(fit);
    tw_lstsq_result_free(one);
    tw_scope_free(s);
}

static void cholesky_agrees_with_qr(void) {
    tw_scope *s = tw_scope_new();
    tw_generator *g = NULL;
    OK(tw_generator_new(1, &g));
    tw_tensor *X = tw_random_normal(s, g, SIZES(200, 7), 1, 2, TW_FLOAT64);
    tw_tensor *y = tw_random_normal(s, g, SIZES(200, 3), 0, 1, TW_FLOAT64);
    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
    tw_lstsq_result *qr = fit_of(X, y, &options);
    options.method = TW_LSTSQ_CHOLESKY;
    tw_lstsq_result *cholesky = fit_of(X, y, &options);
    double a[21], b[21];
    OK(tw_tensor_to_double(tw_lstsq_result_coefficients(s, qr), a, 21));
    OK(tw_tensor_to_double(tw_lstsq_result_coefficients(s, cholesky), b, 21));
    for (int i = 0; i < 21; ++i) NEAR(a[i], b[i], 1e-13);
    OK(tw_tensor_to_double(tw_lstsq_result_standard_errors(s, qr), a, 21));
    OK(tw_tensor_to_double(tw_lstsq_result_standard_errors(s, cholesky), b, 21));
    for (int i = 0; i < 21; ++i) NEAR(a[i], b[i], 1e-13);
    /* The residuals of the minimum are orthogonal to the columns. */
    tw_tensor *residual = tw_subtract(s, y, tw_lstsq_result_predict(s, qr, X));
    tw_tensor *products = tw_matmul(s, tw_transpose(s, X, 0, 1), residual);
    NEAR(item(tw_max(s, tw_absolute(s, products), NULL, 0, false)), 0, 1e-10);
    tw_lstsq_result_free(qr);
    tw_lstsq_result_free(cholesky);
    tw_generator_free(g);
    tw_scope_free(s);
}

static void dependent_columns_share_the_weight(void) {
    /* x twice: of all b1 + b2 = 0.6 the shortest is (0.3, 0.3). */
    tw_scope *s = tw_scope_new();
    tw_tensor *X = MATRIX(s, 5, 2, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5), *y = VECTOR(s, 2, 4, 5, 4, 5);
    tw_lstsq_result *fit = fit_of(X, y, NULL);
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-13, 0.3, 0.3);
    NEAR(item(tw_lstsq_result_intercept(s, fit)), 2.2, 1e-13);
    int64_t rank = 0, degrees = 0;
    double condition = 0;
    OK(tw_lstsq_result_rank(fit, &rank));
    OK(tw_lstsq_result_degrees_of_freedom(fit, &degrees));
    OK(tw_lstsq_result_condition(fit, &condition));
    CHECK(rank == 1 && degrees == 3);
    CHECK(isinf(condition));
    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
    options.method = TW_LSTSQ_CHOLESKY;
    tw_lstsq_result *none = NULL;
    FAILS(TW_ERROR_NUMERIC, tw_lstsq(X, y, &options, &none));
    CHECK(none == NULL);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void the_rank_tolerance_is_an_option(void) {
    /* The second column is the first but for 1e-6 of it. */
    tw_scope *s = tw_scope_new();
    tw_tensor *X = MATRIX(s, 4, 2, 1, 1, 2, 2, 3, 3 + 3e-6, 4, 4), *y = VECTOR(s, 1, 2, 3, 5);
    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
    options.intercept = false;
    int64_t rank = 0;
    tw_lstsq_result *fit = fit_of(X, y, &options);
    OK(tw_lstsq_result_rank(fit, &rank));
    CHECK(rank == 2);
    tw_lstsq_result_free(fit);
    options.rank_tolerance = 1e-3;
    fit = fit_of(X, y, &options);
    OK(tw_lstsq_result_rank(fit, &rank));
    CHECK(rank == 1);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void condition_numbers(void) {
    tw_scope *s = tw_scope_new();
    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
    options.intercept = false;
    double condition = 0;
    /* Orthogonal columns of any length: scaled to norm 1 their condition is 1. */
    tw_lstsq_result *fit = fit_of(MATRIX(s, 3, 2, 1, 0, 0, 1000, 0, 0), VECTOR(s, 1, 2, 3), &options);
    OK(tw_lstsq_result_condition(fit, &condition));
    NEAR(condition, 1, 1e-12);
    tw_lstsq_result_free(fit);
    /* Two unit columns at the cosine c: sqrt((1 + c) / (1 - c)); an estimate, so within a factor. */
    double c = 0.9999, exact = sqrt((1 + c) / (1 - c));
    fit = fit_of(MATRIX(s, 3, 2, 1, c, 0, sqrt(1 - c * c), 0, 0), VECTOR(s, 1, 2, 3), &options);
    OK(tw_lstsq_result_condition(fit, &condition));
    CHECK(condition > exact / 3 && condition < exact * 3);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void dtypes_of_the_results(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = INTEGERS(s, 1, 2, 3, 4, 5), *y = INTEGERS(s, 2, 4, 5, 4, 5);
    tw_lstsq_result *fit = fit_of(x, y, NULL);
    CHECK(dtype_of(tw_lstsq_result_coefficients(s, fit)) == TW_FLOAT64);
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-14, 0.6);
    tw_lstsq_result_free(fit);
    fit = fit_of(tw_cast(s, x, TW_FLOAT32), tw_cast(s, y, TW_FLOAT32), NULL);
    CHECK(dtype_of(tw_lstsq_result_coefficients(s, fit)) == TW_FLOAT32);
    CHECK(dtype_of(tw_lstsq_result_rss(s, fit)) == TW_FLOAT32);
    /* Computed in float64, rounded once. */
    VALUES(tw_lstsq_result_coefficients(s, fit), 0, (double)0.6f);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void a_large_offset_costs_no_digits(void) {
    /* The line 2 x + 1 far from the origin, where x x' cancels. */
    tw_scope *s = tw_scope_new();
    tw_tensor *x = tw_add_scalar(s, tw_arange(s, 0, 10, 1, TW_FLOAT64), 1e8);
    tw_lstsq_result *fit = fit_of(x, tw_add_scalar(s, tw_multiply_scalar(s, x, 2), 1), NULL);
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-12, 2);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void a_result_holds_copies(void) {
    tw_scope *s = tw_scope_new();
    tw_lstsq_result *fit = fit_of(VECTOR(s, 1, 2, 3), VECTOR(s, 2, 4, 6), NULL);
    tw_scope_clear(s);
    tw_tensor *coefficients = tw_lstsq_result_coefficients(s, fit);
    tw_lstsq_result_free(fit);
    VALUES(coefficients, 1e-14, 2);
    tw_scope_free(s);
}

static void predicting_rows_that_do_not_fit(void) {
    tw_scope *s = tw_scope_new();
    tw_lstsq_result *fit = fit_of(MATRIX(s, 4, 2, 1, 2, 2, 1, 3, 5, 4, 4), VECTOR(s, 1, 2, 3, 4), NULL);
    REFUSES(TW_ERROR_SHAPE, tw_lstsq_result_predict(s, fit, MATRIX(s, 1, 3, 1, 2, 3)));
    REFUSES(TW_ERROR_NULL, tw_lstsq_result_predict(NULL, fit, NULL));
    tw_scope_reset(s);
    SHAPE(tw_lstsq_result_predict(s, fit, tw_zeros(s, SIZES(0, 2), TW_FLOAT64)), 0);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void by_singular_values(void) {
    /* Columns (3, 4, 0) and twice that: of (1, 2) t the shortest with |X b - y| least, t = (3 * 3 + 4 * 4) / 125. */
    tw_scope *s = tw_scope_new();
    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
    options.method = TW_LSTSQ_SVD;
    options.intercept = false;
    tw_tensor *X = MATRIX(s, 3, 2, 3, 6, 4, 8, 0, 0), *y = VECTOR(s, 3, 4, 7);
    tw_lstsq_result *fit = NULL;
    OK(tw_lstsq(X, y, &options, &fit));
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-15, 0.2, 0.4);
    VALUES(tw_lstsq_result_singular_values(s, fit), 1e-14, sqrt(125), 0);
    VALUES(tw_lstsq_result_standard_errors(s, fit), 0, NAN, NAN);
    NEAR(item(tw_lstsq_result_rss(s, fit)), 49, 1e-15);
    int64_t rank = 0;
    double condition = 0;
    OK(tw_lstsq_result_rank(fit, &rank));
    OK(tw_lstsq_result_condition(fit, &condition));
    CHECK(rank == 1 && isinf(condition));
    tw_lstsq_result_free(fit);
    /* More columns than rows. */
    OK(tw_lstsq(MATRIX(s, 1, 2, 3, 4), VECTOR(s, 50), &options, &fit));
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-15, 6, 8);
    VALUES(tw_lstsq_result_singular_values(s, fit), 1e-15, 5);
    tw_lstsq_result_free(fit);
    options.method = TW_LSTSQ_QR;
    OK(tw_lstsq(X, y, &options, &fit));
    REFUSES(TW_ERROR_STATE, tw_lstsq_result_singular_values(s, fit));
    tw_lstsq_result_free(fit);
    fit = NULL;
    options.method = TW_LSTSQ_SVD;
    FAILS(TW_ERROR_NUMERIC, tw_lstsq(X, VECTOR(s, 1, NAN, 2), &options, &fit));
    FAILS(TW_ERROR_NUMERIC, tw_lstsq(MATRIX(s, 1, 2, 3, INFINITY), VECTOR(s, 1), &options, &fit));
    options.rank_tolerance = 1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstsq(X, y, &options, &fit));
    CHECK(fit == NULL);
    tw_clear_last_error();
    tw_scope_free(s);
}

static void what_is_known_of_y(void) {
    tw_scope *s = tw_scope_new();
    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
    options.offset = VECTOR(s, 10, 20, 30);
    tw_tensor *x = VECTOR(s, 1, 2, 3), *y = VECTOR(s, 13, 25, 37);
    tw_lstsq_result *fit = NULL;
    for (int method = TW_LSTSQ_QR; method <= TW_LSTSQ_SVD; ++method) {
        if (method == TW_LSTSQ_GRADIENT_DESCENT) continue;
        options.method = (tw_lstsq_method)method;
        OK(tw_lstsq(x, y, &options, &fit));
        VALUES(tw_lstsq_result_coefficients(s, fit), 1e-14, 2);
        NEAR(item(tw_lstsq_result_intercept(s, fit)), 1, 1e-14);
        VALUES(tw_lstsq_result_predict(s, fit, VECTOR(s, 4)), 1e-14, 9);
        tw_lstsq_result_free(fit);
    }
    VALUES(y, 0, 13, 25, 37);
    fit = NULL;
    options.offset = VECTOR(s, 10, 20);
    FAILS_SAYING(TW_ERROR_SHAPE, "offset", tw_lstsq(x, y, &options, &fit));
    options.offset = VECTOR(s, 10, NAN, 30);
    FAILS_SAYING(TW_ERROR_NUMERIC, "offset has nan in row 1", tw_lstsq(x, y, &options, &fit));
    CHECK(fit == NULL);
    tw_scope_free(s);
}

int main(void) {
    RUN(a_line);
    RUN(an_exact_plane);
    RUN(without_an_intercept);
    RUN(ridge);
    RUN(weights_count_rows);
    RUN(several_targets);
    RUN(cholesky_agrees_with_qr);
    RUN(dependent_columns_share_the_weight);
    RUN(the_rank_tolerance_is_an_option);
    RUN(condition_numbers);
    RUN(dtypes_of_the_results);
    RUN(a_large_offset_costs_no_digits);
    RUN(a_result_holds_copies);
    RUN(predicting_rows_that_do_not_fit);
    RUN(by_singular_values);
    RUN(what_is_known_of_y);
    return check_report();
}
