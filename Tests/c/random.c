/* Random whole numbers and choices. */
#include "check.h"

static void integers(void) {
    tw_scope *s = tw_scope_new();
    tw_generator *a = NULL, *b = NULL;
    OK(tw_generator_new(3, &a));
    OK(tw_generator_new(3, &b));
    tw_tensor *x = tw_random_integers(s, a, SIZES(1000), -2, 3, TW_INT32);
    CHECK(dtype_of(x) == TW_INT32);
    CHECK(item(tw_min(s, x, NULL, 0, false)) == -2 && item(tw_max(s, x, NULL, 0, false)) == 2);
    CHECK(same_bytes(x, tw_random_integers(s, b, SIZES(1000), -2, 3, TW_INT32)));
    SHAPE(tw_random_integers(s, a, SIZES(2, 0), 0, 1, TW_UINT8), 2, 0);
    SHAPE(tw_random_integers(s, NULL, SIZES(3), INT64_MIN, INT64_MAX, TW_INT64), 3);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_random_integers(s, a, SIZES(2), 1, 1, TW_INT64));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_random_integers(s, a, SIZES(2), 0, 257, TW_UINT8));
    REFUSES(TW_ERROR_DTYPE, tw_random_integers(s, a, SIZES(2), 0, 2, TW_FLOAT64));
    REFUSES(TW_ERROR_SHAPE, tw_random_integers(s, a, SIZES(-2), 0, 2, TW_INT64));
    tw_generator_free(a);
    tw_generator_free(b);
    tw_scope_free(s);
}

static void choices(void) {
    tw_scope *s = tw_scope_new();
    VALUES(tw_random_bernoulli(s, NULL, VECTOR(s, 0, 1)), 0, 0, 1);
    VALUES(tw_random_categorical(s, NULL, VECTOR(s, 0, 2), 3, true), 0, 1, 1, 1);
    VALUES(tw_random_categorical_logits(s, NULL, VECTOR(s, -INFINITY, 2), 1, false), 0, 1);
    tw_tensor *order = tw_random_categorical(s, NULL, VECTOR(s, 1, 2, 3, 4), 4, false);
    VALUES(tw_sort(s, order, 0, false), 0, 0, 1, 2, 3);
    tw_tensor *permuted = tw_random_permuted(s, NULL, MATRIX(s, 2, 3, 1, 2, 3, 4, 5, 6), 1);
    VALUES(tw_sort(s, permuted, 1, false), 0, 1, 2, 3, 4, 5, 6);
    VALUES(tw_random_exponential(s, NULL, SIZES(2), 0, TW_FLOAT32), 0, 0, 0);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_random_bernoulli(s, NULL, VECTOR(s, 2)));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_random_categorical(s, NULL, VECTOR(s, 1, -1), 1, true));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_random_categorical(s, NULL, VECTOR(s, 1, 0), 2, false));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_random_categorical(s, NULL, VECTOR(s, 1, 0), -2, true));
    REFUSES(TW_ERROR_SHAPE, tw_random_categorical(s, NULL, VECTOR(s, 1, 0), INT64_MAX, true));
    REFUSES(TW_ERROR_INDEX, tw_random_permuted(s, NULL, VECTOR(s, 1), 1));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_random_exponential(s, NULL, SIZES(2), NAN, TW_FLOAT32));
    tw_scope_free(s);
}

int main(void) {
    RUN(integers);
    RUN(choices);
    return check_report();
}
