/* A path of ridge penalties, tw_ridge_path of elastic_net.h: closed forms, criteria, errors. */
#include "check.h"

static tw_elastic_net_result *path_of(const tw_tensor *X, const tw_tensor *y, const tw_ridge_options *options) {
    tw_elastic_net_result *path = NULL;
    OK(tw_ridge_path(X, y, options, &path));
    return path;
}

static int64_t best_of(const tw_elastic_net_result *path) {
    int64_t best = -1;
    OK(tw_elastic_net_result_best(path, &best));
    return best;
}

static void one_column(void) {
    /* x = 1..5, y = 2, 4, 5, 4, 5: Sxx = 10, Sxy = 6, Syy = 6 about their means 3 and 4, so that b = 6 / (10 + l),
       rss = 6 - 12 b + 10 b^2, and the hat matrix has the diagonal 1/5 + (x - 3)^2 / (10 + l). */
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 1, 2, 3, 4, 5), *y = VECTOR(s, 2, 4, 5, 4, 5);
    const double penalties[] = {2, 50, 0};
    const double descending[] = {50, 2, 0}, from_mean[] = {-2, -1, 0, 1, 2}, rise[] = {-2, 0, 1, 0, 1};
    double b[3], gcv[3], left_out[3], intercepts[3], explained[3];
    for (int k = 0; k < 3; ++k) {
        b[k] = 6 / (10 + descending[k]);
        intercepts[k] = 4 - 3 * b[k];
        const double rss = 6 - 12 * b[k] + 10 * b[k] * b[k], trace = 1 + 10 / (10 + descending[k]);
        explained[k] = 1 - rss / 6;
        gcv[k] = rss / 5 / ((1 - trace / 5) * (1 - trace / 5));
        left_out[k] = 0;
        for (int i = 0; i < 5; ++i) {
            const double hat = 0.2 + from_mean[i] * from_mean[i] / (10 + descending[k]);
            const double error = (rise[i] - b[k] * from_mean[i]) / (1 - hat);
            left_out[k] += error * error / 5;
        }
    }
    tw_ridge_options options = TW_RIDGE_OPTIONS_INIT;
    options.penalties = penalties;
    options.penalty_count = 3;
    for (int criterion = TW_RIDGE_GCV; criterion <= TW_RIDGE_LEAVE_ONE_OUT; ++criterion) {
        options.criterion = (tw_ridge_criterion)criterion;
        tw_elastic_net_result *path = path_of(x, y, &options);
        const double *errors = criterion == TW_RIDGE_GCV ? gcv : left_out;
        int64_t count = 0, within = -1;
        tw_stop_reason reason = TW_STOP_TOLERANCE;
        VALUES_AT(tw_elastic_net_result_penalties(s, path), 0, descending, 3);
        SHAPE(tw_elastic_net_result_coefficients(s, path), 3, 1);
        VALUES_AT(tw_elastic_net_result_coefficients(s, path), 1e-13, b, 3);
        VALUES_AT(tw_elastic_net_result_intercepts(s, path), 1e-13, intercepts, 3);
        VALUES_AT(tw_elastic_net_result_errors(s, path), 1e-12, errors, 3);
        VALUES_AT(tw_elastic_net_result_r_squared(s, path), 1e-12, explained, 3);
        VALUES(tw_elastic_net_result_gaps(s, path), 0, 0, 0, 0);
        VALUES(tw_elastic_net_result_iterations(s, path), 0, 0, 0, 0);
        VALUES(tw_elastic_net_result_predict(s, path, VECTOR(s, 3, 10), 2), 1e-12, 4, 8.2);
        int least = 0;
        for (int k = 1; k < 3; ++k)
            if (errors[k] < errors[least]) least = k;
        CHECK(best_of(path) == least);
        OK(tw_elastic_net_result_best_within_error(path, &within));
        OK(tw_elastic_net_result_count(path, &count));
        OK(tw_elastic_net_result_stop_reason(path, &reason));
        CHECK(within == least && count == 3 && reason == TW_STOP_CLOSED_FORM);
        REFUSES(TW_ERROR_INDEX, tw_elastic_net_result_predict(s, path, x, 3));
        tw_elastic_net_result_free(path);
    }
    tw_scope_free(s);
}

static void folds(void) {
    /* Rows 0 and 3, 1 and 4, 2 and 5 left out of y = x: without a penalty the line itself; with a great one the mean
       of the rest, which misses by as much as the centre of the rest lies away. */
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 1, 2, 3, 4, 5, 6), *y = VECTOR(s, 1, 2, 3, 4, 5, 6);
    const double penalties[] = {1e14, 0};
    tw_ridge_options options = TW_RIDGE_OPTIONS_INIT;
    options.penalties = penalties;
    options.penalty_count = 2;
    options.criterion = TW_RIDGE_FOLDS;
    options.fold_of_row = INTEGERS(s, 0, 1, 2, 0, 1, 2);
    tw_elastic_net_result *path = path_of(x, y, &options);
    /* Means of the rest 4, 3.5, 3: squares (9 + 0) / 2, (2.25 + 2.25) / 2, (0 + 9) / 2. */
    const double mean = (4.5 + 2.25 + 4.5) / 3;
    const double error = sqrt((2 * (4.5 - mean) * (4.5 - mean) + (2.25 - mean) * (2.25 - mean)) / 2 / 3);
    VALUES(tw_elastic_net_result_errors(s, path), 1e-9, mean, 0);
    VALUES(tw_elastic_net_result_error_standard_errors(s, path), 1e-9, error, 0);
    CHECK(best_of(path) == 1);
    tw_elastic_net_result_free(path);
    /* Dealt by a seed: the same again by the same, and as many folds as there are rows leave one out each. */
    options.fold_of_row = NULL;
    options.folds = 6;
    options.seed = 3;
    path = path_of(x, VECTOR(s, 1, 2, 4, 4, 5, 7), &options);
    options.criterion = TW_RIDGE_LEAVE_ONE_OUT;
    tw_elastic_net_result *each = path_of(x, VECTOR(s, 1, 2, 4, 4, 5, 7), &options);
    double expected[2];
    OK(tw_tensor_to_double(tw_elastic_net_result_errors(s, each), expected, 2));
    VALUES_AT(tw_elastic_net_result_errors(s, path), 1e-8, expected, 2);
    tw_elastic_net_result_free(path);
    tw_elastic_net_result_free(each);
    tw_scope_free(s);
}

static void shapes_of_every_kind(void) {
    /* Columns of [1 0; 0 2] without an intercept: y_j x_j / (x_j^2 + l); weights count rows again; standardised columns
       have a penalty in units of their deviations. */
    tw_scope *s = tw_scope_new();
    const double one = 1;
    tw_ridge_options options = TW_RIDGE_OPTIONS_INIT;
    options.penalties = &one;
    options.penalty_count = 1;
    options.intercept = false;
    tw_elastic_net_result *path = path_of(MATRIX(s, 2, 2, 1, 0, 0, 2), VECTOR(s, 3, 4), &options);
    VALUES(tw_elastic_net_result_coefficients(s, path), 1e-13, 1.5, 1.6);
    VALUES(tw_elastic_net_result_intercepts(s, path), 0, 0);
    tw_elastic_net_result_free(path);
    options.weights = VECTOR(s, 3, 1);
    path = path_of(MATRIX(s, 2, 2, 1, 0, 0, 2), VECTOR(s, 3, 4), &options);
    VALUES(tw_elastic_net_result_coefficients(s, path), 1e-13, 9.0 / 4, 1.6);
    tw_elastic_net_result_free(path);
    /* More columns than rows: the one with the shortest coefficients, x (x x' + l)^-1 y = [3 4] 50 / 26. */
    options.weights = NULL;
    path = path_of(MATRIX(s, 1, 2, 3, 4), VECTOR(s, 50), &options);
    VALUES(tw_elastic_net_result_coefficients(s, path), 1e-12, 150.0 / 26, 200.0 / 26);
    tw_elastic_net_result_free(path);
    /* x = 1..5 has the variance 2: of x over its deviation, Sxx = 5, so b = 6 / (10 + 2 l). */
    options.intercept = true;
    options.standardize = true;
    path = path_of(VECTOR(s, 1, 2, 3, 4, 5), VECTOR(s, 2, 4, 5, 4, 5), &options);
    VALUES(tw_elastic_net_result_coefficients(s, path), 1e-13, 6.0 / 12);
    tw_elastic_net_result_free(path);
    /* By default from the square of the greatest singular value on down, evenly by logarithms. */
    path = path_of(VECTOR(s, 1, 2, 3, 4, 5), VECTOR(s, 2, 4, 5, 4, 5), NULL);
    double penalties[100];
    OK(tw_tensor_to_double(tw_elastic_net_result_penalties(s, path), penalties, 100));
    NEAR(penalties[0], 10, 1e-12);
    NEAR(penalties[99], 1e-7, 1e-18);
    NEAR(penalties[50] / penalties[49], pow(1e-8, 1.0 / 99), 1e-12);
    tw_elastic_net_result_free(path);
    /* float32 stays. */
    path = path_of(tw_ones(s, SIZES(3, 2), TW_FLOAT32), tw_ones(s, SIZES(3), TW_FLOAT32), NULL);
    CHECK(dtype_of(tw_elastic_net_result_coefficients(s, path)) == TW_FLOAT32);
    CHECK(dtype_of(tw_elastic_net_result_errors(s, path)) == TW_FLOAT64);
    tw_elastic_net_result_free(path);
    tw_scope_free(s);
}

static void refusals(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 1, 2, 3), *y = VECTOR(s, 1, 2, 4);
    tw_elastic_net_result *path = NULL;
    FAILS(TW_ERROR_NULL, tw_ridge_path(NULL, y, NULL, &path));
    FAILS(TW_ERROR_NULL, tw_ridge_path(x, NULL, NULL, &path));
    FAILS(TW_ERROR_NULL, tw_ridge_path(x, y, NULL, NULL));
    FAILS(TW_ERROR_SHAPE, tw_ridge_path(x, VECTOR(s, 1, 2), NULL, &path));
    FAILS(TW_ERROR_NUMERIC, tw_ridge_path(VECTOR(s, 1, NAN, 3), y, NULL, &path));
    FAILS(TW_ERROR_NUMERIC, tw_ridge_path(x, VECTOR(s, 1, INFINITY, 3), NULL, &path));
    const double wrong[] = {-1, NAN, INFINITY};
    for (int i = 0; i < 3; ++i) {
        tw_ridge_options options = TW_RIDGE_OPTIONS_INIT;
        options.penalties = &wrong[i];
        options.penalty_count = 1;
        FAILS(TW_ERROR_INVALID_ARGUMENT, tw_ridge_path(x, y, &options, &path));
    }
    tw_ridge_options options = TW_RIDGE_OPTIONS_INIT;
    options.penalty_count = 0;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_ridge_path(x, y, &options, &path));
    options.penalty_count = INT64_MAX;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_ridge_path(x, y, &options, &path));
    options.penalty_count = 10;
    options.penalty_ratio = 0;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_ridge_path(x, y, &options, &path));
    options.penalty_ratio = 1e-3;
    options.criterion = (tw_ridge_criterion)9;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_ridge_path(x, y, &options, &path));
    options.criterion = TW_RIDGE_FOLDS;
    options.folds = 1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_ridge_path(x, y, &options, &path));
    options.criterion = TW_RIDGE_GCV;
    options.weights = VECTOR(s, 1, -1, 1);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_ridge_path(x, y, &options, &path));
    options.weights = NULL;
    options.struct_size = 4;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_ridge_path(x, y, &options, &path));
    CHECK(path == NULL);
    tw_scope_free(s);
}

int main(void) {
    RUN(one_column);
    RUN(folds);
    RUN(shapes_of_every_kind);
    RUN(refusals);
    return check_report();
}
