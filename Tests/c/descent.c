/* Least squares by gradient descent: on y = 2 x, x = 1..4, whose answer is weight 2, bias 0. */
#include "check.h"

static tw_lstsq_options descent(void) {
    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
    options.method = TW_LSTSQ_GRADIENT_DESCENT;
    options.learning_rate = 0.05;
    options.tolerance = 1e-14;
    options.max_iterations = 20000;
    return options;
}

static tw_tensor *xs(tw_scope *s) { return MATRIX(s, 4, 1, 1, 2, 3, 4); }
static tw_tensor *ys(tw_scope *s) { return VECTOR(s, 2, 4, 6, 8); }

static void reaches_the_answer(int64_t batch_size) {
    tw_scope *s = tw_scope_new();
    tw_lstsq_options options = descent();
    options.batch_size = batch_size;
    tw_lstsq_result *fit = NULL;
    OK(tw_lstsq(xs(s), ys(s), &options, &fit));
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-4, 2);
    NEAR(item(tw_lstsq_result_intercept(s, fit)), 0, 1e-4);
    NEAR(item(tw_lstsq_result_rss(s, fit)), 0, 1e-7);
    tw_stop_reason reason = TW_STOP_CLOSED_FORM;
    int64_t iterations = 0;
    OK(tw_lstsq_result_stop_reason(fit, &reason));
    OK(tw_lstsq_result_iterations(fit, &iterations));
    CHECK(reason == TW_STOP_TOLERANCE);
    CHECK(iterations > 1 && iterations < options.max_iterations);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void batch(void) { reaches_the_answer(0); }
static void stochastic(void) { reaches_the_answer(1); }
static void mini_batch(void) { reaches_the_answer(2); }
static void mini_batch_with_a_short_last_one(void) { reaches_the_answer(3); }
static void batch_larger_than_the_data(void) { reaches_the_answer(100); }

struct seen {
    int64_t calls, stop_at, destroyed;
    double coefficient[3], intercept[3], loss[3], last_loss;
    bool in_order, complete;
};

static int watch(void *context, const tw_descent_progress *progress) {
    struct seen *seen = context;
    ++seen->calls;
    if (seen->calls <= 3) {
        seen->coefficient[seen->calls - 1] = progress->coefficients[0];
        seen->intercept[seen->calls - 1] = progress->intercept[0];
        seen->loss[seen->calls - 1] = progress->loss;
    }
    seen->last_loss = progress->loss;
    seen->in_order = seen->in_order && progress->iteration == seen->calls;
    seen->complete = progress->struct_size >= sizeof *progress && progress->features == 1 && progress->targets == 1;
    return seen->calls == seen->stop_at;
}

static void count_destroy(void *context) { ++((struct seen *)context)->destroyed; }

static void every_iteration_is_reported(void) {
    /* From 0, with the rate r: the gradient of mean((w x + b - y)^2) is
       2 mean(x (w x + b - y)) and 2 mean(w x + b - y). With Sxx = mean(x^2) = 7.5, mean(x) = 2.5:
       by w: 2 (7.5 w + 2.5 b - 15), by b: 2 (2.5 w + b - 5).
       The first step gives w = 30 r, b = 10 r. */
    tw_scope *s = tw_scope_new();
    struct seen seen = {0};
    seen.in_order = true;
    tw_lstsq_options options = descent();
    options.learning_rate = 0.01;
    options.max_iterations = 3;
    options.callback = watch;
    options.destroy = count_destroy;
    options.context = &seen;
    tw_lstsq_result *fit = NULL;
    OK(tw_lstsq(xs(s), ys(s), &options, &fit));
    CHECK(seen.calls == 3 && seen.in_order && seen.complete && seen.destroyed == 1);
    double w = 0, b = 0;
    for (int i = 0; i < 3; ++i) {
        double by_w = 2 * (7.5 * w + 2.5 * b - 15), by_b = 2 * (2.5 * w + b - 5), loss = 0;
        w -= 0.01 * by_w, b -= 0.01 * by_b;
        for (int x = 1; x <= 4; ++x) loss += (w * x + b - 2 * x) * (w * x + b - 2 * x) / 4;
        NEAR(seen.coefficient[i], w, 1e-13);
        NEAR(seen.intercept[i], b, 1e-13);
        NEAR(seen.loss[i], loss, 1e-12);
    }
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-13, w);
    tw_stop_reason reason = TW_STOP_CLOSED_FORM;
    int64_t iterations = 0;
    OK(tw_lstsq_result_stop_reason(fit, &reason));
    OK(tw_lstsq_result_iterations(fit, &iterations));
    CHECK(reason == TW_STOP_ITERATIONS && iterations == 3);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void the_callback_can_stop(void) {
    tw_scope *s = tw_scope_new();
    struct seen seen = {0};
    seen.stop_at = 5;
    seen.in_order = true;
    tw_lstsq_options options = descent();
    options.callback = watch;
    options.context = &seen;
    tw_lstsq_result *fit = NULL;
    OK(tw_lstsq(xs(s), ys(s), &options, &fit)); /* the result holds what was reached */
    tw_stop_reason reason = TW_STOP_CLOSED_FORM;
    int64_t iterations = 0;
    OK(tw_lstsq_result_stop_reason(fit, &reason));
    OK(tw_lstsq_result_iterations(fit, &iterations));
    CHECK(seen.calls == 5 && reason == TW_STOP_CALLBACK && iterations == 5);
    NEAR(item(tw_lstsq_result_rss(s, fit)) / 4, seen.last_loss, 1e-12);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void destroy_is_called_on_failure_too(void) {
    tw_scope *s = tw_scope_new();
    struct seen seen = {0};
    tw_lstsq_options options = descent();
    options.callback = watch;
    options.destroy = count_destroy;
    options.context = &seen;
    tw_lstsq_result *fit = NULL;
    FAILS(TW_ERROR_SHAPE, tw_lstsq(xs(s), VECTOR(s, 1, 2), &options, &fit));
    CHECK(seen.calls == 0 && seen.destroyed == 1 && fit == NULL);
    tw_scope_free(s);
}

static void a_rate_that_is_too_large(void) {
    /* The largest eigenvalue of the Hessian 2 [[7.5, 2.5], [2.5, 1]] is about 16.7, so a rate
       above 2 / 16.7 = 0.12 grows without bound. */
    tw_scope *s = tw_scope_new();
    const double rates[] = {0.2, 0.5, 10, 1e6, 1e300};
    for (int i = 0; i < 5; ++i)
        for (int64_t rows = 0; rows <= 2; ++rows) {
            tw_lstsq_options options = descent();
            options.learning_rate = rates[i];
            options.batch_size = rows;
            tw_lstsq_result *fit = NULL;
            FAILS_SAYING(TW_ERROR_DIVERGED, "learning", tw_lstsq(xs(s), ys(s), &options, &fit));
            CHECK(fit == NULL);
        }
    tw_scope_free(s);
}

static void the_same_seed_takes_the_same_way(void) {
    tw_scope *s = tw_scope_new();
    tw_lstsq_result *fits[3] = {NULL, NULL, NULL};
    const uint64_t seeds[] = {4, 4, 5};
    for (int i = 0; i < 3; ++i) {
        tw_lstsq_options options = descent();
        options.batch_size = 1;
        options.max_iterations = 3;
        options.learning_rate = 0.01;
        options.seed = seeds[i];
        OK(tw_lstsq(xs(s), VECTOR(s, 2, 5, 5, 9), &options, &fits[i]));
    }
    tw_tensor *first = tw_lstsq_result_coefficients(s, fits[0]);
    CHECK(same_bytes(first, tw_lstsq_result_coefficients(s, fits[1])));
    CHECK(!same_bytes(first, tw_lstsq_result_coefficients(s, fits[2])));
    for (int i = 0; i < 3; ++i) tw_lstsq_result_free(fits[i]);
    tw_scope_free(s);
}

static void several_features_and_targets(void) {
    /* The descent meets the closed form. */
    tw_scope *s = tw_scope_new();
    tw_generator *g = NULL;
    OK(tw_generator_new(2, &g));
    tw_tensor *X = tw_random_normal(s, g, SIZES(60, 3), 0, 1, TW_FLOAT64);
    tw_tensor *Y = tw_random_normal(s, g, SIZES(60, 2), 0, 1, TW_FLOAT64);
    tw_lstsq_options options = descent();
    options.tolerance = 1e-16;
    tw_lstsq_result *closed = NULL, *reached = NULL;
    OK(tw_lstsq(X, Y, NULL, &closed));
    OK(tw_lstsq(X, Y, &options, &reached));
    double a[6], b[6];
    OK(tw_tensor_to_double(tw_lstsq_result_coefficients(s, closed), a, 6));
    OK(tw_tensor_to_double(tw_lstsq_result_coefficients(s, reached), b, 6));
    for (int i = 0; i < 6; ++i) NEAR(b[i], a[i], 1e-6);
    tw_lstsq_result_free(closed);
    tw_lstsq_result_free(reached);
    tw_generator_free(g);
    tw_scope_free(s);
}

static void options_outside_their_range(void) {
    tw_scope *s = tw_scope_new();
    tw_lstsq_result *fit = NULL;
    tw_tensor *x = xs(s), *y = ys(s);
    for (int i = 0; i < 6; ++i) {
        tw_lstsq_options options = descent();
        if (i == 0) options.learning_rate = 0;
        if (i == 1) options.learning_rate = NAN;
        if (i == 2) options.batch_size = -1;
        if (i == 3) options.max_iterations = -1;
        if (i == 4) options.tolerance = -1;
        if (i == 5) options.ridge = -1;
        FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstsq(x, y, &options, &fit));
        CHECK(fit == NULL);
    }
    tw_scope_free(s);
}

int main(void) {
    RUN(batch);
    RUN(stochastic);
    RUN(mini_batch);
    RUN(mini_batch_with_a_short_last_one);
    RUN(batch_larger_than_the_data);
    RUN(every_iteration_is_reported);
    RUN(the_callback_can_stop);
    RUN(destroy_is_called_on_failure_too);
    RUN(a_rate_that_is_too_large);
    RUN(the_same_seed_takes_the_same_way);
    RUN(several_features_and_targets);
    RUN(options_outside_their_range);
    return check_report();
}
