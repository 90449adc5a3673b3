/* The lasso and the elastic net, elastic_net.h: closed forms, folds, errors. */
#include "check.h"

static tw_elastic_net_result *fit_of(const tw_tensor *X, const tw_tensor *y, const tw_elastic_net_options *options) {
    tw_elastic_net_result *fit = NULL;
    OK(tw_elastic_net(X, y, options, &fit));
    return fit;
}

static void one_column(void) {
    /* x = 1..5, y = 2, 4, 5, 4, 5 about their means: Sxx / n = 2, Sxy / n = 1.2. The lasso is
       (1.2 - l) / 2, the elastic net of one half (1.2 - l / 2) / (2 + l / 2). */
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 1, 2, 3, 4, 5), *y = VECTOR(s, 2, 4, 5, 4, 5);
    const double penalties[] = {0.2, 2, 0.6};
    for (int mode = TW_ELASTIC_NET_GRAM; mode <= TW_ELASTIC_NET_NAIVE; ++mode) {
        tw_elastic_net_options options = TW_ELASTIC_NET_OPTIONS_INIT;
        options.penalties = penalties;
        options.penalty_count = 3;
        options.mode = (tw_elastic_net_mode)mode;
        options.tolerance = 1e-14;
        tw_elastic_net_result *fit = fit_of(x, y, &options);
        VALUES(tw_elastic_net_result_penalties(s, fit), 0, 2, 0.6, 0.2);
        SHAPE(tw_elastic_net_result_coefficients(s, fit), 3, 1);
        VALUES(tw_elastic_net_result_coefficients(s, fit), 1e-12, 0, 0.3, 0.5);
        VALUES(tw_elastic_net_result_intercepts(s, fit), 1e-12, 4, 3.1, 2.5);
        VALUES(tw_elastic_net_result_predict(s, fit, VECTOR(s, 10), 2), 1e-12, 7.5);
        /* Syy = 6: what b leaves of it is 6 - 12 b + 10 b^2. */
        VALUES(tw_elastic_net_result_r_squared(s, fit), 1e-12, 0, 2.7 / 6, 3.5 / 6);
        double gaps[3], sweeps[3];
        OK(tw_tensor_to_double(tw_elastic_net_result_gaps(s, fit), gaps, 3));
        OK(tw_tensor_to_double(tw_elastic_net_result_iterations(s, fit), sweeps, 3));
        for (int k = 0; k < 3; ++k) CHECK(fabs(gaps[k]) < 1e-13 && sweeps[k] >= 0 && sweeps[k] < 20);
        CHECK(sweeps[2] >= 1);
        int64_t best = 0, count = 0;
        OK(tw_elastic_net_result_best(fit, &best));
        OK(tw_elastic_net_result_count(fit, &count));
        CHECK(best == 2 && count == 3);
        tw_elastic_net_result_free(fit);
        options.l1_ratio = 0.5;
        fit = fit_of(x, y, &options);
        VALUES(tw_elastic_net_result_coefficients(s, fit), 1e-12, 0.2 / 3, 0.9 / 2.3, 1.1 / 2.1);
        tw_elastic_net_result_free(fit);
        options.l1_ratio = 1;
        options.positive = true;
        fit = fit_of(x, tw_negative(s, y), &options);
        VALUES(tw_elastic_net_result_coefficients(s, fit), 0, 0, 0, 0);
        tw_elastic_net_result_free(fit);
    }
    tw_scope_free(s);
}

static void orthogonal_columns_are_thresholded(void) {
    /* X'X / n = 1: each coefficient is X'y / n = 2, -1 less the penalty, by itself; the path's first
       penalty is the greatest of these. */
    tw_scope *s = tw_scope_new();
    tw_tensor *X = MATRIX(s, 4, 2, 1, 1, 1, -1, -1, 1, -1, -1), *y = VECTOR(s, 1, 3, -3, -1);
    tw_elastic_net_options options = TW_ELASTIC_NET_OPTIONS_INIT;
    options.penalty_count = 3;
    options.penalty_ratio = 0.04;
    options.tolerance = 1e-14;
    tw_elastic_net_result *fit = fit_of(X, y, &options);
    VALUES(tw_elastic_net_result_penalties(s, fit), 1e-14, 2, 0.4, 0.08);
    VALUES(tw_elastic_net_result_coefficients(s, fit), 1e-12, 0, 0, 1.6, -0.6, 1.92, -0.92);
    tw_elastic_net_result_free(fit);
    tw_scope_free(s);
}

static int stop_at_second(void *context, const tw_elastic_net_progress *progress) {
    ++*(int *)context;
    CHECK(progress->count == 100);
    return progress->index == 1;
}

static void folds_and_callbacks(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 1, 2, 3, 4, 5, 6), *y = VECTOR(s, 1, 2, 3, 4, 5, 6);
    const double penalties[] = {1, 0};
    tw_elastic_net_options options = TW_ELASTIC_NET_OPTIONS_INIT;
    options.penalties = penalties;
    options.penalty_count = 2;
    options.fold_of_row = INTEGERS(s, 0, 1, 2, 0, 1, 2);
    options.tolerance = 1e-14;
    tw_elastic_net_result *fit = fit_of(x, y, &options);
    int64_t best = 5;
    OK(tw_elastic_net_result_best(fit, &best));
    CHECK(best == 1); /* the line itself */
    /* Without rows 0 and 3 the rest has Sxx / n = 2.5 about 4, so that the penalty 1 leaves 1 / 2.5 of a row's
       distance from there; and so on. */
    const double one = 9 * 0.16 / 2, two = 2.25 / 3.25 / 3.25, mean = (2 * one + two) / 3;
    const double error = sqrt((2 * (one - mean) * (one - mean) + (two - mean) * (two - mean)) / 2 / 3);
    VALUES(tw_elastic_net_result_errors(s, fit), 1e-12, mean, 0);
    VALUES(tw_elastic_net_result_error_standard_errors(s, fit), 1e-12, error, 0);
    OK(tw_elastic_net_result_best_within_error(fit, &best));
    CHECK(best == 1);
    tw_elastic_net_result_free(fit);
    tw_elastic_net_options path = TW_ELASTIC_NET_OPTIONS_INIT;
    int calls = 0;
    path.callback = stop_at_second;
    path.context = &calls;
    fit = fit_of(x, y, &path);
    tw_stop_reason reason = TW_STOP_TOLERANCE;
    OK(tw_elastic_net_result_stop_reason(fit, &reason));
    CHECK(reason == TW_STOP_CALLBACK && calls == 2);
    SHAPE(tw_elastic_net_result_coefficients(s, fit), 2, 1);
    tw_elastic_net_result_free(fit);
    tw_scope_free(s);
}

static void what_is_refused(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 1, 2, 3), *y = VECTOR(s, 0, 1, 2);
    tw_elastic_net_options options = TW_ELASTIC_NET_OPTIONS_INIT;
    tw_elastic_net_result *fit = NULL;
    FAILS(TW_ERROR_NULL, tw_elastic_net(NULL, y, NULL, &fit));
    FAILS(TW_ERROR_SHAPE, tw_elastic_net(x, VECTOR(s, 1), NULL, &fit));
    FAILS(TW_ERROR_NUMERIC, tw_elastic_net(x, VECTOR(s, 1, INFINITY, 2), NULL, &fit));
    options.l1_ratio = -1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_elastic_net(x, y, &options, &fit));
    options.l1_ratio = 1;
    options.penalty_count = INT64_MAX;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_elastic_net(x, y, &options, &fit));
    options.penalty_count = -1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_elastic_net(x, y, &options, &fit));
    options.penalty_count = 3;
    options.folds = 4;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_elastic_net(x, y, &options, &fit));
    options.folds = 0;
    options.mode = (tw_elastic_net_mode)7;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_elastic_net(x, y, &options, &fit));
    CHECK(fit == NULL);
    fit = fit_of(x, y, NULL);
    REFUSES(TW_ERROR_INDEX, tw_elastic_net_result_predict(NULL, fit, x, 100));
    REFUSES(TW_ERROR_INDEX, tw_elastic_net_result_predict(NULL, fit, x, -1));
    tw_elastic_net_result_free(fit);
    tw_elastic_net_result_free(NULL);
    tw_scope_free(s);
}

int main(void) {
    RUN(one_column);
    RUN(orthogonal_columns_are_thresholded);
    RUN(folds_and_callbacks);
    RUN(what_is_refused);
    return check_report();
}
