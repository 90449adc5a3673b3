/* Reading and writing by keys, masks and positions: small cases worked out by hand. */
#include "check.h"

#define KEYS(...) (const tw_key[]){__VA_ARGS__}, (int64_t)(sizeof((const tw_key[]){__VA_ARGS__}) / sizeof(tw_key))

static tw_tensor *mask_of(tw_scope *s, const tw_tensor *x) { return tw_cast(s, x, TW_BOOL); }

static void reading(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 1, 2, 3, 4, 5, 6);
    VALUES(tw_index(s, a, KEYS(TW_KEY_AT(-1))), 0, 4, 5, 6);
    VALUES(tw_index(s, a, KEYS(TW_KEY_ALL, TW_KEY_AT(1))), 0, 2, 5);
    VALUES(tw_index(s, a, KEYS(TW_KEY_REST, TW_KEY_RANGE(INT64_MAX, INT64_MIN, -2))), 0, 3, 1, 6, 4);
    SHAPE(tw_index(s, a, KEYS(TW_KEY_NEW, TW_KEY_REST, TW_KEY_NEW)), 1, 2, 3, 1);
    VALUES(tw_index(s, a, NULL, 0), 0, 1, 2, 3, 4, 5, 6);
    tw_tensor *picked = tw_index(s, a, KEYS(TW_KEY_ALL, TW_KEY_PICK(INTEGERS(s, 2, 0, 2))));
    SHAPE(picked, 2, 3);
    VALUES(picked, 0, 3, 1, 3, 6, 4, 6);
    VALUES(tw_index(s, a, KEYS(TW_KEY_PICK(INTEGERS(s, 0, 1)), TW_KEY_PICK(INTEGERS(s, 2, -3)))), 0, 3, 4);
    VALUES(tw_index(s, a, KEYS(TW_KEY_PICK(mask_of(s, MATRIX(s, 2, 3, 1, 0, 0, 0, 2, 1))))), 0, 1, 5, 6);
    VALUES(tw_mask_select(s, a, mask_of(s, VECTOR(s, 0, 1))), 0, 4, 5, 6);
    /* A basic key gives a view: writing to it writes to what it shows. */
    tw_tensor *view = tw_index(s, a, KEYS(TW_KEY_AT(0)));
    OK(tw_tensor_assign(view, tw_scalar(s, 7, TW_FLOAT64)));
    VALUES(a, 0, 7, 7, 7, 4, 5, 6);
    CHECK(tw_scope_status(s) == TW_OK);
    tw_scope_free(s);
}

static void refused(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 1, 2, 3, 4, 5, 6);
    REFUSES_SAYING(TW_ERROR_INDEX, "2", tw_index(s, a, KEYS(TW_KEY_AT(2))));
    REFUSES(TW_ERROR_INDEX, tw_index(s, a, KEYS(TW_KEY_AT(0), TW_KEY_AT(0), TW_KEY_AT(0))));
    REFUSES(TW_ERROR_INDEX, tw_index(s, a, KEYS(TW_KEY_REST, TW_KEY_REST)));
    REFUSES_SAYING(TW_ERROR_INDEX, "index 3 at position 1 is out of range for size 3",
                   tw_index(s, a, KEYS(TW_KEY_ALL, TW_KEY_PICK(INTEGERS(s, 0, 3)))));
    REFUSES(TW_ERROR_INDEX, tw_index(s, a, KEYS(TW_KEY_ALL, TW_KEY_PICK(INTEGERS(s, INT64_MIN)))));
    REFUSES(TW_ERROR_INDEX, tw_index(s, a, KEYS(TW_KEY_PICK(INTEGERS(s, 0, 1)), TW_KEY_PICK(INTEGERS(s, 0, 1, 2)))));
    REFUSES(TW_ERROR_INDEX, tw_mask_select(s, a, mask_of(s, VECTOR(s, 1, 1, 1))));
    REFUSES(TW_ERROR_INDEX, tw_mask_select(s, a, mask_of(s, tw_ones(s, SIZES(2, 3, 1), TW_BOOL))));
    REFUSES(TW_ERROR_DTYPE, tw_mask_select(s, a, VECTOR(s, 1, 1)));
    REFUSES(TW_ERROR_DTYPE, tw_index(s, a, KEYS(TW_KEY_PICK(VECTOR(s, 1, 1)))));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_index(s, a, KEYS(TW_KEY_RANGE(0, 2, 0))));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_index(s, a, KEYS({(tw_key_kind)5, 0, 0, 0, NULL})));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_index(s, a, KEYS({(tw_key_kind)-1, 0, 0, 0, NULL})));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_index(s, a, NULL, -1));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_index(s, a, NULL, INT64_MAX));
    REFUSES(TW_ERROR_NULL, tw_index(s, a, NULL, 1));
    REFUSES(TW_ERROR_NULL, tw_index(s, a, KEYS(TW_KEY_PICK(NULL))));
    REFUSES(TW_ERROR_NULL, tw_index(s, NULL, NULL, 0));
    REFUSES(TW_ERROR_SHAPE, tw_index(s, a, KEYS(TW_KEY_NEW, TW_KEY_NEW, TW_KEY_NEW, TW_KEY_NEW, TW_KEY_NEW,
                                                TW_KEY_NEW, TW_KEY_NEW)));
    tw_scope_free(s);
}

static void writing(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_zeros(s, SIZES(2, 3), TW_FLOAT32);
    OK(tw_index_assign(a, KEYS(TW_KEY_AT(0)), VECTOR(s, 1, 2, 3)));
    OK(tw_index_assign(a, KEYS(TW_KEY_ALL, TW_KEY_PICK(INTEGERS(s, 2, 0))), MATRIX(s, 2, 2, 4, 5, 6, 7)));
    VALUES(a, 0, 5, 2, 4, 7, 0, 6);
    OK(tw_index_assign(a, KEYS(TW_KEY_AT(1), TW_KEY_PICK(INTEGERS(s, 1, 1))), VECTOR(s, 8, 9)));
    VALUES(a, 0, 5, 2, 4, 7, 9, 6);
    OK(tw_mask_assign(a, tw_greater(s, a, tw_scalar(s, 5, TW_FLOAT32)), tw_scalar(s, -1, TW_FLOAT64)));
    VALUES(a, 0, 5, 2, 4, -1, -1, -1);
    /* What is written is read whole before. */
    tw_tensor *line = VECTOR(s, 0, 1, 2, 3, 4);
    OK(tw_index_assign(line, KEYS(TW_KEY_PICK(INTEGERS(s, 1, 2, 3, 4))), tw_slice(s, line, 0, 0, 4, 1)));
    VALUES(line, 0, 0, 0, 1, 2, 3);
    OK(tw_index_assign(line, KEYS(TW_KEY_RANGE(0, 4, 1)), tw_slice(s, line, 0, 1, 5, 1)));
    VALUES(line, 0, 0, 1, 2, 3, 3);
    FAILS(TW_ERROR_SHAPE, tw_index_assign(line, KEYS(TW_KEY_PICK(INTEGERS(s, 0, 1))), VECTOR(s, 1, 2, 3)));
    FAILS(TW_ERROR_INDEX, tw_index_assign(line, KEYS(TW_KEY_PICK(INTEGERS(s, 0, 5))), VECTOR(s, 1, 2)));
    FAILS(TW_ERROR_NULL, tw_index_assign(NULL, NULL, 0, line));
    FAILS(TW_ERROR_NULL, tw_index_assign(line, NULL, 0, NULL));
    FAILS(TW_ERROR_STATE, tw_index_assign(tw_broadcast_to(s, tw_scalar(s, 1, TW_FLOAT64), SIZES(3)),
                                          KEYS(TW_KEY_PICK(INTEGERS(s, 0))), tw_scalar(s, 1, TW_FLOAT64)));
    OK(tw_tensor_set_requires_grad(line, true));
    FAILS_SAYING(TW_ERROR_STATE, "leaf", tw_index_assign(line, KEYS(TW_KEY_AT(0)), tw_scalar(s, 1, TW_FLOAT64)));
    tw_tensor *result = tw_square(s, line);
    FAILS_SAYING(TW_ERROR_STATE, "result", tw_index_assign(result, KEYS(TW_KEY_AT(0)), tw_scalar(s, 1, TW_FLOAT64)));
    FAILS_SAYING(TW_ERROR_STATE, "result", tw_tensor_assign(result, line));
    VALUES(line, 0, 0, 1, 2, 3, 3);
    bool recorded = tw_set_grad_enabled(false);
    OK(tw_index_assign(line, KEYS(TW_KEY_AT(0)), tw_scalar(s, 1, TW_FLOAT64)));
    tw_set_grad_enabled(recorded);
    FAILS_SAYING(TW_ERROR_STATE, "changed in place", tw_backward(NULL, tw_sum(s, result, NULL, 0, false)));
    tw_scope_free(s);
}

static void copies(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 1, 2, 3, 4, 5, 6), *twice = INTEGERS(s, 1, 1);
    VALUES(tw_index_put(s, a, KEYS(TW_KEY_ALL, TW_KEY_PICK(twice)), VECTOR(s, 10, 20), false), 0, 1, 20, 3, 4, 20, 6);
    VALUES(tw_index_put(s, a, KEYS(TW_KEY_ALL, TW_KEY_PICK(twice)), VECTOR(s, 10, 20), true), 0, 1, 32, 3, 4, 35, 6);
    VALUES(tw_index_add(s, a, 1, twice, VECTOR(s, 10, 20)), 0, 1, 32, 3, 4, 35, 6);
    VALUES(tw_index_add(s, a, 0, twice, tw_ones(s, SIZES(2, 3), TW_INT32)), 0, 1, 2, 3, 6, 7, 8);
    tw_tensor *places = tw_reshape(s, INTEGERS(s, 0, 0, 2, -1), SIZES(2, 2));
    VALUES(tw_take_along_axis(s, a, places, 1), 0, 1, 1, 6, 6);
    VALUES(tw_take_along_axis(s, a, tw_reshape(s, INTEGERS(s, 2), SIZES(1, 1)), 1), 0, 3, 6);
    VALUES(tw_scatter(s, a, 1, places, VECTOR(s, 7, 8)), 0, 8, 2, 3, 4, 5, 8);
    VALUES(tw_scatter_add(s, a, 1, places, VECTOR(s, 7, 8)), 0, 16, 2, 3, 4, 5, 21);
    VALUES(a, 0, 1, 2, 3, 4, 5, 6);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_SHAPE, tw_index_add(s, a, 1, places, a));
    REFUSES(TW_ERROR_SHAPE, tw_index_add(s, a, 1, twice, VECTOR(s, 1, 2, 3)));
    REFUSES(TW_ERROR_INDEX, tw_index_add(s, a, 2, twice, a));
    REFUSES(TW_ERROR_SHAPE, tw_scatter(s, a, 0, INTEGERS(s, 0), a));
    REFUSES(TW_ERROR_SHAPE, tw_scatter_add(s, a, 0, places, a));
    REFUSES(TW_ERROR_SHAPE, tw_take_along_axis(s, a, twice, 0));
    REFUSES(TW_ERROR_NULL, tw_scatter(s, a, 0, NULL, a));
    tw_scope_free(s);
}

int main(void) {
    RUN(reading);
    RUN(refused);
    RUN(writing);
    RUN(copies);
    return check_report();
}
