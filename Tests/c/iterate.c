/* Walking a tensor's elements by stride. */
#include "check.h"

/* The elements by the iterator against those that tw_tensor_to_double gives; the number of runs. */
static int64_t walk(const tw_tensor *tensor) {
    double found[256], expected[256];
    int64_t count = 0, n = 0, runs = 0;
    OK(tw_tensor_count(tensor, &count));
    OK(tw_tensor_to_double(tensor, expected, 256));
    tw_strided_iterator run = TW_STRIDED_ITERATOR_INIT;
    OK(tw_strided_iterator_start(tensor, &run));
    while (tw_strided_iterator_next(&run)) {
        ++runs;
        const double *x = run.data;
        if (!CHECK(run.count > 0 && n + run.count <= count)) return -1;
        for (int64_t i = 0; i < run.count; ++i) found[n++] = x[i * run.stride];
    }
    CHECK(n == count && run.count == 0);
    CHECK(!tw_strided_iterator_next(&run));
    for (int64_t i = 0; i < n; ++i) CHECK(found[i] == expected[i]);
    return runs;
}

static void runs_are_as_long_as_the_strides_allow(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_reshape(s, tw_arange(s, 0, 120, 1, TW_FLOAT64), SIZES(2, 3, 4, 5));
    CHECK(walk(a) == 1);
    CHECK(walk(tw_permute(s, a, (const int64_t[]){3, 2, 1, 0}, 4)) == 60); /* of the two */
    CHECK(walk(tw_permute(s, a, (const int64_t[]){1, 0, 2, 3}, 4)) == 6);  /* of the 4 x 5 */
    CHECK(walk(tw_slice(s, a, 3, 0, 5, 2)) == 24);
    CHECK(walk(tw_slice(s, a, 0, 1, 2, 1)) == 1);
    CHECK(walk(tw_slice(s, a, 1, 0, 2, 1)) == 2);
    CHECK(walk(tw_flip(s, a, NULL, 0)) == 1); /* backwards, in one run */
    CHECK(walk(tw_slice(s, a, 2, INT64_MAX, INT64_MIN, -3)) == 12);
    CHECK(walk(tw_select(s, a, 3, 2)) == 1); /* every fifth */
    CHECK(walk(tw_broadcast_to(s, tw_slice(s, a, 3, 0, 1, 1), SIZES(2, 3, 4, 5))) == 24);
    CHECK(walk(tw_broadcast_to(s, VECTOR(s, 7), SIZES(3, 5))) == 1);
    CHECK(walk(tw_scalar(s, 3, TW_FLOAT64)) == 1);
    CHECK(walk(tw_zeros(s, SIZES(1, 1, 1), TW_FLOAT64)) == 1);
    CHECK(walk(tw_zeros(s, SIZES(3, 0, 2), TW_FLOAT64)) == 0);
    CHECK(tw_scope_status(s) == TW_OK);
    tw_scope_free(s);
}

static void all_axes_that_there_can_be(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_reshape(s, tw_arange(s, 0, 256, 1, TW_FLOAT64), SIZES(2, 2, 2, 2, 2, 2, 2, 2));
    CHECK(walk(a) == 1);
    CHECK(walk(tw_permute(s, a, (const int64_t[]){7, 6, 5, 4, 3, 2, 1, 0}, 8)) == 128);
    tw_scope_free(s);
}

static void strides_count_elements_of_any_size(void) {
    const tw_dtype dtypes[] = {TW_UINT8, TW_BFLOAT16, TW_FLOAT32, TW_INT64};
    for (int i = 0; i < 4; ++i) {
        tw_scope *s = tw_scope_new();
        tw_tensor *a = tw_transpose(s, tw_reshape(s, tw_arange(s, 0, 6, 1, dtypes[i]), SIZES(2, 3)), 0, 1);
        const void *first = NULL;
        OK(tw_tensor_data(a, &first));
        tw_strided_iterator run = TW_STRIDED_ITERATOR_INIT;
        OK(tw_strided_iterator_start(a, &run));
        for (int64_t row = 0; row < 3; ++row) {
            CHECK(tw_strided_iterator_next(&run));
            CHECK((const char *)run.data == (const char *)first + row * (int64_t)tw_dtype_size(dtypes[i]));
            CHECK(run.count == 2 && run.stride == 3);
        }
        CHECK(!tw_strided_iterator_next(&run));
        tw_scope_free(s);
    }
}

static void writing(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 1, 2, 3, 4, 5, 6);
    tw_tensor *column = tw_select(s, a, 1, 1);
    tw_strided_iterator run = TW_STRIDED_ITERATOR_INIT;
    OK(tw_strided_iterator_start_mutable(column, &run));
    while (tw_strided_iterator_next(&run))
        for (int64_t i = 0; i < run.count; ++i) ((double *)run.data)[i * run.stride] *= 10;
    VALUES(a, 0, 1, 20, 3, 4, 50, 6);
    /* The tape hears of it: the gradient of a square needs the elements that were. */
    tw_tensor *x = VECTOR(s, 1, 2);
    OK(tw_tensor_set_requires_grad(x, true));
    tw_tensor *loss = tw_sum(s, tw_square(s, x), NULL, 0, false);
    OK(tw_strided_iterator_start(x, &run));
    OK(tw_strided_iterator_start_mutable(tw_detach(s, x), &run));
    FAILS(TW_ERROR_STATE, tw_backward(s, loss));
    tw_scope_free(s);
}

static void bad_arguments(void) {
    tw_tensor *a = tw_ones(NULL, SIZES(3), TW_FLOAT64);
    tw_strided_iterator run = TW_STRIDED_ITERATOR_INIT;
    FAILS(TW_ERROR_NULL, tw_strided_iterator_start(NULL, &run));
    FAILS(TW_ERROR_NULL, tw_strided_iterator_start(a, NULL));
    FAILS(TW_ERROR_NULL, tw_strided_iterator_start_mutable(a, NULL));
    run.struct_size = 8;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_strided_iterator_start(a, &run));
    CHECK(run.struct_size == 8 && run.data == NULL);
    CHECK(!tw_strided_iterator_next(NULL));
    tw_strided_iterator never_started = TW_STRIDED_ITERATOR_INIT;
    CHECK(!tw_strided_iterator_next(&never_started));
    never_started.runs = 3; /* not the caller's to set, and no harm */
    never_started.rank = 9;
    CHECK(!tw_strided_iterator_next(&never_started));
    tw_release(a);
}

int main(void) {
    RUN(runs_are_as_long_as_the_strides_allow);
    RUN(all_axes_that_there_can_be);
    RUN(strides_count_elements_of_any_size);
    RUN(writing);
    RUN(bad_arguments);
    return check_report();
}
