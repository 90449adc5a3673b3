/* Finding elements: small cases worked out by hand. */
#include "check.h"

static void where_they_are(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *sorted = VECTOR(s, -1, 0, 0, 2, INFINITY, NAN);
    VALUES(tw_searchsorted(s, sorted, VECTOR(s, -2, -0.0, 1, NAN, INFINITY), false, NULL), 0, 0, 1, 3, 5, 4);
    VALUES(tw_searchsorted(s, sorted, VECTOR(s, -2, -0.0, 1, NAN, INFINITY), true, NULL), 0, 0, 3, 3, 6, 5);
    VALUES(tw_searchsorted(s, INTEGERS(s, 30, 10, 20), INTEGERS(s, 15), false, INTEGERS(s, 1, 2, 0)), 0, 1);
    VALUES(tw_searchsorted(s, tw_zeros(s, SIZES(0), TW_FLOAT32), VECTOR(s, 1, 2), false, NULL), 0, 0, 0);
    SCALAR_SHAPE(tw_searchsorted(s, sorted, tw_scalar(s, 1, TW_INT32), false, NULL));
    tw_tensor *a = MATRIX(s, 2, 3, 0, 2, 0, NAN, 0, -0.0);
    tw_tensor *places = tw_nonzero(s, a);
    SHAPE(places, 2, 2);
    CHECK(dtype_of(places) == TW_INT64);
    VALUES(places, 0, 0, 1, 1, 0);
    SHAPE(tw_nonzero(s, tw_zeros(s, SIZES(0, 3), TW_BOOL)), 2, 0);
    VALUES(tw_count_nonzero(s, a, NULL, 0, false), 0, 2);
    VALUES(tw_count_nonzero(s, a, (const int64_t[]){0}, 1, true), 0, 1, 1, 0);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_SHAPE, tw_searchsorted(s, a, a, false, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_searchsorted(s, sorted, a, false, INTEGERS(s, 0)));
    REFUSES(TW_ERROR_INDEX, tw_searchsorted(s, VECTOR(s, 1), a, false, INTEGERS(s, 1)));
    REFUSES(TW_ERROR_SHAPE, tw_nonzero(s, tw_scalar(s, 1, TW_FLOAT64)));
    REFUSES(TW_ERROR_INDEX, tw_count_nonzero(s, a, (const int64_t[]){2}, 1, false));
    tw_scope_free(s);
}

static void sets(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 4, 3, NAN, 1, 3, -0.0, NAN, 0, 1), *indices, *inverse, *counts;
    VALUES(tw_unique(s, a, &indices, &inverse, &counts), 0, 0, 1, 3, NAN, NAN);
    VALUES(indices, 0, 4, 2, 0, 1, 5);
    SHAPE(inverse, 2, 4);
    VALUES(inverse, 0, 2, 3, 1, 2, 0, 4, 0, 1);
    VALUES(counts, 0, 2, 2, 2, 1, 1);
    VALUES(tw_unique(s, a, NULL, NULL, NULL), 0, 0, 1, 3, NAN, NAN);
    tw_tensor *only = NULL;
    VALUES(tw_unique(s, INTEGERS(s, 5, 5, INT64_MIN), NULL, NULL, &only), 0, (double)INT64_MIN, 5);
    VALUES(only, 0, 1, 2);
    SHAPE(tw_unique(s, tw_zeros(s, SIZES(0, 2), TW_UINT8), &indices, &inverse, &counts), 0);
    SHAPE(inverse, 0, 2);
    VALUES(tw_isin(s, a, VECTOR(s, 0, NAN, 3), false), 0, 1, 0, 0, 1, 1, 0, 1, 0);
    VALUES(tw_isin(s, a, VECTOR(s, 0, NAN, 3), true), 0, 0, 1, 1, 0, 0, 1, 0, 1);
    VALUES(tw_isin(s, INTEGERS(s, 1, 2), tw_zeros(s, SIZES(0), TW_INT64), true), 0, 1, 1);
    CHECK(tw_scope_status(s) == TW_OK);
    indices = NULL;
    REFUSES(TW_ERROR_NULL, tw_unique(s, NULL, &indices, NULL, NULL));
    CHECK(indices == NULL);
    tw_scope_free(s);
}

static void the_greatest(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 4, 1, 4, 2, 4, 9, NAN, -1, 9), *places;
    VALUES(tw_top_k(s, a, 3, 1, true, true, &places), 0, 4, 4, 2, NAN, 9, 9);
    VALUES(places, 0, 1, 3, 2, 1, 0, 3);
    VALUES(tw_top_k(s, a, 2, -1, false, true, NULL), 0, 1, 2, -1, 9);
    VALUES(tw_top_k(s, a, 3, 1, true, false, &places), 0, 4, 2, 4, 9, NAN, 9);
    VALUES(places, 0, 1, 2, 3, 0, 1, 3);
    VALUES(tw_top_k(s, a, 1, 0, false, true, NULL), 0, 1, 4, -1, 4);
    SHAPE(tw_top_k(s, a, 0, 1, true, true, &places), 2, 0);
    SHAPE(places, 2, 0);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_top_k(s, a, 5, 1, true, true, NULL));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_top_k(s, a, -1, 1, true, true, NULL));
    REFUSES(TW_ERROR_INDEX, tw_top_k(s, tw_scalar(s, 1, TW_FLOAT64), 1, 0, true, true, NULL));
    tw_scope_free(s);
}

static void one_hot(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *rows = tw_one_hot(s, INTEGERS(s, 2, 0), 3, TW_FLOAT32);
    SHAPE(rows, 2, 3);
    CHECK(dtype_of(rows) == TW_FLOAT32);
    VALUES(rows, 0, 0, 0, 1, 1, 0, 0);
    VALUES(tw_one_hot(s, tw_scalar(s, 1, TW_UINT8), 2, TW_BOOL), 0, 0, 1);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INDEX, tw_one_hot(s, INTEGERS(s, 3), 3, TW_FLOAT32));
    REFUSES(TW_ERROR_INDEX, tw_one_hot(s, INTEGERS(s, -1), 3, TW_FLOAT32));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_one_hot(s, INTEGERS(s, 0), -1, TW_FLOAT32));
    REFUSES(TW_ERROR_SHAPE, tw_one_hot(s, INTEGERS(s, 0, 1), INT64_MAX, TW_FLOAT32));
    REFUSES(TW_ERROR_DTYPE, tw_one_hot(s, VECTOR(s, 0), 3, TW_FLOAT32));
    tw_scope_free(s);
}

int main(void) {
    RUN(where_they_are);
    RUN(sets);
    RUN(the_greatest);
    RUN(one_hot);
    return check_report();
}
