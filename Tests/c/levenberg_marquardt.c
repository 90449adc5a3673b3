/* Second-order descents from C: Levenberg-Marquardt on a module, and L-BFGS by a closure. */
#include "check.h"

static tw_module *line_with(double weight, double bias) {
    tw_module *line = NULL;
    tw_linear_options options = TW_LINEAR_OPTIONS_INIT;
    options.dtype = TW_FLOAT64;
    OK(tw_linear_new(1, 1, &options, &line));
    tw_scope *s = tw_scope_new();
    OK(tw_tensor_assign(tw_module_parameter(s, line, 0), MATRIX(s, 1, 1, weight)));
    OK(tw_tensor_assign(tw_module_parameter(s, line, 1), VECTOR(s, bias)));
    tw_scope_free(s);
    return line;
}

static void line(void) {
    tw_scope *s = tw_scope_new();
    tw_module *m = line_with(0.5, -1);
    /* The least squares line through (0, 0), (1, 1), (2, 1) is x / 2 + 1 / 6, 1 / 6 the sum of squares. */
    tw_tensor *x = MATRIX(s, 3, 1, 0, 1, 2), *y = MATRIX(s, 3, 1, 0, 1, 1);
    tw_levenberg_marquardt_result result = TW_LEVENBERG_MARQUARDT_RESULT_INIT;
    OK(tw_levenberg_marquardt_fit(m, x, y, NULL, &result));
    NEAR(result.cost, 1.0 / 12, 1e-15);
    CHECK(result.rank == 2 && result.degrees_of_freedom == 1 && result.iterations >= 1);
    VALUES(tw_module_parameter(s, m, 0), 1e-12, 0.5);
    VALUES(tw_module_parameter(s, m, 1), 1e-12, 1.0 / 6);
    /* Without the second point: y = x / 2. */
    tw_levenberg_marquardt_options options = TW_LEVENBERG_MARQUARDT_OPTIONS_INIT;
    options.weights = VECTOR(s, 1, 0, 1);
    OK(tw_levenberg_marquardt_fit(m, x, y, &options, NULL));
    VALUES(tw_module_parameter(s, m, 0), 1e-12, 0.5);
    VALUES(tw_module_parameter(s, m, 1), 1e-12, 0);
    bool training = false;
    OK(tw_module_is_training(m, &training));
    CHECK(training);
    tw_module_free(m);
    tw_scope_free(s);
}

static int stop_at_once(void *context, const tw_least_squares_progress *progress) {
    *(int64_t *)context = progress->parameter_count;
    return 1;
}

static void limits_and_refusals(void) {
    tw_scope *s = tw_scope_new();
    tw_module *m = line_with(2, -1), *relu = NULL;
    OK(tw_relu_new(&relu));
    tw_tensor *x = MATRIX(s, 3, 1, 0, 1, 2), *y = MATRIX(s, 3, 1, 0, 1, 1);
    tw_levenberg_marquardt_options options = TW_LEVENBERG_MARQUARDT_OPTIONS_INIT;
    tw_levenberg_marquardt_result result = TW_LEVENBERG_MARQUARDT_RESULT_INIT;
    FAILS(TW_ERROR_NULL, tw_levenberg_marquardt_fit(NULL, x, y, NULL, NULL));
    FAILS(TW_ERROR_NULL, tw_levenberg_marquardt_fit(m, x, NULL, NULL, NULL));
    FAILS(TW_ERROR_SHAPE, tw_levenberg_marquardt_fit(m, x, VECTOR(s, 1, 2, 3), NULL, NULL));
    FAILS(TW_ERROR_STATE, tw_levenberg_marquardt_fit(relu, x, y, NULL, NULL));
    FAILS(TW_ERROR_NUMERIC, tw_levenberg_marquardt_fit(m, x, MATRIX(s, 3, 1, 0, NAN, 1), NULL, NULL));
    options.max_iterations = INT64_MIN;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_levenberg_marquardt_fit(m, x, y, &options, NULL));
    options.max_iterations = 1;
    options.loss = (tw_residual_loss)40;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_levenberg_marquardt_fit(m, x, y, &options, NULL));
    options.loss = TW_RESIDUAL_LINEAR;
    result.struct_size = 8;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_levenberg_marquardt_fit(m, x, y, &options, &result));
    VALUES(tw_module_parameter(s, m, 0), 0, 2);
    VALUES(tw_module_parameter(s, m, 1), 0, -1);
    result.struct_size = sizeof result;
    options.first_radius = 1e-3;
    OK(tw_levenberg_marquardt_fit(m, x, y, &options, &result));
    CHECK(result.stop == TW_LEAST_SQUARES_ITERATIONS && result.iterations == 1 && result.radius > 0);
    int64_t parameters = 0;
    options.max_iterations = 0;
    options.callback = stop_at_once;
    options.context = &parameters;
    OK(tw_levenberg_marquardt_fit(m, x, y, &options, &result));
    CHECK(result.stop == TW_LEAST_SQUARES_CALLBACK && parameters == 2);
    tw_module_free(m);
    tw_module_free(relu);
    tw_scope_free(s);
}

struct valley {
    tw_tensor *point;
    tw_optimizer *optimizer;
    int calls, fail_at;
};

/* (1 - x)^2 + 100 (y - x^2)^2 */
static int rosenbrock(void *context, tw_scope *s, double *loss) {
    struct valley *v = context;
    if (++v->calls == v->fail_at) return 7;
    if (tw_optimizer_zero_grad(v->optimizer) != TW_OK) return 1;
    tw_tensor *x = tw_slice(s, v->point, 0, 0, 1, 1), *y = tw_slice(s, v->point, 0, 1, 2, 1);
    tw_tensor *a = tw_subtract(s, tw_full(s, NULL, 0, 1, TW_FLOAT64), x), *b = tw_subtract(s, y, tw_square(s, x));
    tw_tensor *f = tw_sum(s, tw_add(s, tw_square(s, a), tw_multiply_scalar(s, tw_square(s, b), 100)), NULL, 0, false);
    return tw_backward(s, f) != TW_OK || tw_tensor_item(f, loss) != TW_OK;
}

static void lbfgs(void) {
    tw_scope *s = tw_scope_new();
    struct valley v = {VECTOR(s, -1.2, 1), NULL, 0, 0};
    OK(tw_tensor_set_requires_grad(v.point, true));
    tw_lbfgs_options options = TW_LBFGS_OPTIONS_INIT;
    options.max_iterations = 200;
    options.gradient_tolerance = 1e-10;
    options.change_tolerance = 0;
    OK(tw_lbfgs_new(&options, &v.optimizer));
    double loss = 0;
    FAILS(TW_ERROR_STATE, tw_optimizer_step_with(v.optimizer, rosenbrock, &v, &loss)); /* no parameters */
    OK(tw_optimizer_add(v.optimizer, v.point));
    FAILS(TW_ERROR_STATE, tw_optimizer_step(v.optimizer));
    FAILS(TW_ERROR_NULL, tw_optimizer_step_with(v.optimizer, NULL, NULL, &loss));
    v.fail_at = 4;
    FAILS(TW_ERROR_CANCELLED, tw_optimizer_step_with(v.optimizer, rosenbrock, &v, &loss));
    VALUES(v.point, 0, -1.2, 1);
    v.calls = v.fail_at = 0;
    OK(tw_optimizer_step_with(v.optimizer, rosenbrock, &v, &loss));
    NEAR(loss, 24.2, 1e-13);
    VALUES(v.point, 1e-8, 1, 1);
    CHECK(v.calls < 80);
    tw_optimizer_free(v.optimizer);
    /* Any other optimizer evaluates once. */
    OK(tw_sgd_new(NULL, &v.optimizer));
    OK(tw_optimizer_add(v.optimizer, v.point));
    v.calls = 0;
    OK(tw_optimizer_step_with(v.optimizer, rosenbrock, &v, NULL));
    CHECK(v.calls == 1);
    tw_optimizer_free(v.optimizer);
    options.history_size = 0;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lbfgs_new(&options, &v.optimizer));
    options.history_size = INT64_MAX;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lbfgs_new(&options, &v.optimizer));
    FAILS(TW_ERROR_NULL, tw_lbfgs_new(NULL, NULL));
    tw_scope_free(s);
}

int main(void) {
    RUN(line);
    RUN(limits_and_refusals);
    RUN(lbfgs);
    return check_report();
}
