/* float16 and the integers of every width: what float16's 65,536 patterns mean, where integers wrap around, the dtypes
   of sums, items of uint64. */
#include "check.h"

static const tw_dtype integers[] = {TW_INT8, TW_INT16, TW_INT32, TW_INT64, TW_UINT8, TW_UINT16, TW_UINT32, TW_UINT64};
enum { integer_count = sizeof integers / sizeof *integers };

static bool is_unsigned(tw_dtype dtype) {
    return dtype == TW_UINT8 || dtype == TW_UINT16 || dtype == TW_UINT32 || dtype == TW_UINT64;
}

/* By the format's definition: a sign, five bits of exponent, ten of fraction. */
static double value_of(uint16_t pattern) {
    int exponent = pattern >> 10 & 31, fraction = pattern & 1023;
    double magnitude = exponent == 31  ? (fraction ? NAN : INFINITY)
                       : exponent == 0 ? ldexp(fraction, -24)
                                       : ldexp(1024 + fraction, exponent - 25);
    return pattern >> 15 ? -magnitude : magnitude;
}

static tw_tensor *every_pattern(tw_scope *s) {
    static uint16_t patterns[65536];
    for (int i = 0; i < 65536; ++i) patterns[i] = (uint16_t)i;
    return tw_tensor_from_data(s, patterns, TW_FLOAT16, SIZES(65536));
}

static void every_half_there_and_back(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *all = every_pattern(s);
    static double found[65536];
    OK(tw_tensor_to_double(all, found, 65536));
    int wrong = 0;
    for (int i = 0; i < 65536; ++i) {
        double expected = value_of((uint16_t)i);
        wrong += isnan(expected) ? !isnan(found[i]) : found[i] != expected || !signbit(found[i]) != !signbit(expected);
    }
    CHECK(wrong == 0);
    /* NaN keeps its pattern too, but for one that signals. */
    static uint16_t back[65536];
    const tw_dtype wider[] = {TW_FLOAT32, TW_FLOAT64};
    for (int j = 0; j < 2; ++j) {
        OK(tw_tensor_copy_to(tw_cast(s, tw_cast(s, all, wider[j]), TW_FLOAT16), back, sizeof back));
        for (int i = 0; i < 65536; ++i)
            wrong += isnan(value_of((uint16_t)i)) ? !isnan(value_of(back[i])) : back[i] != i;
        CHECK(wrong == 0);
    }
    tw_scope_free(s);
}

/* Halfway between every two neighbours, and beside it by less than a float32 tells. */
static void rounds_once_to_the_nearest_even(void) {
    tw_scope *s = tw_scope_new();
    static double halfway[3 * 0x7c00];
    static uint16_t found[3 * 0x7c00];
    for (int i = 0; i < 0x7c00; ++i) {
        double next = i == 0x7bff ? 65536 : value_of((uint16_t)(i + 1));
        halfway[3 * i] = (value_of((uint16_t)i) + next) / 2;
        halfway[3 * i + 1] = nextafter(halfway[3 * i], 0);
        halfway[3 * i + 2] = nextafter(halfway[3 * i], INFINITY);
    }
    tw_tensor *x = tw_tensor_from_data(s, halfway, TW_FLOAT64, SIZES(3 * 0x7c00));
    OK(tw_tensor_copy_to(tw_cast(s, x, TW_FLOAT16), found, sizeof found));
    int wrong = 0;
    for (int i = 0; i < 0x7c00; ++i)
        wrong += found[3 * i] != i + i % 2 || found[3 * i + 1] != i || found[3 * i + 2] != i + 1;
    CHECK(wrong == 0);
    VALUES(tw_cast(s, INTEGERS(s, 2049, 2051, 65519, 65520, -70000, INT64_MAX), TW_FLOAT16), 0, 2048, 2052, 65504,
           INFINITY, -INFINITY, INFINITY);
    tw_scope_free(s);
}

static void halves_compute_as_floats(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_cast(s, VECTOR(s, 1, 2, 3, 2048, 60000), TW_FLOAT16);
    tw_tensor *one = tw_scalar(s, 1, TW_FLOAT16);
    VALUES(tw_add(s, a, one), 0, 2, 3, 4, 2048, 60000);
    VALUES(tw_add(s, a, a), 0, 2, 4, 6, 4096, INFINITY);
    /* Rounded at the end alone: 2048 + 1 + 1 is no sum of float16s in turn. */
    VALUES(tw_sum(s, tw_cast(s, VECTOR(s, 2048, 1, 1), TW_FLOAT16), NULL, 0, false), 0, 2050);
    VALUES(tw_mean(s, tw_full(s, SIZES(4), 60000, TW_FLOAT16), NULL, 0, false), 0, 60000);
    VALUES(tw_divide(s, one, tw_scalar(s, 3, TW_FLOAT16)), 0, 1365 * 0x1p-12);
    VALUES(tw_greater(s, a, tw_scalar(s, 2, TW_FLOAT16)), 0, 0, 0, 1, 1, 1);
    tw_tensor *mixed = tw_cast(s, VECTOR(s, 3, -1, 0x1p-24, -0x1p-24), TW_FLOAT16);
    VALUES(tw_sort(s, mixed, 0, false), 0, -1, -0x1p-24, 0x1p-24, 3);
    tw_tensor *row = tw_cast(s, MATRIX(s, 1, 2, 256, 255), TW_FLOAT16);
    tw_tensor *column = tw_cast(s, MATRIX(s, 2, 1, 256, -255), TW_FLOAT16);
    VALUES(tw_matmul(s, row, column), 0, 511);
    tw_tensor *w = tw_cast(s, VECTOR(s, 1, -2), TW_FLOAT16);
    OK(tw_tensor_set_requires_grad(w, true));
    OK(tw_backward(s, tw_sum(s, tw_multiply(s, w, w), NULL, 0, false)));
    CHECK(dtype_of(tw_tensor_grad(s, w)) == TW_FLOAT16);
    VALUES(tw_tensor_grad(s, w), 0, 2, -4);
    char text[64];
    OK(tw_tensor_to_string(tw_cast(s, VECTOR(s, 0.1, -2), TW_FLOAT16), text, sizeof text, NULL));
    TEXT(text, "[ 0.1 -2. ]");
    CHECK(tw_scope_status(s) == TW_OK);
    tw_scope_free(s);
}

static void integers_wrap_around(void) {
    tw_scope *s = tw_scope_new();
    for (int i = 0; i < integer_count; ++i) {
        tw_dtype dtype = integers[i];
        int bits = 8 * (int)tw_dtype_size(dtype) - !is_unsigned(dtype);
        /* The greatest is what saturates, and one more is the least. */
        tw_tensor *greatest = tw_cast(s, VECTOR(s, INFINITY), dtype), *least = tw_cast(s, VECTOR(s, -INFINITY), dtype);
        tw_tensor *one = tw_ones(s, SIZES(1), dtype), *zero = tw_zeros(s, SIZES(1), dtype);
        VALUES(greatest, 0, ldexp(1, bits) - 1);
        VALUES(least, 0, is_unsigned(dtype) ? 0 : -ldexp(1, bits));
        VALUES(tw_equal(s, tw_add(s, greatest, one), least), 0, 1);
        VALUES(tw_equal(s, tw_subtract(s, least, one), greatest), 0, 1);
        VALUES(tw_equal(s, tw_multiply(s, greatest, greatest), one), 0, 1);
        VALUES(tw_floor_divide(s, greatest, zero), 0, 0);
        VALUES(tw_remainder(s, greatest, zero), 0, 0);
        VALUES(tw_less(s, least, greatest), 0, 1);
        VALUES(tw_equal(s, tw_maximum(s, least, greatest), greatest), 0, 1);
        VALUES(tw_equal(s, tw_floor_divide(s, least, tw_negative(s, one)), tw_negative(s, least)), 0, 1);
        CHECK(dtype_of(tw_add(s, greatest, one)) == dtype);
        tw_dtype wide = is_unsigned(dtype) ? TW_UINT64 : TW_INT64;
        tw_tensor *row = tw_full(s, SIZES(10), 100, dtype);
        CHECK(dtype_of(tw_sum(s, row, NULL, 0, false)) == wide && dtype_of(tw_prod(s, row, NULL, 0, false)) == wide);
        VALUES(tw_sum(s, row, NULL, 0, false), 0, 1000);
        CHECK(dtype_of(tw_divide(s, row, row)) == (tw_dtype_size(dtype) == 8 ? TW_FLOAT64 : TW_FLOAT32));
        CHECK(dtype_of(tw_exp(s, row)) == (tw_dtype_size(dtype) == 8 ? TW_FLOAT64 : TW_FLOAT32));
        CHECK(dtype_of(tw_mean(s, row, NULL, 0, false)) == TW_FLOAT64);
        REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_full(s, SIZES(1), ldexp(1, bits), dtype));
        REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_scalar(s, is_unsigned(dtype) ? -1 : -1.5 * ldexp(1, bits), dtype));
    }
    tw_scope_free(s);
}

static void ranges(void) {
    tw_scope *s = tw_scope_new();
    VALUES(tw_arange_int64(s, 5, -4, -3, TW_INT8), 0, 5, 2, -1);
    VALUES(tw_arange_int64(s, 0, 3, 2, TW_FLOAT16), 0, 0, 2);
    CHECK(dtype_of(tw_arange_int64(s, 0, 3, 1, TW_UINT16)) == TW_UINT16);
    SHAPE(tw_arange_int64(s, 0, 0, 1, TW_INT64), 0);
    SHAPE(tw_arange_int64(s, 0, INT64_MIN, 1, TW_INT64), 0);
    SHAPE(tw_arange_int64(s, INT64_MIN, INT64_MAX, INT64_MAX, TW_INT64), 3);
    /* Beyond 2^53 a double has not every whole number. */
    const int64_t start = (INT64_C(1) << 60) + 1;
    int64_t found[3] = {0};
    OK(tw_tensor_copy_to(tw_arange_int64(s, start, start + 3, 1, TW_INT64), found, sizeof found));
    for (int i = 0; i < 3; ++i) CHECK(found[i] == start + i);
    OK(tw_tensor_copy_to(tw_arange_int64(s, INT64_MAX, INT64_MIN, INT64_MIN, TW_INT64), found, sizeof found));
    CHECK(found[0] == INT64_MAX && found[1] == -1);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_arange_int64(s, 0, 3, 0, TW_INT64));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_arange_int64(s, 0, 129, 1, TW_INT8));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_arange_int64(s, -1, 3, 1, TW_UINT64));
    REFUSES(TW_ERROR_OUT_OF_MEMORY, tw_arange_int64(s, INT64_MIN, INT64_MAX, 1, TW_UINT64));
    tw_scope_free(s);
}

static void items(void) {
    tw_scope *s = tw_scope_new();
    const uint64_t large[] = {UINT64_MAX, (uint64_t)INT64_MAX + 1, 7};
    tw_tensor *x = tw_tensor_from_data(s, large, TW_UINT64, SIZES(3));
    for (int i = 0; i < 3; ++i) {
        tw_tensor *element = tw_select(s, x, 0, i);
        uint64_t value = 0;
        int64_t whole = 5;
        OK(tw_tensor_item_uint64(element, &value));
        CHECK(value == large[i]);
        if (i < 2) {
            FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "int64", tw_tensor_item_int64(element, &whole));
            CHECK(whole == 5);
        } else {
            OK(tw_tensor_item_int64(element, &whole));
            CHECK(whole == 7);
        }
    }
    uint64_t value = 3;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_tensor_item_uint64(tw_scalar(s, -1, TW_INT8), &value));
    FAILS(TW_ERROR_DTYPE, tw_tensor_item_uint64(tw_scalar(s, 1, TW_FLOAT16), &value));
    FAILS(TW_ERROR_SHAPE, tw_tensor_item_uint64(x, &value));
    FAILS(TW_ERROR_NULL, tw_tensor_item_uint64(NULL, &value));
    FAILS(TW_ERROR_NULL, tw_tensor_item_uint64(tw_scalar(s, 1, TW_BOOL), NULL));
    CHECK(value == 3);
    OK(tw_tensor_item_uint64(tw_scalar(s, 1, TW_BOOL), &value));
    CHECK(value == 1);
    char text[128];
    OK(tw_tensor_to_string(x, text, sizeof text, NULL));
    TEXT(text, "[18446744073709551615  9223372036854775808                    7]");
    tw_tensor *table = tw_zeros(s, SIZES(3, 2), TW_FLOAT32);
    REFUSES(TW_ERROR_INDEX, tw_index_select(s, table, 0, x));
    REFUSES(TW_ERROR_INDEX, tw_embedding(s, table, x));
    tw_scope_free(s);
}

int main(void) {
    RUN(every_half_there_and_back);
    RUN(rounds_once_to_the_nearest_even);
    RUN(halves_compute_as_floats);
    RUN(integers_wrap_around);
    RUN(ranges);
    RUN(items);
    return check_report();
}
