/* Total least squares, total.h, and generalised least squares: closed forms, errors. */
#include "check.h"

static void a_line_of_least_distances(void) {
    /* Points of a cross: (+-3, +-3) along the diagonal, (1, -1) and (-1, 1) across it. */
    tw_scope *s = tw_scope_new();
    tw_total_result *fit = NULL;
    OK(tw_total_least_squares(VECTOR(s, 3, -3, 1, -1), VECTOR(s, 4, -2, 0, 2), NULL, &fit));
    VALUES(tw_total_result_coefficients(s, fit), 1e-14, 1);
    NEAR(item(tw_total_result_intercept(s, fit)), 1, 1e-14);
    VALUES(tw_total_result_singular_values(s, fit), 1e-14, 6, 2);
    double norm = 0;
    int64_t rank = 0;
    OK(tw_total_result_correction_norm(fit, &norm));
    OK(tw_total_result_rank(fit, &rank));
    NEAR(norm, 2, 1e-14);
    CHECK(rank == 1);
    VALUES(tw_total_result_predict(s, fit, VECTOR(s, 10, 20)), 1e-13, 11, 21);
    tw_total_result_free(fit);
    tw_scope_free(s);
}

static void exact_columns_and_targets(void) {
    /* With every column exact it is least squares. */
    tw_scope *s = tw_scope_new();
    tw_tensor *X = MATRIX(s, 4, 2, 1, 0, 1, 1, 1, 2, 1, 4), *Y = MATRIX(s, 4, 2, 1, 2, 3, 1, 2, 0, 5, -3);
    tw_total_options options = TW_TOTAL_OPTIONS_INIT;
    options.intercept = false;
    options.exact_columns = 2;
    tw_total_result *fit = NULL;
    OK(tw_total_least_squares(X, Y, &options, &fit));
    tw_lstsq_options plain = TW_LSTSQ_OPTIONS_INIT;
    plain.intercept = false;
    tw_lstsq_result *same = NULL;
    OK(tw_lstsq(X, Y, &plain, &same));
    double b[4] = {0};
    OK(tw_tensor_to_double(tw_lstsq_result_coefficients(s, same), b, 4));
    VALUES_AT(tw_total_result_coefficients(s, fit), 1e-13, b, 4);
    SHAPE(tw_total_result_coefficients(s, fit), 2, 2);
    SHAPE(tw_total_result_singular_values(s, fit), 2);
    tw_lstsq_result_free(same);
    tw_total_result_free(fit);
    tw_scope_free(s);
}

static void what_is_refused(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 1, 0, 0), *y = VECTOR(s, 0, 2, 0);
    tw_total_options options = TW_TOTAL_OPTIONS_INIT;
    tw_total_result *fit = NULL;
    options.intercept = false;
    FAILS_SAYING(TW_ERROR_NUMERIC, "no solution", tw_total_least_squares(x, y, &options, &fit));
    FAILS(TW_ERROR_NULL, tw_total_least_squares(NULL, y, NULL, &fit));
    FAILS(TW_ERROR_NULL, tw_total_least_squares(x, y, NULL, NULL));
    FAILS(TW_ERROR_SHAPE, tw_total_least_squares(x, VECTOR(s, 1, 2), NULL, &fit));
    FAILS(TW_ERROR_SHAPE, tw_total_least_squares(tw_zeros(s, SIZES(0, 1), TW_FLOAT64),
                                                 tw_zeros(s, SIZES(0), TW_FLOAT64), NULL, &fit));
    FAILS(TW_ERROR_NUMERIC, tw_total_least_squares(VECTOR(s, 1, NAN, 0), y, NULL, &fit));
    FAILS(TW_ERROR_NUMERIC, tw_total_least_squares(x, VECTOR(s, 1, INFINITY, 0), NULL, &fit));
    options.exact_columns = 2;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_total_least_squares(x, y, &options, &fit));
    options.exact_columns = 0;
    options.weights = VECTOR(s, 1, -1, 1);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_total_least_squares(x, y, &options, &fit));
    options.weights = VECTOR(s, 0, 0, 0);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_total_least_squares(x, y, &options, &fit));
    CHECK(fit == NULL);
    tw_total_result_free(NULL);
    tw_clear_last_error();
    tw_scope_free(s);
}

static void generalised(void) {
    /* The mean of correlated values: sum of the rows of S^-1 times y. S = [[2, 1], [1, 2]]: equal weights;
       S = [[1, 0], [0, 4]]: 4 to 1. */
    tw_scope *s = tw_scope_new();
    tw_tensor *ones = tw_ones(s, SIZES(2, 1), TW_FLOAT64), *y = VECTOR(s, 1, 6);
    tw_lstsq_result *fit = NULL;
    OK(tw_gls(ones, y, MATRIX(s, 2, 2, 2, 1, 1, 2), NULL, &fit));
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-14, 3.5);
    tw_lstsq_result_free(fit);
    OK(tw_gls(ones, y, VECTOR(s, 1, 4), NULL, &fit));
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-14, 2);
    /* ln L = -n/2 (ln(2 pi rss / n) + 1) - ln|S| / 2; rss = 1 + 16 / 4. */
    NEAR(item(tw_lstsq_result_rss(s, fit)), 5, 1e-14);
    NEAR(item(tw_lstsq_result_log_likelihood(s, fit)), -(log(5 * 3.14159265358979323846) + 1) - log(4) / 2, 1e-14);
    tw_lstsq_result_free(fit);
    VALUES(tw_whiten(s, VECTOR(s, 1, 4), y), 0, 1, 3);
    fit = NULL;
    FAILS_SAYING(TW_ERROR_NUMERIC, "positive definite", tw_gls(ones, y, MATRIX(s, 2, 2, 1, 2, 2, 1), NULL, &fit));
    FAILS(TW_ERROR_NUMERIC, tw_gls(ones, y, VECTOR(s, 1, 0), NULL, &fit));
    FAILS(TW_ERROR_NUMERIC, tw_gls(ones, y, VECTOR(s, 1, NAN), NULL, &fit));
    FAILS(TW_ERROR_SHAPE, tw_gls(ones, y, VECTOR(s, 1, 1, 1), NULL, &fit));
    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "intercept", tw_gls(ones, y, VECTOR(s, 1, 1), &options, &fit));
    REFUSES(TW_ERROR_SHAPE, tw_whiten(s, tw_zeros(s, SIZES(0), TW_FLOAT64), tw_zeros(s, SIZES(0), TW_FLOAT64)));
    CHECK(fit == NULL);
    tw_scope_free(s);
}

int main(void) {
    RUN(a_line_of_least_distances);
    RUN(exact_columns_and_targets);
    RUN(what_is_refused);
    RUN(generalised);
    return check_report();
}
