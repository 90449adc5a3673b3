/* Stochastic gradient descent, stochastic.h: steps by hand, sparse rows, starts, callbacks, errors. */
#include "check.h"

/* One epoch in order, at a rate of 0.1, without a penalty. */
static tw_stochastic_options one_epoch(void) {
    tw_stochastic_options options = TW_STOCHASTIC_OPTIONS_INIT;
    options.schedule = TW_STOCHASTIC_CONSTANT;
    options.rate = 0.1;
    options.alpha = 0;
    options.shuffle = false;
    options.max_epochs = 1;
    options.average_from = 1;
    return options;
}

/* Rows 1 -> 2 and 2 -> 1. From 0 the first has a slope of -2: b = c = 0.2. The second's prediction is 0.6, its slope
   -0.4: b = 0.28, c = 0.24. The losses were 2 and 0.08. */
static void two_steps(const tw_stochastic_result *fit) {
    tw_scope *s = tw_scope_new();
    VALUES(tw_stochastic_result_coefficients(s, fit), 1e-15, 0.28);
    VALUES(tw_stochastic_result_average(s, fit), 1e-15, 0.24);
    double value = 0;
    OK(tw_stochastic_result_intercept(fit, &value));
    NEAR(value, 0.24, 1e-15);
    OK(tw_stochastic_result_average_intercept(fit, &value));
    NEAR(value, 0.22, 1e-15);
    OK(tw_stochastic_result_step(fit, &value));
    NEAR(value, 3, 0);
    OK(tw_stochastic_result_objective(fit, &value));
    NEAR(value, 1.04, 1e-15);
    OK(tw_stochastic_result_score(fit, &value));
    CHECK(isnan(value));
    int64_t epochs = 0;
    OK(tw_stochastic_result_epochs(fit, &epochs));
    CHECK(epochs == 1);
    tw_stop_reason reason = TW_STOP_CALLBACK;
    OK(tw_stochastic_result_stop_reason(fit, &reason));
    CHECK(reason == TW_STOP_ITERATIONS);
    tw_scope_free(s);
}

static void steps_by_hand(void) {
    tw_scope *s = tw_scope_new();
    tw_stochastic_options options = one_epoch();
    tw_stochastic_result *fit = NULL;
    OK(tw_stochastic(MATRIX(s, 2, 1, 1, 2), VECTOR(s, 2, 1), &options, &fit));
    two_steps(fit);
    tw_stochastic_result_free(fit);
    /* The same of sparse rows; and a column that is nowhere. */
    tw_operator *rows = NULL;
    OK(tw_operator_from_csr(2, 1, (int64_t[]){0, 1, 2}, (int64_t[]){0, 0}, (double[]){1, 2}, &rows));
    OK(tw_stochastic_sparse(rows, VECTOR(s, 2, 1), &options, &fit));
    two_steps(fit);
    tw_stochastic_result_free(fit);
    tw_operator_free(rows);
    tw_scope_free(s);
}

static void goes_on_where_it_was(void) {
    /* Two epochs at once, and one after the other. */
    tw_scope *s = tw_scope_new();
    tw_tensor *X = MATRIX(s, 3, 2, 1, 2, -1, 0.5, 0.25, -2), *y = VECTOR(s, 1, -1, 2);
    for (int loss = TW_STOCHASTIC_SQUARED; loss <= TW_STOCHASTIC_MODIFIED_HUBER; ++loss) {
        tw_stochastic_options options = one_epoch();
        options.loss = (tw_stochastic_loss)loss;
        options.alpha = 0.05;
        options.max_epochs = 2;
        tw_stochastic_result *whole = NULL, *first = NULL, *second = NULL;
        OK(tw_stochastic(X, y, &options, &whole));
        options.max_epochs = 1;
        OK(tw_stochastic(X, y, &options, &first));
        options.coefficients = tw_stochastic_result_coefficients(s, first);
        options.average = tw_stochastic_result_average(s, first);
        OK(tw_stochastic_result_intercept(first, &options.start_intercept));
        OK(tw_stochastic_result_average_intercept(first, &options.average_intercept));
        OK(tw_stochastic_result_step(first, &options.step));
        OK(tw_stochastic(X, y, &options, &second));
        double a[2], b[2];
        OK(tw_tensor_copy_to(tw_stochastic_result_coefficients(s, whole), a, sizeof a));
        OK(tw_tensor_copy_to(tw_stochastic_result_coefficients(s, second), b, sizeof b));
        NEAR(b[0], a[0], 1e-14);
        NEAR(b[1], a[1], 1e-14);
        OK(tw_tensor_copy_to(tw_stochastic_result_average(s, whole), a, sizeof a));
        OK(tw_tensor_copy_to(tw_stochastic_result_average(s, second), b, sizeof b));
        NEAR(b[0], a[0], 1e-14);
        NEAR(b[1], a[1], 1e-14);
        tw_stochastic_result_free(whole);
        tw_stochastic_result_free(first);
        tw_stochastic_result_free(second);
    }
    tw_scope_free(s);
}

static void finds_the_line(void) {
    tw_scope *s = tw_scope_new();
    tw_stochastic_options options = TW_STOCHASTIC_OPTIONS_INIT;
    options.alpha = 0;
    options.rate = 0.1;
    options.schedule = TW_STOCHASTIC_ADAPTIVE;
    options.tolerance = 1e-12;
    options.max_epochs = 5000;
    tw_stochastic_result *fit = NULL, *again = NULL;
    tw_tensor *X = VECTOR(s, -1, 0, 1, 2), *y = VECTOR(s, -1, 1, 3, 5);
    OK(tw_stochastic(X, y, &options, &fit));
    VALUES(tw_stochastic_result_coefficients(s, fit), 1e-5, 2);
    tw_stop_reason reason = TW_STOP_ITERATIONS;
    OK(tw_stochastic_result_stop_reason(fit, &reason));
    CHECK(reason == TW_STOP_TOLERANCE);
    /* The same seed takes the same steps. */
    OK(tw_stochastic(X, y, &options, &again));
    double a = 0, b = 1;
    OK(tw_stochastic_result_intercept(fit, &a));
    OK(tw_stochastic_result_intercept(again, &b));
    CHECK(a == b);
    tw_stochastic_result_free(fit);
    tw_stochastic_result_free(again);
    tw_scope_free(s);
}

static int freed = 0;
static void count_free(void *context) { freed += *(int *)context; }
static int stop_at_two(void *context, const tw_stochastic_progress *progress) {
    (void)context;
    return progress->epoch == 2 && progress->score <= 1 && isnan(progress->objective);
}

static void callbacks_and_rows_held_back(void) {
    tw_scope *s = tw_scope_new();
    int one = 1;
    tw_stochastic_options options = TW_STOCHASTIC_OPTIONS_INIT;
    options.loss = TW_STOCHASTIC_HINGE;
    options.held_back = VECTOR(s, 0, 0, 1, 0);
    options.score = TW_STOCHASTIC_ACCURACY;
    options.callback = stop_at_two;
    options.context = &one;
    options.destroy = count_free;
    tw_stochastic_result *fit = NULL;
    OK(tw_stochastic(VECTOR(s, -1, 0, 1, 2), VECTOR(s, -1, -1, 1, 1), &options, &fit));
    int64_t epochs = 0;
    OK(tw_stochastic_result_epochs(fit, &epochs));
    CHECK(epochs == 2);
    tw_stop_reason reason = TW_STOP_ITERATIONS;
    OK(tw_stochastic_result_stop_reason(fit, &reason));
    CHECK(reason == TW_STOP_CALLBACK);
    CHECK(freed == 1);
    tw_stochastic_result_free(fit);
    fit = NULL;
    FAILS(TW_ERROR_NULL, tw_stochastic(NULL, VECTOR(s, 1), &options, &fit));
    CHECK(freed == 2 && fit == NULL);
    tw_scope_free(s);
}

static int product(void *context, const double *from, double *to) {
    (void)context;
    to[0] = from[0];
    return 0;
}

static void what_is_refused(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *X = MATRIX(s, 2, 1, 1, 2), *y = VECTOR(s, 2, 1);
    tw_stochastic_options options = TW_STOCHASTIC_OPTIONS_INIT;
    tw_stochastic_result *fit = NULL;
    FAILS_SAYING(TW_ERROR_SHAPE, "[3]", tw_stochastic(X, VECTOR(s, 1, 2, 3), NULL, &fit));
    tw_tensor *no_rows = tw_zeros(s, SIZES(0, 2), TW_FLOAT64), *none = tw_zeros(s, SIZES(0), TW_FLOAT64);
    FAILS(TW_ERROR_SHAPE, tw_stochastic(no_rows, none, NULL, &fit));
    FAILS(TW_ERROR_NUMERIC, tw_stochastic(MATRIX(s, 2, 1, 1, NAN), y, NULL, &fit));
    FAILS(TW_ERROR_NUMERIC, tw_stochastic(X, VECTOR(s, 1, INFINITY), NULL, &fit));
    options.loss = (tw_stochastic_loss)9;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_stochastic(X, y, &options, &fit));
    options.loss = TW_STOCHASTIC_SQUARED;
    options.schedule = (tw_stochastic_schedule)-1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_stochastic(X, y, &options, &fit));
    options.schedule = TW_STOCHASTIC_OPTIMAL;
    options.alpha = 0;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "alpha", tw_stochastic(X, y, &options, &fit));
    options = one_epoch();
    options.weights = VECTOR(s, 1, -1);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_stochastic(X, y, &options, &fit));
    options = one_epoch();
    options.coefficients = VECTOR(s, 1, 2);
    FAILS(TW_ERROR_SHAPE, tw_stochastic(X, y, &options, &fit));
    options = one_epoch();
    options.step = NAN;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_stochastic(X, y, &options, &fit));
    options = one_epoch();
    options.max_epochs = 1000;
    options.rate = 1e300;
    FAILS(TW_ERROR_DIVERGED, tw_stochastic(X, y, &options, &fit));
    tw_operator *functions = NULL;
    OK(tw_operator_from_functions(1, 1, product, product, NULL, NULL, &functions));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_stochastic_sparse(functions, VECTOR(s, 1), NULL, &fit));
    tw_operator_free(functions);
    CHECK(fit == NULL);
    /* No columns leave the intercept alone; no epochs the start. */
    options = one_epoch();
    OK(tw_stochastic(tw_zeros(s, SIZES(2, 0), TW_FLOAT64), y, &options, &fit));
    double intercept = 0;
    OK(tw_stochastic_result_intercept(fit, &intercept));
    NEAR(intercept, 0.2 + 0.1 * 0.8, 1e-15);
    tw_stochastic_result_free(fit);
    options.max_epochs = 0;
    options.start_intercept = 7;
    OK(tw_stochastic(X, y, &options, &fit));
    OK(tw_stochastic_result_intercept(fit, &intercept));
    NEAR(intercept, 7, 0);
    tw_stochastic_result_free(fit);
    tw_stochastic_result_free(NULL);
    tw_scope_free(s);
}

int main(void) {
    RUN(steps_by_hand);
    RUN(goes_on_where_it_was);
    RUN(finds_the_line);
    RUN(callbacks_and_rows_held_back);
    RUN(what_is_refused);
    return check_report();
}
