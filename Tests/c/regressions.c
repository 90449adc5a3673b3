/* What once went wrong, a case each. */
#include "check.h"

static void a_negative_capacity(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 1, 2, 3);
    double data[4] = {7, 7, 7, 7};
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_tensor_to_double(x, data, -1));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_tensor_to_double(x, data, INT64_MIN));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_tensor_to_double(x, data, 2));
    CHECK(data[0] == 7 && data[1] == 7 && data[2] == 7);
    OK(tw_tensor_to_double(x, data, INT64_MAX));
    CHECK(data[0] == 1 && data[1] == 2 && data[2] == 3 && data[3] == 7);
    tw_scope_free(s);
}

static void an_odd_address(void) {
    tw_scope *s = tw_scope_new();
    unsigned char bytes[25];
    double copy[3];
    OK(tw_tensor_copy_to(VECTOR(s, 1, 2, 3), bytes + 1, 24));
    memcpy(copy, bytes + 1, 24);
    CHECK(copy[0] == 1 && copy[1] == 2 && copy[2] == 3);
    tw_scope_free(s);
}

static void count_up(void *context) { ++*(int *)context; }

/* Its memory is given back, so the tensor went. */
static void a_tensor_as_its_own_gradient(void) {
    double data[2] = {1, 2};
    int released = 0;
    tw_tensor *x = tw_tensor_borrow(NULL, data, TW_FLOAT64, (const int64_t[]){2}, NULL, 1, count_up, &released);
    OK(tw_tensor_set_requires_grad(x, true));
    OK(tw_tensor_set_grad(x, x));
    tw_release(x);
    CHECK(released == 1);
}

static void a_tensor_as_its_own_recorded_gradient(void) {
    double data[2] = {1, 2};
    int released = 0;
    tw_tensor *x = tw_tensor_borrow(NULL, data, TW_FLOAT64, (const int64_t[]){2}, NULL, 1, count_up, &released);
    OK(tw_tensor_set_requires_grad(x, true));
    tw_grad_options options = TW_GRAD_OPTIONS_INIT;
    options.gradient = x;
    options.create_graph = true;
    OK(tw_backward_with(NULL, x, &options));
    tw_release(x);
    CHECK(released == 1);
}

/* The gradient's gradient's gradient ...: releasing the first releases all. */
static void a_long_chain_of_gradients(void) {
    tw_tensor *first = tw_scalar(NULL, 1, TW_FLOAT64), *last = first;
    const int length = under_valgrind() ? 1000 : 300000;
    for (int i = 0; i < length; ++i) {
        if (!OK(tw_tensor_set_requires_grad(last, true)) || !OK(tw_backward(NULL, last))) break;
        tw_tensor *next = tw_tensor_grad(NULL, last);
        if (last != first) tw_release(last);
        last = next;
    }
    if (last != first) tw_release(last);
    tw_release(first);
}

static void gradients_are_new_tensors(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = VECTOR(s, 1, 2), *b = VECTOR(s, 3, 4), *seed = VECTOR(s, 1, 1), *found[2];
    OK(tw_tensor_set_requires_grad(a, true));
    OK(tw_tensor_set_requires_grad(b, true));
    tw_grad_options options = TW_GRAD_OPTIONS_INIT;
    options.gradient = seed;
    OK(tw_grad(s, tw_add(s, a, b), (const tw_tensor *[]){a, b}, 2, &options, found));
    OK(tw_tensor_assign(found[0], VECTOR(s, 9, 9)));
    VALUES(found[1], 0, 1, 1);
    VALUES(seed, 0, 1, 1);
    tw_scope_free(s);
}

static void make_many(void *context) {
    for (int i = 0; i < 1000; ++i) (void)tw_scalar(context, i, TW_FLOAT64);
}

/* The scope's list grows, and may move, while it is cleared. */
static void a_release_that_makes_tensors(void) {
    tw_scope *s = tw_scope_new();
    double data = 1;
    for (int i = 0; i < 3; ++i) (void)tw_scalar(s, 1, TW_FLOAT64);
    (void)tw_tensor_borrow(s, &data, TW_FLOAT64, NULL, NULL, 0, make_many, s);
    tw_scope_clear(s);
    CHECK(tw_live_handles() >= 1);
    tw_scope_free(s);
}

static void powers_of_integers_by_a_fraction(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = tw_full(s, SIZES(1), 4, TW_INT32), *t = tw_ones(s, SIZES(1), TW_BOOL);
    CHECK(dtype_of(tw_power_scalar(s, x, 0.5)) == TW_FLOAT64);
    CHECK(dtype_of(tw_power_scalar(s, x, -0.5)) == TW_FLOAT64);
    CHECK(dtype_of(tw_power_scalar(s, x, 2)) == TW_INT32);
    CHECK(dtype_of(tw_power_scalar(s, t, 1)) == TW_FLOAT64);
    CHECK(dtype_of(tw_power_scalar(s, t, 2)) == TW_FLOAT64);
    tw_scope_free(s);
}

static void a_linear_map_to_nothing(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = tw_ones(s, SIZES(2, 3), TW_FLOAT64), *w = tw_zeros(s, SIZES(0, 3), TW_FLOAT64);
    OK(tw_tensor_set_requires_grad(x, true));
    OK(tw_backward(s, tw_sum(s, tw_linear(s, x, w, tw_zeros(s, SIZES(0), TW_FLOAT64)), NULL, 0, false)));
    VALUES(tw_tensor_grad(s, x), 0, 0, 0, 0, 0, 0, 0);
    tw_scope_free(s);
}

int main(void) {
    RUN(a_negative_capacity);
    RUN(an_odd_address);
    RUN(a_tensor_as_its_own_gradient);
    RUN(a_tensor_as_its_own_recorded_gradient);
    RUN(a_long_chain_of_gradients);
    RUN(gradients_are_new_tensors);
    RUN(a_release_that_makes_tensors);
    RUN(powers_of_integers_by_a_fraction);
    RUN(a_linear_map_to_nothing);
    return check_report();
}
