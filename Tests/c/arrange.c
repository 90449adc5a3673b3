/* Elements in another arrangement: small cases worked out by hand. */
#include "check.h"

static void turned_and_moved(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 1, 2, 3, 4, 5, 6);
    VALUES(tw_flip(s, a, NULL, 0), 0, 6, 5, 4, 3, 2, 1);
    VALUES(tw_flip(s, a, (const int64_t[]){1}, 1), 0, 3, 2, 1, 6, 5, 4);
    VALUES(tw_roll(s, a, (const int64_t[]){1}, NULL, 1), 0, 6, 1, 2, 3, 4, 5);
    VALUES(tw_roll(s, a, (const int64_t[]){-1}, (const int64_t[]){-1}, 1), 0, 2, 3, 1, 5, 6, 4);
    VALUES(tw_roll(s, a, (const int64_t[]){INT64_MIN, INT64_MAX}, (const int64_t[]){0, 1}, 2), 0, 3, 1, 2, 6, 4, 5);
    tw_tensor *moved = tw_move_axis(s, tw_zeros(s, SIZES(2, 3, 4), TW_FLOAT32), 0, 2);
    SHAPE(moved, 3, 4, 2);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INDEX, tw_flip(s, a, (const int64_t[]){2}, 1));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_roll(s, a, (const int64_t[]){1, 2}, NULL, 2));
    REFUSES(TW_ERROR_NULL, tw_roll(s, a, NULL, NULL, 1));
    REFUSES(TW_ERROR_INDEX, tw_roll(s, a, (const int64_t[]){1}, (const int64_t[]){-3}, 1));
    REFUSES(TW_ERROR_INDEX, tw_move_axis(s, a, 2, 0));
    REFUSES(TW_ERROR_NULL, tw_flip(s, NULL, NULL, 0));
    tw_scope_free(s);
}

static void repeated(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 2, 1, 2, 3, 4);
    VALUES(tw_repeat(s, a, 2, 1), 0, 1, 1, 2, 2, 3, 3, 4, 4);
    VALUES(tw_repeat_each(s, a, INTEGERS(s, 0, 2), 0), 0, 3, 4, 3, 4);
    VALUES(tw_repeat_each(s, a, INTEGERS(s, 2), 0), 0, 1, 2, 1, 2, 3, 4, 3, 4);
    SHAPE(tw_repeat(s, a, 0, 0), 0, 2);
    VALUES(tw_tile(s, VECTOR(s, 1, 2), SIZES(2, 2)), 0, 1, 2, 1, 2, 1, 2, 1, 2);
    SHAPE(tw_tile(s, a, SIZES(3)), 2, 6);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_repeat(s, a, -1, 0));
    REFUSES(TW_ERROR_SHAPE, tw_repeat(s, a, INT64_MAX, 0));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_repeat_each(s, a, INTEGERS(s, 1, -1), 0));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_repeat_each(s, a, INTEGERS(s, -1), 0));
    REFUSES(TW_ERROR_SHAPE, tw_repeat_each(s, a, INTEGERS(s, 1, 2, 3), 0));
    REFUSES(TW_ERROR_SHAPE, tw_repeat_each(s, a, INTEGERS(s, INT64_MAX, INT64_MAX), 0));
    REFUSES(TW_ERROR_DTYPE, tw_repeat_each(s, a, VECTOR(s, 1, 2), 0));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_tile(s, a, SIZES(-1)));
    REFUSES(TW_ERROR_SHAPE, tw_tile(s, a, SIZES(1, 1, 1, 1, 1, 1, 1, 1, 1)));
    tw_scope_free(s);
}

static void padded(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 1, 2, 3);
    VALUES(tw_pad(s, x, SIZES(1, 2) / 2, TW_PAD_CONSTANT, 7), 0, 7, 1, 2, 3, 7, 7);
    VALUES(tw_pad(s, x, SIZES(2, 1) / 2, TW_PAD_EDGE, 0), 0, 1, 1, 1, 2, 3, 3);
    VALUES(tw_pad(s, x, SIZES(3, 1) / 2, TW_PAD_REFLECT, 0), 0, 2, 3, 2, 1, 2, 3, 2);
    VALUES(tw_pad(s, x, SIZES(1, 4) / 2, TW_PAD_SYMMETRIC, 0), 0, 1, 1, 2, 3, 3, 2, 1, 1);
    VALUES(tw_pad(s, x, SIZES(1, 1) / 2, TW_PAD_WRAP, 0), 0, 3, 1, 2, 3, 1);
    VALUES(tw_pad(s, MATRIX(s, 1, 2, 1, 2), SIZES(1, 0, 0, 1) / 2, TW_PAD_CONSTANT, 0), 0, 0, 0, 0, 1, 2, 0);
    SCALAR_SHAPE(tw_pad(s, tw_scalar(s, 1, TW_FLOAT32), NULL, 0, TW_PAD_EDGE, 0));
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_pad(s, x, SIZES(-1, 0) / 2, TW_PAD_EDGE, 0));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_pad(s, x, SIZES(1, 0) / 2, (tw_pad_mode)9, 0));
    REFUSES(TW_ERROR_SHAPE, tw_pad(s, x, SIZES(INT64_MAX, INT64_MAX) / 2, TW_PAD_EDGE, 0));
    REFUSES(TW_ERROR_SHAPE, tw_pad(s, x, SIZES(1, 1, 1, 1) / 2, TW_PAD_EDGE, 0));
    REFUSES(TW_ERROR_SHAPE, tw_pad(s, x, NULL, INT64_MAX, TW_PAD_EDGE, 0));
    REFUSES(TW_ERROR_NULL, tw_pad(s, x, NULL, 1, TW_PAD_EDGE, 0));
    REFUSES(TW_ERROR_SHAPE, tw_pad(s, tw_zeros(s, SIZES(0), TW_FLOAT32), SIZES(1, 0) / 2, TW_PAD_WRAP, 0));
    tw_scope_free(s);
}

static void triangles(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 1, 2, INFINITY, NAN, 5, 6);
    VALUES(tw_tril(s, a, 0), 0, 1, 0, 0, NAN, 5, 0);
    VALUES(tw_triu(s, a, 0), 0, 1, 2, INFINITY, 0, 5, 6);
    VALUES(tw_triu(s, a, 1), 0, 0, 2, INFINITY, 0, 0, 6);
    VALUES(tw_tril(s, a, INT64_MIN), 0, 0, 0, 0, 0, 0, 0);
    VALUES(tw_triu(s, a, INT64_MAX), 0, 0, 0, 0, 0, 0, 0);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_SHAPE, tw_tril(s, VECTOR(s, 1, 2), 0));
    tw_scope_free(s);
}

static void accumulated(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 1, 2, 3, 4, 5, 6);
    VALUES(tw_cumulative_sum(s, a, 1, false), 0, 1, 3, 6, 4, 9, 15);
    VALUES(tw_cumulative_sum(s, a, 0, true), 0, 0, 0, 0, 1, 2, 3, 5, 7, 9);
    VALUES(tw_cumulative_prod(s, a, -1, true), 0, 1, 1, 2, 6, 1, 4, 20, 120);
    VALUES(tw_diff(s, VECTOR(s, 1, 4, 9, 16), 0, 2), 0, 2, 2);
    SHAPE(tw_diff(s, a, 0, 5), 0, 3);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INDEX, tw_cumulative_sum(s, a, 2, false));
    REFUSES(TW_ERROR_INDEX, tw_cumulative_prod(s, tw_scalar(s, 1, TW_FLOAT32), 0, false));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_diff(s, a, 0, -1));
    REFUSES(TW_ERROR_DTYPE, tw_diff(s, tw_ones(s, SIZES(2), TW_BOOL), 0, 1));
    tw_scope_free(s);
}

static void sorted(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 3, NAN, 1, -1, 2, -1);
    VALUES(tw_sort(s, a, 1, false), 0, 1, 3, NAN, -1, -1, 2);
    VALUES(tw_argsort(s, a, 1, false), 0, 2, 0, 1, 0, 2, 1);
    VALUES(tw_argsort(s, a, 1, true), 0, 1, 0, 2, 1, 0, 2);
    VALUES(tw_sort(s, a, 0, false), 0, -1, 2, -1, 3, NAN, 1);
    CHECK(dtype_of(tw_argsort(s, a, 0, false)) == TW_INT64);
    SHAPE(tw_sort(s, tw_zeros(s, SIZES(0, 3), TW_FLOAT32), 1, false), 0, 3);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INDEX, tw_sort(s, tw_scalar(s, 1, TW_FLOAT32), 0, false));
    REFUSES(TW_ERROR_INDEX, tw_argsort(s, a, 2, false));
    tw_scope_free(s);
}

int main(void) {
    RUN(turned_and_moved);
    RUN(repeated);
    RUN(padded);
    RUN(triangles);
    RUN(accumulated);
    RUN(sorted);
    return check_report();
}
