/* Least squares under constraints, constrained.h: closed forms, conditions of an optimum, errors. */
#include "check.h"

static tw_constrained_options plain(void) {
    tw_constrained_options options = TW_CONSTRAINED_OPTIONS_INIT;
    options.intercept = false;
    return options;
}

static tw_stop_reason reason_of(const tw_constrained_result *fit) {
    tw_stop_reason reason = TW_STOP_CALLBACK;
    OK(tw_constrained_result_stop_reason(fit, &reason));
    return reason;
}

static void non_negative(void) {
    /* Of the identity the solution is the positive part of y; the rest is the residual, and pushes. */
    tw_scope *s = tw_scope_new();
    tw_constrained_options options = plain();
    options.lower = tw_scalar(s, 0, TW_FLOAT64);
    tw_constrained_result *fit = NULL;
    OK(tw_constrained_lstsq(tw_eye(s, 3, 3, TW_FLOAT64), VECTOR(s, 3, -1, 2), &options, &fit));
    VALUES(tw_constrained_result_coefficients(s, fit), 0, 3, 0, 2);
    VALUES(tw_constrained_result_active(s, fit), 0, 0, -1, 0);
    VALUES(tw_constrained_result_bound_multipliers(s, fit), 1e-15, 0, 1, 0);
    NEAR(item(tw_constrained_result_rss(s, fit)), 1, 1e-15);
    NEAR(item(tw_constrained_result_optimality(s, fit)), 0, 1e-15);
    CHECK(reason_of(fit) == TW_STOP_TOLERANCE);
    int64_t iterations = 0;
    OK(tw_constrained_result_iterations(fit, &iterations));
    CHECK(iterations >= 1 && iterations <= 3);
    CHECK(dtype_of(tw_constrained_result_active(s, fit)) == TW_INT64);
    VALUES(tw_constrained_result_predict(s, fit, MATRIX(s, 1, 3, 1, 1, 1)), 1e-15, 5);
    tw_constrained_result_free(fit);
    tw_scope_free(s);
}

static void bounds_of_each(void) {
    /* y = 2 x with a slope of at most 1.5 and an intercept: (7 - 1.5 * 2.5) over what is left. A fixed one stays. */
    tw_scope *s = tw_scope_new();
    tw_constrained_options options = TW_CONSTRAINED_OPTIONS_INIT;
    options.upper = VECTOR(s, 1.5, 4);
    options.lower = VECTOR(s, -INFINITY, 4);
    tw_constrained_result *fit = NULL;
    OK(tw_constrained_lstsq(MATRIX(s, 4, 2, 1, 0, 2, 0, 3, 0, 4, 0), VECTOR(s, 2, 4, 6, 8), &options, &fit));
    VALUES(tw_constrained_result_coefficients(s, fit), 0, 1.5, 4);
    NEAR(item(tw_constrained_result_intercept(s, fit)), 5 - 1.5 * 2.5, 1e-14);
    VALUES(tw_constrained_result_active(s, fit), 0, 1, -1);
    /* Half the squares about the mean, 0.5^2 * 5 / 2, fall with the bound by 0.5 * 5. */
    VALUES(tw_constrained_result_bound_multipliers(s, fit), 1e-14, -2.5, 0);
    tw_constrained_result_free(fit);
    tw_scope_free(s);
}

static void equalities(void) {
    /* The nearest point to (1, 2, 6) whose coordinates add up to 3: each less by 2, which is the multiplier. */
    tw_scope *s = tw_scope_new();
    tw_constrained_options options = plain();
    options.equality_matrix = tw_ones(s, SIZES(1, 3), TW_FLOAT64);
    options.equality_values = VECTOR(s, 3);
    tw_constrained_result *fit = NULL;
    tw_tensor *unit = tw_eye(s, 3, 3, TW_FLOAT64);
    OK(tw_constrained_lstsq(unit, VECTOR(s, 1, 2, 6), &options, &fit));
    VALUES(tw_constrained_result_coefficients(s, fit), 1e-15, -1, 0, 4);
    VALUES(tw_constrained_result_equality_multipliers(s, fit), 1e-15, 2);
    NEAR(item(tw_constrained_result_rss(s, fit)), 12, 1e-15);
    CHECK(reason_of(fit) == TW_STOP_CLOSED_FORM);
    tw_constrained_result_free(fit);
    /* And not negative: (0, 0, 3), where the multipliers are 3 and 2, 1. */
    options.lower = tw_scalar(s, 0, TW_FLOAT64);
    OK(tw_constrained_lstsq(unit, VECTOR(s, 1, 2, 6), &options, &fit));
    VALUES(tw_constrained_result_coefficients(s, fit), 1e-15, 0, 0, 3);
    VALUES(tw_constrained_result_equality_multipliers(s, fit), 1e-14, 3);
    VALUES(tw_constrained_result_bound_multipliers(s, fit), 1e-14, 2, 1, 0);
    tw_constrained_result_free(fit);
    tw_scope_free(s);
}

static void inequalities(void) {
    /* x1 <= x2 <= x3 nearest to (3, 1, 5): the first two are pooled. */
    tw_scope *s = tw_scope_new();
    tw_constrained_options options = plain();
    options.inequality_matrix = MATRIX(s, 2, 3, 1, -1, 0, 0, 1, -1);
    options.inequality_values = VECTOR(s, 0, 0);
    tw_constrained_result *fit = NULL;
    OK(tw_constrained_lstsq(tw_eye(s, 3, 3, TW_FLOAT64), VECTOR(s, 3, 1, 5), &options, &fit));
    VALUES(tw_constrained_result_coefficients(s, fit), 1e-14, 2, 2, 5);
    VALUES(tw_constrained_result_inequality_multipliers(s, fit), 1e-14, 1, 0);
    tw_constrained_result_free(fit);
    tw_scope_free(s);
}

static void targets_weights_and_ridge(void) {
    tw_scope *s = tw_scope_new();
    tw_constrained_options options = plain();
    options.lower = tw_scalar(s, 0, TW_FLOAT64);
    options.weights = VECTOR(s, 1, 3, 0);
    options.ridge = 2;
    options.offset = MATRIX(s, 3, 2, 1, 1, 1, 1, 1, 1);
    tw_constrained_result *fit = NULL;
    /* One column of ones: b = max(0, sum w (y - 1)) / (4 + 2). */
    OK(tw_constrained_lstsq(tw_ones(s, SIZES(3), TW_FLOAT64), MATRIX(s, 3, 2, 4, -4, 2, -2, 99, 99), &options, &fit));
    tw_tensor *b = tw_constrained_result_coefficients(s, fit);
    SHAPE(b, 2, 1);
    VALUES(b, 1e-15, 1, 0);
    VALUES(tw_constrained_result_rss(s, fit), 1e-14, 4, 52);
    VALUES(tw_constrained_result_bound_multipliers(s, fit), 1e-14, 0, 14);
    SHAPE(tw_constrained_result_intercept(s, fit), 2);
    SHAPE(tw_constrained_result_predict(s, fit, VECTOR(s, 1, 2)), 2, 2);
    tw_constrained_result_free(fit);
    tw_scope_free(s);
}

static void dependent_columns(void) {
    /* Two equal columns, one of zeros, more columns than rows. */
    tw_scope *s = tw_scope_new();
    tw_constrained_options options = plain();
    options.lower = tw_scalar(s, 0, TW_FLOAT64);
    tw_constrained_result *fit = NULL;
    OK(tw_constrained_lstsq(MATRIX(s, 2, 4, 1, 1, 0, -1, 2, 2, 0, 3), VECTOR(s, 3, 6), &options, &fit));
    double b[4] = {0};
    OK(tw_tensor_to_double(tw_constrained_result_coefficients(s, fit), b, 4));
    NEAR(b[0] + b[1], 3, 1e-14);
    CHECK(b[2] == 0 && fabs(b[3]) < 1e-14);
    NEAR(item(tw_constrained_result_rss(s, fit)), 0, 1e-28);
    tw_constrained_result_free(fit);
    tw_scope_free(s);
}

static void what_is_refused(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *X = MATRIX(s, 3, 2, 1, 2, 3, 4, 5, 7), *y = VECTOR(s, 1, 2, 3);
    tw_constrained_result *fit = NULL;
    FAILS(TW_ERROR_NULL, tw_constrained_lstsq(NULL, y, NULL, &fit));
    FAILS(TW_ERROR_NULL, tw_constrained_lstsq(X, y, NULL, NULL));
    FAILS(TW_ERROR_SHAPE, tw_constrained_lstsq(X, VECTOR(s, 1, 2), NULL, &fit));
    FAILS(TW_ERROR_SHAPE, tw_constrained_lstsq(tw_zeros(s, SIZES(0, 2), TW_FLOAT64),
                                               tw_zeros(s, SIZES(0), TW_FLOAT64), NULL, &fit));
    FAILS_SAYING(TW_ERROR_NUMERIC, "row 1, column 0",
                 tw_constrained_lstsq(MATRIX(s, 3, 2, 1, 2, NAN, 4, 5, 7), y, NULL, &fit));
    FAILS_SAYING(TW_ERROR_NUMERIC, "row 2", tw_constrained_lstsq(X, VECTOR(s, 1, 2, INFINITY), NULL, &fit));
    tw_constrained_options options = plain();
    options.lower = VECTOR(s, 0, 2);
    options.upper = VECTOR(s, 1, 1);
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "coefficient 1 has the bounds 2.0 and 1.0",
                 tw_constrained_lstsq(X, y, &options, &fit));
    options.upper = VECTOR(s, NAN, 1);
    FAILS(TW_ERROR_NUMERIC, tw_constrained_lstsq(X, y, &options, &fit));
    options.upper = VECTOR(s, 1, 1, 1);
    FAILS(TW_ERROR_SHAPE, tw_constrained_lstsq(X, y, &options, &fit));
    options = plain();
    options.equality_matrix = MATRIX(s, 2, 2, 1, 1, 2, 2);
    FAILS(TW_ERROR_NULL, tw_constrained_lstsq(X, y, &options, &fit));
    options.equality_values = VECTOR(s, 1, 2.5);
    FAILS_SAYING(TW_ERROR_NUMERIC, "contradict", tw_constrained_lstsq(X, y, &options, &fit));
    options.equality_values = VECTOR(s, 1);
    FAILS(TW_ERROR_SHAPE, tw_constrained_lstsq(X, y, &options, &fit));
    options.equality_values = VECTOR(s, -1, -2);
    options.lower = tw_scalar(s, 0, TW_FLOAT64);
    FAILS_SAYING(TW_ERROR_NUMERIC, "no coefficients meet", tw_constrained_lstsq(X, y, &options, &fit));
    options = plain();
    options.weights = VECTOR(s, 1, -1, 1);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_constrained_lstsq(X, y, &options, &fit));
    options.weights = VECTOR(s, 0, 0, 0);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_constrained_lstsq(X, y, &options, &fit));
    options = plain();
    options.ridge = -1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_constrained_lstsq(X, y, &options, &fit));
    options = plain();
    options.max_iterations = -1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_constrained_lstsq(X, y, &options, &fit));
    options = plain();
    options.tolerance = NAN;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_constrained_lstsq(X, y, &options, &fit));
    CHECK(fit == NULL);
    REFUSES(TW_ERROR_NULL, tw_constrained_result_coefficients(s, NULL));
    tw_constrained_result_free(NULL);
    tw_clear_last_error();
    tw_scope_free(s);
}

int main(void) {
    RUN(non_negative);
    RUN(bounds_of_each);
    RUN(equalities);
    RUN(inequalities);
    RUN(targets_weights_and_ridge);
    RUN(dependent_columns);
    RUN(what_is_refused);
    return check_report();
}
