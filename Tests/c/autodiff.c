/* Gradients: derivatives known in closed form, and central differences in float64. */
#include "check.h"

static tw_tensor *leaf(tw_tensor *tensor) {
    OK(tw_tensor_set_requires_grad(tensor, true));
    return tensor;
}

static void gradient_of_a_product(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = leaf(VECTOR(s, 1, 2, 3)), *b = leaf(VECTOR(s, 4, 5, 6));
    OK(tw_backward(s, tw_sum(s, tw_multiply(s, a, b), NULL, 0, false)));
    VALUES(tw_tensor_grad(s, a), 0, 4, 5, 6);
    VALUES(tw_tensor_grad(s, b), 0, 1, 2, 3);
    tw_scope_free(s);
}

static void gradients_accumulate_until_cleared(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = leaf(VECTOR(s, 1, 2));
    bool present = true;
    OK(tw_tensor_has_grad(a, &present));
    CHECK(!present);
    tw_clear_last_error();
    CHECK(tw_tensor_grad(s, a) == NULL && tw_last_status() == TW_OK && tw_scope_status(s) == TW_OK);
    for (int i = 1; i <= 3; ++i) {
        OK(tw_backward(s, tw_sum(s, tw_square(s, a), NULL, 0, false)));
        VALUES(tw_tensor_grad(s, a), 0, 2.0 * i, 4.0 * i);
    }
    OK(tw_tensor_zero_grad(a));
    OK(tw_tensor_has_grad(a, &present));
    CHECK(!present);
    OK(tw_tensor_set_grad(a, VECTOR(s, 7, 8)));
    VALUES(tw_tensor_grad(s, a), 0, 7, 8);
    FAILS(TW_ERROR_SHAPE, tw_tensor_set_grad(a, VECTOR(s, 7, 8, 9)));
    FAILS(TW_ERROR_DTYPE, tw_tensor_set_grad(a, tw_ones(s, SIZES(2), TW_FLOAT32)));
    VALUES(tw_tensor_grad(s, a), 0, 7, 8);
    OK(tw_tensor_set_grad(a, NULL));
    OK(tw_tensor_has_grad(a, &present));
    CHECK(!present);
    tw_scope_free(s);
}

static void gradients_outlive_a_scope(void) {
    tw_scope *s = tw_scope_new(), *step = tw_scope_new();
    tw_tensor *a = leaf(VECTOR(s, 3));
    OK(tw_backward(step, tw_sum(step, tw_square(step, a), NULL, 0, false)));
    tw_scope_free(step);
    VALUES(tw_tensor_grad(s, a), 0, 6);
    tw_scope_free(s);
}

static void broadcast_axes_are_summed(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *column = leaf(MATRIX(s, 2, 1, 1, 2)), *row = leaf(VECTOR(s, 1, 2, 3));
    OK(tw_backward(s, tw_sum(s, tw_multiply(s, column, row), NULL, 0, false)));
    tw_tensor *gradient = tw_tensor_grad(s, column);
    SHAPE(gradient, 2, 1);
    VALUES(gradient, 0, 6, 6);
    VALUES(tw_tensor_grad(s, row), 0, 3, 3, 3);
    tw_scope_free(s);
}

static void ties_and_kinks(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = leaf(VECTOR(s, 1, 2)), *b = leaf(VECTOR(s, 1, 5));
    OK(tw_backward(s, tw_sum(s, tw_maximum(s, a, b), NULL, 0, false)));
    VALUES(tw_tensor_grad(s, a), 0, 0.5, 0);
    VALUES(tw_tensor_grad(s, b), 0, 0.5, 1);
    tw_tensor *x = leaf(VECTOR(s, -1, 0, 1));
    OK(tw_backward(s, tw_sum(s, tw_relu(s, x), NULL, 0, false)));
    VALUES(tw_tensor_grad(s, x), 0, 0, 0, 1);
    tw_tensor *m = leaf(VECTOR(s, 4, 1, 4));
    OK(tw_backward(s, tw_max(s, m, NULL, 0, false)));
    VALUES(tw_tensor_grad(s, m), 0, 0.5, 0, 0.5);
    tw_tensor *zero = leaf(VECTOR(s, 0, 0));
    OK(tw_backward(s, tw_norm(s, zero, NULL, 0, false)));
    VALUES(tw_tensor_grad(s, zero), 0, 0, 0);
    tw_scope_free(s);
}

/* A composition of many operations, of x [3, 4]; one number. */
static tw_tensor *composition(tw_scope *s, const tw_tensor *x) {
    const int64_t rows[] = {0}, picks[] = {2, 0, 2};
    tw_tensor *y = tw_tanh(s, tw_matmul(s, x, tw_transpose(s, x, 0, 1)));                 /* [3, 3] */
    y = tw_add(s, y, tw_softmax(s, tw_slice(s, x, 1, INT64_MAX, 0, -1), -1));             /* [3, 3] */
    y = tw_concatenate(s, (const tw_tensor *[]){y, tw_exp(s, tw_multiply_scalar(s, x, 0.1))}, 2, 1); /* [3, 7] */
    y = tw_index_select(s, y, 0, tw_tensor_from_data(s, picks, TW_INT64, (const int64_t[]){3}, 1));
    y = tw_divide(s, y, tw_add_scalar(s, tw_var(s, y, rows, 1, true, 1), 1));
    y = tw_where(s, tw_greater(s, y, tw_scalar(s, 0.2, TW_FLOAT64)), tw_gelu(s, y), tw_sin(s, y));
    y = tw_subtract(s, tw_logsumexp(s, y, rows, 1, false), tw_mean(s, tw_square(s, y), rows, 1, false));
    return tw_sum(s, tw_power_scalar(s, tw_sigmoid(s, y), 3), NULL, 0, false);
}

static void central_differences(void) {
    tw_scope *s = tw_scope_new();
    tw_generator *g = NULL;
    OK(tw_generator_new(17, &g));
    tw_tensor *x = leaf(tw_random_normal(s, g, SIZES(3, 4), 0, 1, TW_FLOAT64));
    double at[12], gradient[12];
    OK(tw_tensor_to_double(x, at, 12));
    OK(tw_backward(s, composition(s, x)));
    OK(tw_tensor_to_double(tw_tensor_grad(s, x), gradient, 12));
    const double h = 1e-5; /* error about h^2 + 1e-16 / h */
    for (int i = 0; i < 12; ++i) {
        double kept = at[i];
        at[i] = kept + h;
        double above = item(composition(s, tw_tensor_from_data(s, at, TW_FLOAT64, SIZES(3, 4))));
        at[i] = kept - h;
        double below = item(composition(s, tw_tensor_from_data(s, at, TW_FLOAT64, SIZES(3, 4))));
        at[i] = kept;
        NEAR(gradient[i], (above - below) / (2 * h), 1e-8);
    }
    CHECK(tw_scope_status(s) == TW_OK);
    tw_generator_free(g);
    tw_scope_free(s);
}

static void second_derivatives(void) {
    tw_scope *s = tw_scope_new();
    tw_grad_options options = TW_GRAD_OPTIONS_INIT;
    options.create_graph = true;
    /* d2/dx2 of x^3 is 6x; d2/dx2 of sin x is -sin x. */
    tw_tensor *x = leaf(VECTOR(s, 0.5, -1.25, 2));
    tw_tensor *y = tw_sum(s, tw_add(s, tw_power_scalar(s, x, 3), tw_sin(s, x)), NULL, 0, false);
    tw_tensor *first = NULL, *second = NULL;
    OK(tw_grad(s, y, (const tw_tensor *[]){x}, 1, &options, &first));
    VALUES(first, 1e-14, 3 * 0.25 + cos(0.5), 3 * 1.5625 + cos(-1.25), 12 + cos(2));
    OK(tw_grad(s, tw_sum(s, first, NULL, 0, false), (const tw_tensor *[]){x}, 1, NULL, &second));
    VALUES(second, 1e-13, 3 - sin(0.5), -7.5 - sin(-1.25), 12 - sin(2));
    bool present = true;
    OK(tw_tensor_has_grad(x, &present)); /* tw_grad leaves the leaves alone */
    CHECK(!present);
    tw_scope_free(s);
}

static void hessian_of_a_quadratic_form(void) {
    /* f = x' A x with A not symmetric: gradient (A + A') x, Hessian A + A'. */
    tw_scope *s = tw_scope_new();
    tw_tensor *A = MATRIX(s, 2, 2, 1, 2, 3, 4), *x = leaf(VECTOR(s, 5, 7));
    tw_tensor *f = tw_matmul(s, x, tw_matmul(s, A, x)), *gradient = NULL;
    tw_grad_options options = TW_GRAD_OPTIONS_INIT;
    options.create_graph = true;
    OK(tw_grad(s, f, (const tw_tensor *[]){x}, 1, &options, &gradient));
    VALUES(gradient, 0, 2 * 5 + 5 * 7, 5 * 5 + 8 * 7);
    const double hessian[2][2] = {{2, 5}, {5, 8}};
    for (int64_t i = 0; i < 2; ++i) {
        tw_tensor *row = NULL;
        tw_grad_options again = TW_GRAD_OPTIONS_INIT;
        again.retain_graph = true;
        OK(tw_grad(s, tw_select(s, gradient, 0, i), (const tw_tensor *[]){x}, 1, &again, &row));
        VALUES_AT(row, 0, hessian[i], 2);
    }
    tw_scope_free(s);
}

static void several_inputs(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = leaf(VECTOR(s, 2)), *b = leaf(VECTOR(s, 3)), *unused = leaf(VECTOR(s, 4, 4));
    tw_tensor *middle = tw_multiply(s, a, b), *y = tw_square(s, middle);
    tw_tensor *gradients[3] = {NULL, NULL, NULL};
    tw_grad_options options = TW_GRAD_OPTIONS_INIT;
    options.retain_graph = true;
    /* y = (ab)^2: by a 2ab^2, by b 2a^2 b, by ab 2ab. */
    OK(tw_grad(s, y, (const tw_tensor *[]){a, b, middle}, 3, &options, gradients));
    VALUES(gradients[0], 0, 36);
    VALUES(gradients[1], 0, 24);
    VALUES(gradients[2], 0, 12);
    tw_tensor *other[2] = {NULL, NULL};
    CHECK(tw_grad(NULL, y, (const tw_tensor *[]){a, unused}, 2, &options, other) != TW_OK);
    CHECK(other[0] == NULL && other[1] == NULL && tw_last_message()[0] != 0);
    options.allow_unused = true;
    OK(tw_grad(s, y, (const tw_tensor *[]){a, unused}, 2, &options, other));
    VALUES(other[1], 0, 0, 0);
    tw_scope_free(s);
}

static void the_gradient_of_the_output_can_be_given(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = leaf(VECTOR(s, 1, 2, 3)), *y = tw_square(s, x);
    FAILS(TW_ERROR_SHAPE, tw_backward(NULL, y)); /* more than one element */
    tw_grad_options options = TW_GRAD_OPTIONS_INIT;
    options.gradient = VECTOR(s, 1, 10, 100);
    OK(tw_backward_with(s, y, &options));
    VALUES(tw_tensor_grad(s, x), 0, 2, 40, 600);
    tw_tensor *z = tw_square(s, x);
    options.gradient = VECTOR(s, 1, 10);
    FAILS(TW_ERROR_SHAPE, tw_backward_with(NULL, z, &options));
    tw_scope_free(s);
}

static void the_record_is_walked_once_unless_retained(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = leaf(VECTOR(s, 3)), *y = tw_exp(s, x);
    tw_grad_options options = TW_GRAD_OPTIONS_INIT;
    options.retain_graph = true;
    OK(tw_backward_with(s, y, &options));
    OK(tw_backward(s, y));
    VALUES(tw_tensor_grad(s, x), 1e-14, 2 * exp(3));
    FAILS(TW_ERROR_STATE, tw_backward(NULL, y));
    VALUES(tw_tensor_grad(s, x), 1e-14, 2 * exp(3));
    tw_scope_free(s);
}

static void overwritten_elements_refuse_the_gradient(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = leaf(VECTOR(s, 3)), *c = VECTOR(s, 2);
    tw_tensor *y = tw_multiply(s, x, c);
    OK(tw_tensor_assign(c, VECTOR(s, 100)));
    FAILS(TW_ERROR_STATE, tw_backward(NULL, y));
    bool present = true;
    OK(tw_tensor_has_grad(x, &present));
    CHECK(!present);
    tw_tensor *z = tw_multiply(s, x, c);
    void *data = NULL;
    OK(tw_tensor_mutable_data(tw_select(s, c, 0, 0), &data)); /* through a view */
    FAILS(TW_ERROR_STATE, tw_backward(NULL, z));
    tw_scope_free(s);
}

static void recording_can_be_switched_off(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = leaf(VECTOR(s, 3));
    CHECK(tw_grad_enabled());
    CHECK(tw_set_grad_enabled(false) == true);
    CHECK(!tw_grad_enabled());
    tw_tensor *y = tw_square(s, x);
    CHECK(tw_set_grad_enabled(true) == false);
    bool recorded = true;
    OK(tw_tensor_requires_grad(y, &recorded));
    CHECK(!recorded);
    CHECK(tw_backward(NULL, y) != TW_OK);
    OK(tw_tensor_requires_grad(tw_square(s, x), &recorded));
    CHECK(recorded);
    OK(tw_tensor_requires_grad(tw_detach(s, tw_square(s, x)), &recorded));
    CHECK(!recorded);
    tw_scope_free(s);
}

static void leaves(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = leaf(VECTOR(s, 3)), *y = tw_square(s, x);
    bool is_leaf = false;
    OK(tw_tensor_is_leaf(x, &is_leaf));
    CHECK(is_leaf);
    OK(tw_tensor_is_leaf(y, &is_leaf));
    CHECK(!is_leaf);
    FAILS(TW_ERROR_STATE, tw_tensor_set_requires_grad(y, false));
    FAILS(TW_ERROR_DTYPE, tw_tensor_set_requires_grad(INTEGERS(s, 1), true));
    OK(tw_tensor_set_requires_grad(x, false));
    bool required = true;
    OK(tw_tensor_requires_grad(tw_square(s, x), &required));
    CHECK(!required);
    CHECK(tw_backward(NULL, tw_square(s, x)) != TW_OK); /* nothing was recorded */
    tw_scope_free(s);
}

static void a_detached_tensor_shares_its_elements(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = leaf(VECTOR(s, 3)), *d = tw_detach(s, x);
    const void *of_x = NULL, *of_d = NULL;
    OK(tw_tensor_data(x, &of_x));
    OK(tw_tensor_data(d, &of_d));
    CHECK(of_x == of_d);
    OK(tw_backward(s, tw_multiply(s, x, tw_detach(s, x))));
    VALUES(tw_tensor_grad(s, x), 0, 3); /* not 6: one factor is a constant */
    tw_scope_free(s);
}

static void copies_and_casts_pass_the_gradient(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = leaf(VECTOR(s, 1, 2));
    OK(tw_backward(s, tw_sum(s, tw_square(s, tw_cast(s, tw_copy(s, x), TW_FLOAT32)), NULL, 0, false)));
    tw_tensor *gradient = tw_tensor_grad(s, x);
    CHECK(dtype_of(gradient) == TW_FLOAT64);
    VALUES(gradient, 1e-6, 2, 4);
    tw_scope_free(s);
}

static void a_long_chain_needs_no_deep_stack(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = leaf(tw_scalar(s, 1, TW_FLOAT64)), *y = x;
    int count = under_valgrind() ? 2000 : 200000;
    for (int i = 0; i < count; ++i) y = tw_add(s, y, x);
    tw_keep(y);
    tw_keep(x);
    tw_scope_clear(s); /* the record keeps what it needs */
    OK(tw_backward(s, y));
    NEAR(item(tw_tensor_grad(s, x)), count + 1.0, 0);
    /* Released without having been walked, too. */
    tw_release(y);
    y = tw_square(NULL, x);
    for (int i = 0; i < count; ++i) {
        tw_tensor *next = tw_add(NULL, y, x);
        tw_release(y);
        y = next;
    }
    tw_release(y);
    tw_release(x);
    tw_scope_free(s);
}

int main(void) {
    RUN(gradient_of_a_product);
    RUN(gradients_accumulate_until_cleared);
    RUN(gradients_outlive_a_scope);
    RUN(broadcast_axes_are_summed);
    RUN(ties_and_kinks);
    RUN(central_differences);
    RUN(second_derivatives);
    RUN(hessian_of_a_quadratic_form);
    RUN(several_inputs);
    RUN(the_gradient_of_the_output_can_be_given);
    RUN(the_record_is_walked_once_unless_retained);
    RUN(overwritten_elements_refuse_the_gradient);
    RUN(recording_can_be_switched_off);
    RUN(leaves);
    RUN(a_detached_tensor_shares_its_elements);
    RUN(copies_and_casts_pass_the_gradient);
    RUN(a_long_chain_needs_no_deep_stack);
    return check_report();
}
