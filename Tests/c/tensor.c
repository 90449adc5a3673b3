/* Making tensors and looking into them. Texts are NumPy's (str() of the same array). */
#include "check.h"

static void from_data_copies(void) {
    tw_scope *s = tw_scope_new();
    double data[] = {1, 2, 3, 4, 5, 6};
    tw_tensor *a = tw_tensor_from_data(s, data, TW_FLOAT64, SIZES(2, 3));
    data[0] = 100;
    VALUES(a, 0, 1, 2, 3, 4, 5, 6);
    SHAPE(a, 2, 3);
    tw_scope_free(s);
}

static void scalars_and_empty_tensors(void) {
    tw_scope *s = tw_scope_new();
    float one = 1.5f;
    tw_tensor *a = tw_tensor_from_data(s, &one, TW_FLOAT32, NULL, 0);
    SCALAR_SHAPE(a);
    NEAR(item(a), 1.5, 0);
    tw_tensor *empty = tw_tensor_from_data(s, NULL, TW_INT32, SIZES(3, 0, 2));
    SHAPE(empty, 3, 0, 2);
    int64_t count = -1;
    OK(tw_tensor_count(empty, &count));
    CHECK(count == 0);
    tw_scope_free(s);
}

static void dtypes(void) {
    const size_t sizes[] = {4, 8, 4, 8, 1, 1, 2, 2, 1, 2, 2, 4, 8};
    const char *const names[] = {"float32", "float64",  "int32", "int64", "uint8",  "bool",  "float16",
                                 "bfloat16", "int8", "int16", "uint16", "uint32", "uint64"};
    tw_scope *s = tw_scope_new();
    for (int i = 0; i < 13; ++i) {
        tw_dtype dtype = (tw_dtype)i;
        CHECK(tw_dtype_size(dtype) == sizes[i]);
        TEXT(tw_dtype_name(dtype), names[i]);
        tw_tensor *a = tw_ones(s, SIZES(2), dtype);
        CHECK(dtype_of(a) == dtype);
        VALUES(a, 0, 1, 1);
    }
    CHECK(tw_dtype_size((tw_dtype)13) == 0 && tw_dtype_size((tw_dtype)-1) == 0);
    TEXT(tw_dtype_name((tw_dtype)13), "?");
    tw_scope_free(s);
}

static int released;
static void count_release(void *context) {
    CHECK(context == (void *)&released);
    ++released;
}

static void borrow_without_a_copy(void) {
    tw_scope *s = tw_scope_new();
    float data[] = {0, 1, 2, 3, 4, 5};
    released = 0;
    tw_tensor *a = tw_tensor_borrow(s, data, TW_FLOAT32, (const int64_t[]){2, 3}, NULL, 2, count_release, &released);
    const void *address = NULL;
    OK(tw_tensor_data(a, &address));
    CHECK(address == (const void *)data);
    data[4] = 40;
    VALUES(a, 0, 0, 1, 2, 3, 40, 5);
    tw_tensor *view = tw_keep(tw_select(s, a, 0, 1));
    tw_scope_free(s);
    CHECK(released == 0); /* the view still uses it */
    VALUES(view, 0, 3, 40, 5);
    tw_release(view);
    CHECK(released == 1);
}

static void borrow_with_strides(void) {
    tw_scope *s = tw_scope_new();
    double data[] = {0, 1, 2, 3, 4, 5};
    tw_tensor *transposed =
        tw_tensor_borrow(s, data, TW_FLOAT64, (const int64_t[]){3, 2}, (const int64_t[]){1, 3}, 2, NULL, NULL);
    VALUES(transposed, 0, 0, 3, 1, 4, 2, 5);
    tw_tensor *repeated =
        tw_tensor_borrow(s, data + 1, TW_FLOAT64, (const int64_t[]){2, 2}, (const int64_t[]){0, 2}, 2, NULL, NULL);
    VALUES(repeated, 0, 1, 3, 1, 3);
    int64_t strides[2] = {0, 0};
    OK(tw_tensor_strides(transposed, strides, 2));
    CHECK(strides[0] == 1 && strides[1] == 3);
    tw_scope_free(s);
}

static void a_failed_borrow_releases_nothing(void) {
    double data[] = {0, 1};
    released = 0;
    REFUSES(TW_ERROR_DTYPE, tw_tensor_borrow(NULL, data, (tw_dtype)42, (const int64_t[]){2}, NULL, 1, count_release,
                                             &released));
    REFUSES(TW_ERROR_NULL, tw_tensor_borrow(NULL, NULL, TW_FLOAT64, (const int64_t[]){2}, NULL, 1, count_release,
                                            &released));
    CHECK(released == 0);
}

static void filled(void) {
    tw_scope *s = tw_scope_new();
    VALUES(tw_zeros(s, SIZES(2, 2), TW_INT64), 0, 0, 0, 0, 0);
    VALUES(tw_full(s, SIZES(3), -2.5, TW_FLOAT32), 0, -2.5, -2.5, -2.5);
    VALUES(tw_full(s, SIZES(2), 255, TW_UINT8), 0, 255, 255);
    NEAR(item(tw_scalar(s, 7, TW_INT32)), 7, 0);
    VALUES(tw_eye(s, 2, 3, TW_FLOAT64), 0, 1, 0, 0, 0, 1, 0);
    CHECK(tw_scope_status(s) == TW_OK);
    tw_scope_reset(s);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_full(s, SIZES(2), 256, TW_UINT8));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_full(s, SIZES(2), -1, TW_UINT8));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_scalar(s, 3e9, TW_INT32));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_scalar(s, NAN, TW_INT64));
    tw_scope_free(s);
}

static void ranges(void) {
    tw_scope *s = tw_scope_new();
    VALUES(tw_arange(s, 0, 5, 1, TW_INT64), 0, 0, 1, 2, 3, 4);
    VALUES(tw_arange(s, 5, 0, -2, TW_INT32), 0, 5, 3, 1);
    VALUES(tw_arange(s, 0, 1, 0.25, TW_FLOAT64), 0, 0, 0.25, 0.5, 0.75);
    SHAPE(tw_arange(s, 3, 3, 1, TW_FLOAT64), 0);
    SHAPE(tw_arange(s, 3, 0, 1, TW_FLOAT64), 0);
    SHAPE(tw_arange(s, 0, 1, 0.3, TW_FLOAT64), 4); /* ceil(1 / 0.3) */
    VALUES(tw_linspace(s, 0, 1, 5, TW_FLOAT64), 0, 0, 0.25, 0.5, 0.75, 1);
    VALUES(tw_linspace(s, 3, 9, 1, TW_FLOAT64), 0, 3);
    SHAPE(tw_linspace(s, 0, 1, 0, TW_FLOAT64), 0);
    /* The end is the end, whatever the rounding of the step. */
    double ends[7];
    OK(tw_tensor_to_double(tw_linspace(s, 0, 0.7, 7, TW_FLOAT64), ends, 7));
    CHECK(ends[6] == 0.7);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_arange(s, 0, 1, 0, TW_FLOAT64));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_arange(s, 0, NAN, 1, TW_FLOAT64));
    REFUSES(TW_ERROR_SHAPE, tw_linspace(s, 0, 1, -1, TW_FLOAT64));
    tw_scope_free(s);
}

static void random_numbers(void) {
    tw_scope *s = tw_scope_new();
    tw_generator *g = NULL;
    OK(tw_generator_new(42, &g));
    const int64_t n = 20000;
    tw_tensor *u = tw_random_uniform(s, g, SIZES(n), -1, 3, TW_FLOAT64);
    /* U(-1, 3): mean 1, variance 16 / 12; bounds of 5 standard errors. */
    NEAR(item(tw_mean(s, u, NULL, 0, false)), 1, 5 * sqrt(16.0 / 12 / (double)n));
    CHECK(item(tw_min(s, u, NULL, 0, false)) >= -1 && item(tw_max(s, u, NULL, 0, false)) < 3);
    NEAR(item(tw_var(s, u, NULL, 0, false, 1)), 16.0 / 12, 0.05);
    tw_tensor *z = tw_random_normal(s, g, SIZES(n), 2, 3, TW_FLOAT32);
    CHECK(dtype_of(z) == TW_FLOAT32);
    NEAR(item(tw_mean(s, z, NULL, 0, false)), 2, 5 * 3 / sqrt((double)n));
    /* The variance of a sample variance of normals is 2 sigma^4 / (n - 1). */
    NEAR(item(tw_var(s, z, NULL, 0, false, 1)) / 9, 1, 5 * sqrt(2 / (double)(n - 1)));
    tw_generator_free(g);
    tw_scope_free(s);
}

static void generators_are_streams(void) {
    tw_scope *s = tw_scope_new();
    tw_generator *a = NULL, *b = NULL;
    OK(tw_generator_new(7, &a));
    OK(tw_generator_new(7, &b));
    CHECK(same_bytes(tw_random_normal(s, a, SIZES(1001), 0, 1, TW_FLOAT64),
                     tw_random_normal(s, b, SIZES(1001), 0, 1, TW_FLOAT64)));
    uint64_t seed = 0, position = 0;
    OK(tw_generator_state(a, &seed, &position));
    CHECK(seed == 7 && position > 0);
    tw_tensor *next = tw_random_uniform(s, a, SIZES(10), 0, 1, TW_FLOAT32);
    OK(tw_generator_set_state(b, seed, position));
    CHECK(same_bytes(next, tw_random_uniform(s, b, SIZES(10), 0, 1, TW_FLOAT32)));
    OK(tw_generator_set_state(b, 8, 0));
    CHECK(!same_bytes(next, tw_random_uniform(s, b, SIZES(10), 0, 1, TW_FLOAT32)));
    OK(tw_generator_state(a, NULL, NULL));
    tw_seed(7);
    OK(tw_generator_state(NULL, &seed, &position));
    CHECK(seed == 7 && position == 0);
    OK(tw_generator_set_state(NULL, 8, 9));
    OK(tw_generator_state(NULL, &seed, &position));
    CHECK(seed == 8 && position == 9);
    tw_generator_free(a);
    tw_generator_free(b);
    tw_scope_free(s);
}

static void the_default_generator(void) {
    tw_scope *s = tw_scope_new();
    tw_seed(99);
    tw_tensor *a = tw_random_uniform(s, NULL, SIZES(10), 0, 1, TW_FLOAT64);
    tw_tensor *b = tw_random_uniform(s, NULL, SIZES(10), 0, 1, TW_FLOAT64);
    tw_seed(99);
    CHECK(same_bytes(a, tw_random_uniform(s, NULL, SIZES(10), 0, 1, TW_FLOAT64)));
    CHECK(!same_bytes(a, b));
    tw_seed(0);
    tw_scope_free(s);
}

static void permutations(void) {
    tw_scope *s = tw_scope_new();
    tw_generator *g = NULL;
    OK(tw_generator_new(3, &g));
    tw_tensor *order = tw_random_permutation(s, g, 100);
    CHECK(dtype_of(order) == TW_INT64);
    int64_t values[100], seen[100] = {0}, moved = 0;
    OK(tw_tensor_copy_to(order, values, sizeof values));
    for (int64_t i = 0; i < 100; ++i) {
        if (CHECK(values[i] >= 0 && values[i] < 100)) ++seen[values[i]];
        moved += values[i] != i;
    }
    for (int64_t i = 0; i < 100; ++i) CHECK(seen[i] == 1);
    CHECK(moved > 80); /* about one fixed point is expected */
    SHAPE(tw_random_permutation(s, g, 0), 0);
    REFUSES(TW_ERROR_SHAPE, tw_random_permutation(s, g, -1));
    tw_generator_free(g);
    tw_scope_free(s);
}

static void copies(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 1, 2, 3, 4, 5, 6);
    tw_tensor *t = tw_transpose(s, a, 0, 1);
    const void *of_a = NULL, *of_t = NULL, *of_contiguous = NULL, *of_copy = NULL;
    OK(tw_tensor_data(a, &of_a));
    OK(tw_tensor_data(t, &of_t));
    CHECK(of_a == of_t);
    OK(tw_tensor_data(tw_contiguous(s, a), &of_contiguous));
    CHECK(of_contiguous == of_a);
    OK(tw_tensor_data(tw_copy(s, a), &of_copy));
    CHECK(of_copy != of_a);
    tw_tensor *dense = tw_contiguous(s, t);
    int64_t strides[2] = {0, 0};
    OK(tw_tensor_strides(dense, strides, 2));
    CHECK(strides[0] == 2 && strides[1] == 1);
    VALUES(dense, 0, 1, 4, 2, 5, 3, 6);
    tw_scope_free(s);
}

static void casts(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = VECTOR(s, 1.9, -1.9, 300, -5, NAN, 1e300);
    VALUES(tw_cast(s, a, TW_INT32), 0, 1, -1, 300, -5, 0, 2147483647);
    VALUES(tw_cast(s, a, TW_UINT8), 0, 1, 0, 255, 0, 0, 255);
    VALUES(tw_cast(s, a, TW_BOOL), 0, 1, 1, 1, 1, 1, 1);
    VALUES(tw_cast(s, VECTOR(s, 0, -0.0, 0.5), TW_BOOL), 0, 0, 0, 1);
    VALUES(tw_cast(s, VECTOR(s, 0.1), TW_FLOAT32), 0, (double)0.1f);
    int64_t largest = 0;
    OK(tw_tensor_item_int64(tw_cast(s, VECTOR(s, 1e19), TW_INT64), &largest));
    CHECK(largest == INT64_MAX);
    OK(tw_tensor_item_int64(tw_cast(s, VECTOR(s, -INFINITY), TW_INT64), &largest));
    CHECK(largest == INT64_MIN);
    VALUES(tw_cast(s, a, TW_INT8), 0, 1, -1, 127, -5, 0, 127);
    VALUES(tw_cast(s, a, TW_INT16), 0, 1, -1, 300, -5, 0, 32767);
    VALUES(tw_cast(s, a, TW_UINT16), 0, 1, 0, 300, 0, 0, 65535);
    VALUES(tw_cast(s, a, TW_UINT32), 0, 1, 0, 300, 0, 0, 4294967295.0);
    VALUES(tw_cast(s, a, TW_UINT64), 0, 1, 0, 300, 0, 0, 0x1p64);
    VALUES(tw_cast(s, INTEGERS(s, -1, 256, 128, 65536 + 7), TW_INT8), 0, -1, 0, -128, 7);
    VALUES(tw_cast(s, INTEGERS(s, -1, 256, 65536 + 7), TW_UINT16), 0, 65535, 256, 7);
    VALUES(tw_cast(s, INTEGERS(s, -1, 7), TW_UINT32), 0, 4294967295.0, 7);
    /* Neighbours of 1 in float16 are 1 + 2^-10 and 1 - 2^-11; the second number is above half of the first step,
       by less than float32 tells. */
    VALUES(tw_cast(s, VECTOR(s, 1 + 0x1p-11, 1 + 0x1p-11 + 0x1p-40, 65519, 65520, -1e300, 0x1p-25, 0x1.8p-25), TW_FLOAT16), 0,
           1, 1 + 0x1p-10, 65504, INFINITY, -INFINITY, 0, 0x1p-24);
    tw_scope_free(s);
}

static void looking(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_zeros(s, SIZES(2, 3, 4), TW_FLOAT32);
    int64_t rank = 0, count = 0, size = 0, shape[3] = {0}, short_shape[2] = {-1, -1};
    OK(tw_tensor_rank(a, &rank));
    OK(tw_tensor_count(a, &count));
    CHECK(rank == 3 && count == 24);
    OK(tw_tensor_size(a, -1, &size));
    CHECK(size == 4);
    OK(tw_tensor_size(a, 1, &size));
    CHECK(size == 3);
    FAILS(TW_ERROR_INDEX, tw_tensor_size(a, 3, &size));
    FAILS(TW_ERROR_INDEX, tw_tensor_size(a, -4, &size));
    OK(tw_tensor_shape(a, shape, 3));
    CHECK(shape[0] == 2 && shape[1] == 3 && shape[2] == 4);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_tensor_shape(a, short_shape, 2));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_tensor_strides(a, short_shape, 2));
    CHECK(short_shape[0] == -1 && short_shape[1] == -1);
    double value = 5;
    FAILS(TW_ERROR_SHAPE, tw_tensor_item(a, &value));
    FAILS(TW_ERROR_SHAPE, tw_tensor_item(tw_zeros(s, SIZES(0), TW_FLOAT32), &value));
    CHECK(value == 5);
    tw_scope_free(s);
}

static void items(void) {
    tw_scope *s = tw_scope_new();
    int64_t big = INT64_C(9007199254740993), value = 0; /* 2^53 + 1 is no double */
    tw_tensor *a = tw_tensor_from_data(s, &big, TW_INT64, SIZES(1, 1));
    OK(tw_tensor_item_int64(a, &value));
    CHECK(value == big);
    FAILS(TW_ERROR_DTYPE, tw_tensor_item_int64(tw_ones(s, SIZES(1), TW_FLOAT64), &value));
    CHECK(value == big);
    tw_scope_free(s);
}

static void copying_out(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_transpose(s, MATRIX(s, 2, 2, 1, 2, 3, 4), 0, 1);
    double data[5] = {-1, -1, -1, -1, -1};
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_tensor_copy_to(a, data, 31));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_tensor_to_double(a, data, 3));
    CHECK(data[0] == -1);
    OK(tw_tensor_copy_to(a, data, sizeof data));
    CHECK(data[0] == 1 && data[1] == 3 && data[2] == 2 && data[3] == 4 && data[4] == -1);
    tw_scope_free(s);
}

static void writing_in_place(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_zeros(s, SIZES(2, 2), TW_FLOAT64);
    void *data = NULL;
    OK(tw_tensor_mutable_data(a, &data));
    ((double *)data)[3] = 9;
    VALUES(a, 0, 0, 0, 0, 9);
    OK(tw_tensor_assign(a, INTEGERS(s, 5, 6)));
    VALUES(a, 0, 5, 6, 5, 6);
    FAILS(TW_ERROR_SHAPE, tw_tensor_assign(a, VECTOR(s, 1, 2, 3)));
    VALUES(a, 0, 5, 6, 5, 6);
    /* Of a part that overlaps the whole: as if the source had been copied first. */
    tw_tensor *line = tw_arange(s, 0, 5, 1, TW_FLOAT64);
    OK(tw_tensor_assign(tw_slice(s, line, 0, 1, 5, 1), tw_slice(s, line, 0, 0, 4, 1)));
    VALUES(line, 0, 0, 0, 1, 2, 3);
    tw_scope_free(s);
}

static void text_of(const tw_tensor *tensor, const char *expected) {
    char text[4096];
    size_t needed = 0;
    if (!OK(tw_tensor_to_string(tensor, text, sizeof text, &needed))) return;
    TEXT(text, expected);
    CHECK(needed == strlen(expected) + 1);
}

static void texts(void) {
    tw_scope *s = tw_scope_new();
    text_of(tw_scalar(s, 2.5, TW_FLOAT64), "2.5");
    text_of(tw_arange(s, 0, 3, 1, TW_INT64), "[0 1 2]");
    text_of(VECTOR(s, 1, 2.5, -3), "[ 1.   2.5 -3. ]");
    text_of(MATRIX(s, 2, 2, 1, 2, 3, 4), "[[1. 2.]\n [3. 4.]]");
    text_of(tw_cast(s, VECTOR(s, 0.1), TW_FLOAT32), "[0.1]");
    text_of(tw_cast(s, VECTOR(s, 1, 0), TW_BOOL), "[ True False]");
    text_of(VECTOR(s, 1, NAN, -INFINITY), "[  1.  nan -inf]");
    text_of(tw_zeros(s, SIZES(0), TW_FLOAT64), "[]");
    text_of(tw_reshape(s, tw_arange(s, 0, 8, 1, TW_INT64), SIZES(2, 2, 2)),
            "[[[0 1]\n  [2 3]]\n\n [[4 5]\n  [6 7]]]");
    text_of(tw_arange(s, 0, 2000, 1, TW_INT64), "[   0    1    2 ... 1997 1998 1999]");
    tw_scope_free(s);
}

static void text_that_does_not_fit(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_arange(s, 0, 3, 1, TW_INT64); /* "[0 1 2]" */
    char text[8];
    memset(text, 'x', sizeof text);
    size_t needed = 0;
    OK(tw_tensor_to_string(a, text, 4, &needed));
    CHECK(needed == 8);
    TEXT(text, "[0 ");
    CHECK(text[4] == 'x');
    OK(tw_tensor_to_string(a, NULL, 0, &needed));
    CHECK(needed == 8);
    OK(tw_tensor_to_string(a, text, 8, NULL));
    TEXT(text, "[0 1 2]");
    tw_scope_free(s);
}

static void literals(void) {
    tw_scope *s = tw_scope_new();
    char text[64];
    size_t needed = 0;
    OK(tw_tensor_to_literal(MATRIX(s, 2, 2, 1, 2.5, 3, 4), 7, text, sizeof text, &needed));
    TEXT(text, "[[1. , 2.5],\n        [3. , 4. ]]");
    CHECK(needed == strlen(text) + 1);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_tensor_to_literal(VECTOR(s, 1), -1, text, sizeof text, NULL));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_tensor_to_literal(VECTOR(s, 1), INT64_MAX, text, sizeof text, NULL));
    FAILS(TW_ERROR_NULL, tw_tensor_to_literal(NULL, 0, text, sizeof text, NULL));
    tw_scope_free(s);
}

static void ranks(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_ones(s, SIZES(1, 2, 1, 2, 1, 2, 1, 2), TW_FLOAT32);
    SHAPE(a, 1, 2, 1, 2, 1, 2, 1, 2);
    REFUSES(TW_ERROR_SHAPE, tw_ones(s, SIZES(1, 1, 1, 1, 1, 1, 1, 1, 1), TW_FLOAT32));
    REFUSES(TW_ERROR_SHAPE, tw_expand_dims(s, a, 0));
    tw_scope_free(s);
}

int main(void) {
    RUN(from_data_copies);
    RUN(scalars_and_empty_tensors);
    RUN(dtypes);
    RUN(borrow_without_a_copy);
    RUN(borrow_with_strides);
    RUN(a_failed_borrow_releases_nothing);
    RUN(filled);
    RUN(ranges);
    RUN(random_numbers);
    RUN(generators_are_streams);
    RUN(the_default_generator);
    RUN(permutations);
    RUN(copies);
    RUN(casts);
    RUN(looking);
    RUN(items);
    RUN(copying_out);
    RUN(writing_in_place);
    RUN(texts);
    RUN(text_that_does_not_fit);
    RUN(literals);
    RUN(ranks);
    return check_report();
}
