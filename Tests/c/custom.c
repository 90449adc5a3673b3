/* Functions of the caller's inside the tape, and whole derivatives: closed forms. */
#include "check.h"

static tw_tensor *leaf(tw_tensor *tensor) {
    OK(tw_tensor_set_requires_grad(tensor, true));
    return tensor;
}

#define ONE(x) ((const tw_tensor *const[]){x})
#define TWO(x, y) ((const tw_tensor *const[]){x, y})

static void products_with_the_jacobian(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = leaf(VECTOR(s, 2, 3)), *y = leaf(VECTOR(s, 5, 7)), *out[2];
    tw_tensor *f = tw_multiply(s, x, tw_square(s, y)), *g = tw_add(s, x, y);
    /* df = y^2 dx + 2 x y dy, dg = dx + dy */
    OK(tw_jvp(s, TWO(f, g), 2, TWO(x, y), 2, TWO(VECTOR(s, 1, 0), VECTOR(s, 0, 1)), NULL, out));
    VALUES(out[0], 0, 25, 42);
    VALUES(out[1], 0, 1, 1);
    OK(tw_vjp(s, TWO(f, g), 2, TWO(x, y), 2, TWO(VECTOR(s, 1, 0), VECTOR(s, 10, 10)), NULL, out));
    VALUES(out[0], 0, 35, 10);
    VALUES(out[1], 0, 30, 10);
    tw_tensor *other = leaf(VECTOR(s, 1));
    OK(tw_vjp(s, ONE(f), 1, ONE(other), 1, ONE(VECTOR(s, 1, 1)), NULL, out));
    VALUES(out[0], 0, 0);
    FAILS(TW_ERROR_SHAPE, tw_jvp(NULL, ONE(f), 1, ONE(x), 1, ONE(VECTOR(s, 1)), NULL, out));
    FAILS(TW_ERROR_STATE, tw_jvp(NULL, ONE(f), 1, ONE(VECTOR(s, 1)), 1, ONE(VECTOR(s, 1)), NULL, out));
    FAILS(TW_ERROR_NULL, tw_jvp(NULL, ONE(f), 1, ONE(x), 1, NULL, NULL, out));
    FAILS(TW_ERROR_NULL, tw_vjp(NULL, ONE(f), 1, ONE(x), 1, ONE(VECTOR(s, 1, 1)), NULL, NULL));
    tw_scope_free(s);
}

static void jacobians_and_hessians(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = leaf(VECTOR(s, 2, 3)), *out[4];
    tw_tensor *y = tw_multiply(s, x, tw_sum(s, x, NULL, 0, true));
    /* y_i = x_i (x0 + x1) */
    for (int mode = 0; mode <= 2; ++mode) {
        tw_derivative_options options = TW_DERIVATIVE_OPTIONS_INIT;
        options.mode = (tw_differentiation_mode)mode;
        OK(tw_jacobian(s, y, ONE(x), 1, &options, out));
        SHAPE(out[0], 2, 2);
        VALUES(out[0], 0, 7, 2, 3, 8);
    }
    tw_derivative_options wrong = TW_DERIVATIVE_OPTIONS_INIT;
    wrong.mode = (tw_differentiation_mode)9;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_jacobian(NULL, y, ONE(x), 1, &wrong, out));
    tw_tensor *z = leaf(VECTOR(s, 4)), *f = tw_sum(s, tw_multiply(s, y, z), NULL, 0, false);
    /* f = z (x0 + x1)^2 */
    OK(tw_hessian(s, f, TWO(x, z), 2, NULL, out));
    VALUES(out[0], 0, 8, 8, 8, 8);
    VALUES(out[1], 0, 10, 10);
    VALUES(out[3], 0, 0);
    OK(tw_hvp(s, f, ONE(x), 1, ONE(VECTOR(s, 1, 2)), NULL, out));
    VALUES(out[0], 0, 24, 24);
    FAILS(TW_ERROR_SHAPE, tw_hessian(NULL, y, ONE(x), 1, NULL, out));
    tw_scope_free(s);
}

static int calls, destroyed;

static int cube(void *context, tw_scope *s, const tw_tensor *const *in, int64_t n, tw_tensor **out, int64_t m) {
    CHECK(context == &calls && n == 1 && m >= 1);
    ++calls;
    out[0] = tw_multiply(s, tw_square(s, in[0]), in[0]);
    return 0;
}

static int cube_backward(void *context, tw_scope *s, const tw_custom_pass *pass, tw_tensor **results, int64_t n) {
    CHECK(context == &calls && n == 1 && pass->input_count == 1 && pass->output_count == 1 && pass->wanted[0]);
    results[0] = tw_multiply(s, pass->gradients[0], tw_multiply_scalar(s, tw_square(s, pass->inputs[0]), 3));
    return 0;
}

static int twice_backward(void *context, tw_scope *s, const tw_custom_pass *pass, tw_tensor **results, int64_t n) {
    (void)context;
    (void)n;
    results[0] = tw_multiply_scalar(s, pass->gradients[0], 2);
    return 0;
}

static int refuse(void *context, tw_scope *s, const tw_tensor *const *in, int64_t n, tw_tensor **out, int64_t m) {
    (void)context, (void)s, (void)in, (void)n, (void)out, (void)m;
    return 3;
}

static int fail(void *context, tw_scope *s, const tw_tensor *const *in, int64_t n, tw_tensor **out, int64_t m) {
    (void)context, (void)n, (void)m;
    out[0] = tw_matmul(s, in[0], VECTOR(s, 1, 2, 3, 4, 5));
    return 0;
}

static void count_destroyed(void *context) {
    CHECK(context == &calls);
    ++destroyed;
}

static void custom_operations(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = leaf(VECTOR(s, 2, -1)), *y[1], *g[1], *h[1];
    tw_custom_operation operation = TW_CUSTOM_OPERATION_INIT;
    operation.name = "cube";
    operation.forward = cube;
    operation.backward = cube_backward;
    operation.context = &calls;
    operation.destroy = count_destroyed;
    destroyed = 0;
    OK(tw_custom_apply(s, &operation, ONE(x), 1, y, 1));
    VALUES(y[0], 0, 8, -1);
    tw_grad_options create = TW_GRAD_OPTIONS_INIT;
    create.create_graph = true;
    OK(tw_grad(s, tw_sum(s, y[0], NULL, 0, false), ONE(x), 1, &create, g));
    VALUES(g[0], 0, 12, 3);
    OK(tw_grad(s, tw_sum(s, g[0], NULL, 0, false), ONE(x), 1, &create, h));
    VALUES(h[0], 0, 12, -6);
    OK(tw_jvp(s, ONE(y[0]), 1, ONE(x), 1, ONE(VECTOR(s, 1, 2)), NULL, h));
    VALUES(h[0], 0, 12, 6);
    CHECK(destroyed == 0);
    tw_scope_clear(s);
    CHECK(destroyed == 1);

    tw_custom_operation wrong = operation;
    wrong.backward = NULL;
    x = leaf(VECTOR(s, 1));
    FAILS(TW_ERROR_NULL, tw_custom_apply(NULL, &wrong, ONE(x), 1, y, 1));
    wrong = operation;
    wrong.name = NULL;
    FAILS(TW_ERROR_NULL, tw_custom_apply(NULL, &wrong, ONE(x), 1, y, 1));
    wrong = operation;
    wrong.struct_size = 8;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_custom_apply(NULL, &wrong, ONE(x), 1, y, 1));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_custom_apply(NULL, &operation, ONE(x), 1, y, 0));
    FAILS(TW_ERROR_NULL, tw_custom_apply(NULL, NULL, ONE(x), 1, y, 1));
    wrong = operation;
    wrong.forward = refuse;
    FAILS(TW_ERROR_CANCELLED, tw_custom_apply(NULL, &wrong, ONE(x), 1, y, 1));
    wrong.forward = fail;
    FAILS(TW_ERROR_SHAPE, tw_custom_apply(NULL, &wrong, ONE(x), 1, y, 1));
    CHECK(destroyed == 1);
    tw_scope_free(s);
}

static void checkpoints(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = leaf(VECTOR(s, 2, -1)), *y[3];
    calls = destroyed = 0;
    OK(tw_checkpoint(s, cube, &calls, count_destroyed, ONE(x), 1, y, 3));
    CHECK(calls == 1 && y[1] == NULL && y[2] == NULL);
    OK(tw_backward(s, tw_sum(s, y[0], NULL, 0, false)));
    CHECK(calls == 2);
    VALUES(tw_tensor_grad(s, x), 0, 12, 3);
    FAILS(TW_ERROR_CANCELLED, tw_checkpoint(NULL, refuse, &calls, count_destroyed, ONE(x), 1, y, 1));
    FAILS(TW_ERROR_NULL, tw_checkpoint(NULL, NULL, &calls, count_destroyed, ONE(x), 1, y, 1));
    CHECK(destroyed == 0);
    tw_scope_free(s);
    CHECK(destroyed == 1);
}

static int tenfold(void *context, tw_scope *s, const tw_tensor *gradient, tw_tensor **replacement) {
    ++*(int *)context;
    *replacement = tw_multiply_scalar(s, gradient, 10);
    return 0;
}

static void hooks(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = leaf(VECTOR(s, 1, 2));
    uint64_t number;
    calls = destroyed = 0;
    OK(tw_tensor_add_hook(x, tenfold, &calls, count_destroyed, &number));
    OK(tw_backward(s, tw_sum(s, tw_square(s, x), NULL, 0, false)));
    VALUES(tw_tensor_grad(s, x), 0, 20, 40);
    CHECK(calls == 1 && destroyed == 0);
    OK(tw_tensor_remove_hook(x, number));
    CHECK(destroyed == 1);
    OK(tw_tensor_remove_hook(x, number));
    FAILS(TW_ERROR_STATE, tw_tensor_add_hook(VECTOR(s, 1), tenfold, &calls, count_destroyed, NULL));
    FAILS(TW_ERROR_NULL, tw_tensor_add_hook(x, NULL, &calls, count_destroyed, NULL));
    CHECK(destroyed == 1);
    tw_scope_free(s);
}

static void anomalies(void) {
    tw_scope *s = tw_scope_new();
    CHECK(!tw_set_anomaly_mode(true) && tw_anomaly_mode());
    CHECK(tw_log(s, VECTOR(s, 1, -1)) == NULL);
    CHECK(tw_scope_status(s) == TW_ERROR_NUMERIC && strstr(tw_scope_message(s), "log made a NaN at [1]"));
    CHECK(tw_set_anomaly_mode(false) && !tw_anomaly_mode());
    tw_scope_free(s);
}

static void the_gradient_checker(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 0.5, -2);
    tw_gradient_check check = TW_GRADIENT_CHECK_INIT;
    tw_gradient_check_options options = TW_GRADIENT_CHECK_OPTIONS_INIT;
    options.second_order = true;
    OK(tw_check_gradients(cube, &calls, ONE(x), 1, 1, &options, &check));
    CHECK(check.passed && check.compared == 2 + 2 + 1 && check.excess < 1);
    FAILS(TW_ERROR_DTYPE, tw_check_gradients(cube, &calls, ONE(tw_ones(s, SIZES(2), TW_FLOAT32)), 1, 1, NULL, &check));
    options.step = 0;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_check_gradients(cube, &calls, ONE(x), 1, 1, &options, &check));
    FAILS(TW_ERROR_NULL, tw_check_gradients(cube, &calls, ONE(x), 1, 1, NULL, NULL));
    tw_scope_free(s);
}

/* 2 x by a wrong rule for x^3. */
static int wrong_cube(void *context, tw_scope *s, const tw_tensor *const *in, int64_t n, tw_tensor **out, int64_t m) {
    (void)m;
    tw_custom_operation operation = TW_CUSTOM_OPERATION_INIT;
    operation.name = "wrong";
    operation.forward = cube;
    operation.backward = twice_backward;
    operation.context = context;
    return tw_custom_apply(s, &operation, in, n, out, 1) == TW_OK ? 0 : 1;
}

static void the_gradient_checker_finds_a_wrong_rule(void) {
    tw_scope *s = tw_scope_new();
    tw_gradient_check check = TW_GRADIENT_CHECK_INIT;
    OK(tw_check_gradients(wrong_cube, &calls, ONE(VECTOR(s, 2)), 1, 1, NULL, &check));
    CHECK(!check.passed && check.excess > 1000);
    tw_scope_free(s);
}

int main(void) {
    RUN(products_with_the_jacobian);
    RUN(jacobians_and_hessians);
    RUN(custom_operations);
    RUN(checkpoints);
    RUN(hooks);
    RUN(anomalies);
    RUN(the_gradient_checker);
    RUN(the_gradient_checker_finds_a_wrong_rule);
    return check_report();
}
