/* Arithmetic, reductions, views, products. The oracle is the C mathematical
   library, a plain loop, or a small case worked out by hand. */
#include "check.h"

typedef tw_tensor *(*unary)(tw_scope *, const tw_tensor *);
typedef tw_tensor *(*binary)(tw_scope *, const tw_tensor *, const tw_tensor *);

static double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
static double square(double x) { return x * x; }
static double rsqrt(double x) { return 1 / sqrt(x); }
static double reciprocal(double x) { return 1 / x; }
static double negative(double x) { return -x; }
static double sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double softplus(double x) { return log(1 + exp(x)); }
static double relu(double x) { return x > 0 ? x : 0; }
static double gelu(double x) { return x * (1 + erf(x / sqrt(2))) / 2; }

static void unary_functions(void) {
    const struct {
        const char *name;
        unary function;
        double (*expected)(double);
        double low, high;
    } table[] = {
        {"negative", tw_negative, negative, -3, 3}, {"absolute", tw_absolute, fabs, -3, 3},
        {"sign", tw_sign, sign, -3, 3},             {"square", tw_square, square, -3, 3},
        {"sqrt", tw_sqrt, sqrt, 0.1, 9},            {"rsqrt", tw_rsqrt, rsqrt, 0.1, 9},
        {"reciprocal", tw_reciprocal, reciprocal, 0.1, 9},
        {"exp", tw_exp, exp, -5, 5},                {"expm1", tw_expm1, expm1, -1, 1},
        {"log", tw_log, log, 0.01, 9},              {"log1p", tw_log1p, log1p, -0.9, 3},
        {"log2", tw_log2, log2, 0.01, 9},           {"log10", tw_log10, log10, 0.01, 9},
        {"sin", tw_sin, sin, -7, 7},                {"cos", tw_cos, cos, -7, 7},
        {"tan", tw_tan, tan, -1.5, 1.5},            {"asin", tw_asin, asin, -1, 1},
        {"acos", tw_acos, acos, -1, 1},             {"atan", tw_atan, atan, -9, 9},
        {"sinh", tw_sinh, sinh, -3, 3},             {"cosh", tw_cosh, cosh, -3, 3},
        {"asinh", tw_asinh, asinh, -9, 9},          {"acosh", tw_acosh, acosh, 1, 9},
        {"atanh", tw_atanh, atanh, -0.9, 0.9},
        {"tanh", tw_tanh, tanh, -3, 3},             {"sigmoid", tw_sigmoid, sigmoid, -9, 9},
        {"softplus", tw_softplus, softplus, -9, 9}, {"erf", tw_erf, erf, -3, 3},
        {"relu", tw_relu, relu, -3, 3},             {"gelu", tw_gelu, gelu, -3, 3},
        {"floor", tw_floor, floor, -3, 3},          {"ceil", tw_ceil, ceil, -3, 3},
        {"round", tw_round, nearbyint, -3, 3},      {"trunc", tw_trunc, trunc, -3, 3},
    };
    tw_scope *s = tw_scope_new();
    for (size_t f = 0; f < sizeof table / sizeof table[0]; ++f) {
        enum { count = 49 };
        tw_tensor *x = tw_linspace(s, table[f].low, table[f].high, count, TW_FLOAT64);
        double in[count], out[count];
        OK(tw_tensor_to_double(x, in, count));
        OK(tw_tensor_to_double(table[f].function(s, x), out, count));
        for (int i = 0; i < count; ++i)
            if (!NEAR(out[i], table[f].expected(in[i]), 1e-13)) printf("  (%s of %g)\n", table[f].name, in[i]);
        /* float32: the input is rounded first, so compare at that input. */
        tw_tensor *y = table[f].function(s, tw_cast(s, x, TW_FLOAT32));
        CHECK(dtype_of(y) == TW_FLOAT32);
        OK(tw_tensor_to_double(tw_cast(s, x, TW_FLOAT32), in, count));
        OK(tw_tensor_to_double(y, out, count));
        for (int i = 0; i < count; ++i)
            if (!NEAR(out[i], table[f].expected(in[i]), 2e-6)) printf("  (%s of %gf)\n", table[f].name, in[i]);
        tw_scope_clear(s);
    }
    CHECK(tw_scope_status(s) == TW_OK);
    tw_scope_free(s);
}

static void values_at_the_edges(void) {
    tw_scope *s = tw_scope_new();
    VALUES(tw_round(s, VECTOR(s, 0.5, 1.5, 2.5, -0.5, -1.5)), 0, 0, 2, 2, 0, -2);
    VALUES(tw_expm1(s, VECTOR(s, 1e-15)), 1e-30, 1e-15);
    VALUES(tw_log1p(s, VECTOR(s, 1e-15)), 1e-30, 1e-15);
    VALUES(tw_sigmoid(s, VECTOR(s, -1000, 1000)), 0, 0, 1);
    VALUES(tw_softplus(s, VECTOR(s, -1000, 1000)), 0, 0, 1000);
    VALUES(tw_log(s, VECTOR(s, 0, -1)), 0, -INFINITY, NAN);
    VALUES(tw_sqrt(s, VECTOR(s, -1)), 0, NAN);
    VALUES(tw_sign(s, VECTOR(s, NAN, -0.0)), 0, NAN, 0);
    VALUES(tw_reciprocal(s, tw_sign(s, VECTOR(s, -0.0, 0.0))), 0, INFINITY, INFINITY); /* no -0 */
    VALUES(tw_exp(s, VECTOR(s, 710, -800)), 0, INFINITY, 0);
    VALUES(tw_tanh(s, VECTOR(s, -400, 400)), 0, -1, 1);
    VALUES(tw_isnan(s, VECTOR(s, NAN, 1, INFINITY)), 0, 1, 0, 0);
    VALUES(tw_isinf(s, VECTOR(s, NAN, 1, -INFINITY)), 0, 0, 0, 1);
    VALUES(tw_isfinite(s, VECTOR(s, NAN, 1, INFINITY)), 0, 0, 1, 0);
    CHECK(dtype_of(tw_isnan(s, VECTOR(s, 1))) == TW_BOOL);
    CHECK(dtype_of(tw_exp(s, tw_ones(s, SIZES(2), TW_INT32))) == TW_FLOAT32);
    CHECK(dtype_of(tw_exp(s, tw_ones(s, SIZES(2), TW_INT64))) == TW_FLOAT64);
    CHECK(tw_scope_status(s) == TW_OK);
    tw_scope_free(s);
}

static void binary_functions(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = VECTOR(s, 7, -7, 7.5, -2), *b = VECTOR(s, 2, 2, -2, -2);
    VALUES(tw_add(s, a, b), 0, 9, -5, 5.5, -4);
    VALUES(tw_subtract(s, a, b), 0, 5, -9, 9.5, 0);
    VALUES(tw_multiply(s, a, b), 0, 14, -14, -15, 4);
    VALUES(tw_divide(s, a, b), 0, 3.5, -3.5, -3.75, 1);
    VALUES(tw_floor_divide(s, a, b), 0, 3, -4, -4, 1);
    VALUES(tw_remainder(s, a, b), 0, 1, 1, -0.5, 0);
    VALUES(tw_power(s, a, VECTOR(s, 2, 2, 1, 3)), 1e-15, 49, 49, 7.5, -8);
    VALUES(tw_maximum(s, a, b), 0, 7, 2, 7.5, -2);
    VALUES(tw_minimum(s, a, b), 0, 2, -7, -2, -2);
    VALUES(tw_maximum(s, VECTOR(s, NAN, 1), VECTOR(s, 1, NAN)), 0, NAN, NAN);
    VALUES(tw_atan2(s, a, b), 1e-15, atan2(7, 2), atan2(-7, 2), atan2(7.5, -2), atan2(-2, -2));
    VALUES(tw_hypot(s, VECTOR(s, 3, 0, 1e300, -INFINITY), VECTOR(s, -4, 0, 1e300, NAN)), 1e-15, 5, 0, 1e300 * sqrt(2), INFINITY);
    VALUES(tw_logaddexp(s, VECTOR(s, 0, 1000, -INFINITY, INFINITY), VECTOR(s, 0, 1000, -INFINITY, 1)), 1e-15, log(2), 1000 + log(2),
           -INFINITY, INFINITY);
    VALUES(tw_reciprocal(s, tw_copysign(s, VECTOR(s, 0, -2, 4), VECTOR(s, -0.0, 1, -1))), 0, -INFINITY, 0.5, -0.25);
    CHECK(tw_scope_status(s) == TW_OK);
    tw_scope_free(s);
}

static void integer_arithmetic(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = INTEGERS(s, 7, -7, 7, 5), *b = INTEGERS(s, 2, 2, -2, 0);
    VALUES(tw_floor_divide(s, a, b), 0, 3, -4, -4, 0);
    VALUES(tw_remainder(s, a, b), 0, 1, 1, -1, 0);
    VALUES(tw_power(s, INTEGERS(s, 2, 3, 2, 1), INTEGERS(s, 10, 3, -1, -5)), 0, 1024, 27, 0, 1);
    tw_tensor *quotient = tw_divide(s, a, b);
    CHECK(dtype_of(quotient) == TW_FLOAT64);
    VALUES(quotient, 0, 3.5, -3.5, -3.5, INFINITY);
    CHECK(dtype_of(tw_divide(s, tw_ones(s, SIZES(1), TW_INT32), tw_ones(s, SIZES(1), TW_UINT8))) == TW_FLOAT32);
    /* INT64_MIN / -1 overflows in C; here it must not end the process. */
    tw_floor_divide(s, INTEGERS(s, INT64_MIN), INTEGERS(s, -1));
    VALUES(tw_remainder(s, INTEGERS(s, INT64_MIN), INTEGERS(s, -1)), 0, 0);
    tw_multiply(s, INTEGERS(s, INT64_MAX), INTEGERS(s, INT64_MAX));
    tw_negative(s, INTEGERS(s, INT64_MIN));
    tw_absolute(s, INTEGERS(s, INT64_MIN));
    CHECK(tw_scope_status(s) == TW_OK);
    tw_scope_free(s);
}

static void promotion(void) {
    /* The tables of the Python array API standard 2024.12, and what ops.h says beyond them. */
    static const char *const names[] = {"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "bf", "f4", "f8"};
    static const tw_dtype codes[] = {TW_BOOL,   TW_INT8,   TW_INT16,  TW_INT32,   TW_INT64,    TW_UINT8,  TW_UINT16,
                                     TW_UINT32, TW_UINT64, TW_FLOAT16, TW_BFLOAT16, TW_FLOAT32, TW_FLOAT64};
    static const char *const table[] = {
        "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 bf f4 f8", "i1 i1 i2 i4 i8 i2 i4 i8 f8 f2 bf f4 f8",
        "i2 i2 i2 i4 i8 i2 i4 i8 f8 f2 bf f4 f8", "i4 i4 i4 i4 i8 i4 i4 i8 f8 f2 bf f4 f8",
        "i8 i8 i8 i8 i8 i8 i8 i8 f8 f2 bf f4 f8", "u1 i2 i2 i4 i8 u1 u2 u4 u8 f2 bf f4 f8",
        "u2 i4 i4 i4 i8 u2 u2 u4 u8 f2 bf f4 f8", "u4 i8 i8 i8 i8 u4 u4 u4 u8 f2 bf f4 f8",
        "u8 f8 f8 f8 f8 u8 u8 u8 u8 f2 bf f4 f8", "f2 f2 f2 f2 f2 f2 f2 f2 f2 f2 f4 f4 f8",
        "bf bf bf bf bf bf bf bf bf f4 bf f4 f8", "f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f8",
        "f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8"};
    tw_scope *s = tw_scope_new();
    for (int i = 0; i < 13; ++i)
        for (int j = 0; j < 13; ++j) {
            tw_tensor *a = tw_ones(s, SIZES(2), codes[i]), *b = tw_zeros(s, SIZES(2), codes[j]);
            int expected = 0;
            while (strncmp(names[expected], table[i] + 3 * j, 2) != 0) ++expected;
            CHECK(dtype_of(tw_multiply(s, a, b)) == codes[expected]);
            CHECK(dtype_of(tw_maximum(s, a, b)) == codes[expected]);
            CHECK(dtype_of(tw_equal(s, a, b)) == TW_BOOL);
        }
    tw_scope_free(s);
}

static void scalars_on_the_right(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *f = tw_cast(s, VECTOR(s, 1, 2), TW_FLOAT32), *i = INTEGERS(s, 1, 2);
    CHECK(dtype_of(tw_add_scalar(s, f, 0.5)) == TW_FLOAT32);
    CHECK(dtype_of(tw_add_scalar(s, i, 3)) == TW_INT64);
    CHECK(dtype_of(tw_add_scalar(s, i, 0.5)) == TW_FLOAT64);
    VALUES(tw_add_scalar(s, i, 0.5), 0, 1.5, 2.5);
    VALUES(tw_subtract_scalar(s, f, 0.5), 0, 0.5, 1.5);
    VALUES(tw_multiply_scalar(s, i, 3), 0, 3, 6);
    VALUES(tw_divide_scalar(s, f, 4), 0, 0.25, 0.5);
    VALUES(tw_power_scalar(s, f, 3), 0, 1, 8);
    CHECK(tw_scope_status(s) == TW_OK);
    tw_scope_free(s);
}

static void broadcasting(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *column = MATRIX(s, 2, 1, 10, 20), *row = VECTOR(s, 1, 2, 3);
    tw_tensor *sum = tw_add(s, column, row);
    SHAPE(sum, 2, 3);
    VALUES(sum, 0, 11, 12, 13, 21, 22, 23);
    SHAPE(tw_add(s, tw_ones(s, SIZES(4, 1, 3), TW_FLOAT32), tw_ones(s, SIZES(2, 1), TW_FLOAT32)), 4, 2, 3);
    SHAPE(tw_add(s, tw_ones(s, SIZES(0, 3), TW_FLOAT32), tw_ones(s, SIZES(1, 3), TW_FLOAT32)), 0, 3);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES_SAYING(TW_ERROR_SHAPE, "[2, 3]", tw_add(s, tw_ones(s, SIZES(2, 3), TW_FLOAT32), tw_ones(s, SIZES(2), TW_FLOAT32)));
    tw_scope_free(s);
}

static void comparisons_and_logic(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = VECTOR(s, 1, 2, 3, NAN), *b = VECTOR(s, 2, 2, 2, NAN);
    VALUES(tw_equal(s, a, b), 0, 0, 1, 0, 0);
    VALUES(tw_not_equal(s, a, b), 0, 1, 0, 1, 1);
    VALUES(tw_less(s, a, b), 0, 1, 0, 0, 0);
    VALUES(tw_less_equal(s, a, b), 0, 1, 1, 0, 0);
    VALUES(tw_greater(s, a, b), 0, 0, 0, 1, 0);
    VALUES(tw_greater_equal(s, a, b), 0, 0, 1, 1, 0);
    tw_tensor *p = INTEGERS(s, 0, 0, 5, 5), *q = INTEGERS(s, 0, 7, 0, 7);
    VALUES(tw_logical_and(s, p, q), 0, 0, 0, 0, 1);
    VALUES(tw_logical_or(s, p, q), 0, 0, 1, 1, 1);
    VALUES(tw_logical_xor(s, p, q), 0, 0, 1, 1, 0);
    VALUES(tw_logical_not(s, p), 0, 1, 1, 0, 0);
    VALUES(tw_where(s, tw_greater(s, VECTOR(s, -1, 1), tw_scalar(s, 0, TW_FLOAT64)), VECTOR(s, 1, 2), tw_scalar(s, 9, TW_FLOAT64)),
           0, 9, 2);
    tw_scope_free(s);
}

static void reductions(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 1, 2, 3, 4, 5, 9);
    const int64_t rows[] = {0}, columns[] = {-1}, both[] = {0, 1}, twice[] = {1, -1}, outside[] = {2};
    NEAR(item(tw_sum(s, a, NULL, 0, false)), 24, 0);
    VALUES(tw_sum(s, a, rows, 1, false), 0, 5, 7, 12);
    VALUES(tw_sum(s, a, columns, 1, false), 0, 6, 18);
    SHAPE(tw_sum(s, a, columns, 1, true), 2, 1);
    SHAPE(tw_sum(s, a, both, 2, true), 1, 1);
    SCALAR_SHAPE(tw_sum(s, a, NULL, 0, false));
    VALUES(tw_mean(s, a, columns, 1, false), 0, 2, 6);
    VALUES(tw_prod(s, a, columns, 1, false), 0, 6, 180);
    VALUES(tw_max(s, a, rows, 1, false), 0, 4, 5, 9);
    VALUES(tw_min(s, a, columns, 1, false), 0, 1, 4);
    /* Deviations of 4, 5, 9 from 6: 4 + 1 + 9 = 14. */
    VALUES(tw_std(s, a, columns, 1, false, 1), 1e-15, 1, sqrt(7));
    VALUES(tw_var(s, a, columns, 1, false, 1), 1e-15, 1, 7);
    VALUES(tw_var(s, a, columns, 1, false, 0), 1e-15, 2.0 / 3, 14.0 / 3);
    NEAR(item(tw_norm(s, VECTOR(s, 3, 4), NULL, 0, false)), 5, 1e-15);
    NEAR(item(tw_logsumexp(s, VECTOR(s, 1000, 1000), NULL, 0, false)), 1000 + log(2), 1e-15);
    VALUES(tw_any(s, MATRIX(s, 2, 2, 0, 0, 0, 3), columns, 1, false), 0, 0, 1);
    VALUES(tw_all(s, MATRIX(s, 2, 2, 1, 0, 2, 3), columns, 1, false), 0, 0, 1);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_sum(s, a, twice, 2, false));
    REFUSES(TW_ERROR_INDEX, tw_sum(s, a, outside, 1, false));
    tw_scope_free(s);
}

static void reductions_of_integers_and_nothing(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *bytes = tw_full(s, SIZES(10), 200, TW_UINT8), *nothing = tw_zeros(s, SIZES(0, 3), TW_FLOAT64);
    const int64_t rows[] = {0};
    CHECK(dtype_of(tw_sum(s, bytes, NULL, 0, false)) == TW_UINT64);
    NEAR(item(tw_sum(s, bytes, NULL, 0, false)), 2000, 0);
    CHECK(dtype_of(tw_mean(s, bytes, NULL, 0, false)) == TW_FLOAT64);
    NEAR(item(tw_sum(s, tw_ones(s, SIZES(5), TW_BOOL), NULL, 0, false)), 5, 0);
    VALUES(tw_sum(s, nothing, rows, 1, false), 0, 0, 0, 0);
    VALUES(tw_prod(s, nothing, rows, 1, false), 0, 1, 1, 1);
    VALUES(tw_mean(s, nothing, rows, 1, false), 0, NAN, NAN, NAN);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_SHAPE, tw_max(s, nothing, rows, 1, false));
    REFUSES(TW_ERROR_SHAPE, tw_argmax(s, nothing, 0, false));
    tw_scope_free(s);
}

static void positions_of_extremes(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 3, 3, 1, 5, 5, 2, NAN, 9, 7, 7, 0);
    tw_tensor *largest = tw_argmax(s, a, -1, false);
    CHECK(dtype_of(largest) == TW_INT64);
    VALUES(largest, 0, 1, 1, 0);
    VALUES(tw_argmin(s, a, 1, false), 0, 0, 1, 2);
    SHAPE(tw_argmax(s, a, 0, true), 1, 3);
    tw_scope_free(s);
}

static void a_long_sum_keeps_its_digits(void) {
    /* 2^24 + 2^20 ones in float32: a running sum would stop at 2^24. */
    tw_scope *s = tw_scope_new();
    int64_t count = under_valgrind() ? (1 << 20) : (1 << 24) + (1 << 20);
    NEAR(item(tw_sum(s, tw_ones(s, SIZES(count), TW_FLOAT32), NULL, 0, false)), (double)count, 1e-7);
    tw_scope_free(s);
}

static void views_share_their_elements(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_arange(s, 0, 12, 1, TW_FLOAT64);
    tw_tensor *m = tw_reshape(s, a, SIZES(3, -1));
    SHAPE(m, 3, 4);
    tw_tensor *views[] = {m, tw_transpose(s, m, 0, 1), tw_permute(s, m, (const int64_t[]){1, 0}, 2),
                          tw_broadcast_to(s, m, SIZES(2, 3, 4)), tw_slice(s, m, 0, 0, 2, 1), tw_select(s, m, 0, 0),
                          tw_expand_dims(s, m, 0), tw_squeeze(s, tw_expand_dims(s, m, -1), -1)};
    void *data = NULL;
    OK(tw_tensor_mutable_data(a, &data));
    ((double *)data)[0] = 100;
    for (size_t i = 0; i < sizeof views / sizeof views[0]; ++i) {
        const void *address = NULL;
        OK(tw_tensor_data(views[i], &address));
        CHECK(address == data && address != NULL && *(const double *)address == 100);
    }
    SHAPE(views[1], 4, 3);
    SHAPE(views[3], 2, 3, 4);
    SHAPE(views[6], 1, 3, 4);
    SHAPE(views[7], 3, 4);
    /* A reshape that the strides do not allow is a copy in row-major order. */
    VALUES(tw_reshape(s, tw_transpose(s, MATRIX(s, 2, 2, 1, 2, 3, 4), 0, 1), SIZES(4)), 0, 1, 3, 2, 4);
    tw_scope_free(s);
}

static void slices(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_arange(s, 0, 6, 1, TW_INT64);
    VALUES(tw_slice(s, a, 0, 1, 4, 1), 0, 1, 2, 3);
    VALUES(tw_slice(s, a, 0, -2, INT64_MAX, 1), 0, 4, 5);
    VALUES(tw_slice(s, a, 0, 0, 100, 2), 0, 0, 2, 4);
    VALUES(tw_slice(s, a, 0, INT64_MAX, INT64_MIN, -1), 0, 5, 4, 3, 2, 1, 0);
    VALUES(tw_slice(s, a, 0, 4, 0, -3), 0, 4, 1);
    SHAPE(tw_slice(s, a, 0, 4, 2, 1), 0);
    SHAPE(tw_slice(s, a, 0, 100, 200, INT64_MAX), 0);
    VALUES(tw_slice(s, a, 0, 0, 6, INT64_MAX), 0, 0);
    VALUES(tw_slice(s, a, 0, 5, INT64_MIN, INT64_MIN), 0, 5);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_slice(s, a, 0, 0, 6, 0));
    REFUSES(TW_ERROR_INDEX, tw_slice(s, a, 1, 0, 6, 1));
    REFUSES(TW_ERROR_INDEX, tw_select(s, a, 0, 6));
    VALUES(tw_select(s, a, 0, -1), 0, 5);
    tw_scope_free(s);
}

static void views_that_do_not_fit(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = tw_zeros(s, SIZES(2, 3), TW_FLOAT32);
    REFUSES_SAYING(TW_ERROR_SHAPE, "[4, 2]", tw_reshape(s, a, SIZES(4, 2)));
    REFUSES(TW_ERROR_SHAPE, tw_reshape(s, a, SIZES(4, -1)));
    CHECK(tw_reshape(s, a, SIZES(-1, -1)) == NULL);
    CHECK(tw_reshape(s, a, SIZES(-2, 3)) == NULL);
    REFUSES(TW_ERROR_INDEX, tw_transpose(s, a, 0, 2));
    CHECK(tw_permute(s, a, (const int64_t[]){0, 0}, 2) == NULL);
    CHECK(tw_permute(s, a, (const int64_t[]){0}, 1) == NULL);
    REFUSES(TW_ERROR_SHAPE, tw_broadcast_to(s, a, SIZES(2, 4)));
    REFUSES(TW_ERROR_SHAPE, tw_squeeze(s, a, 0));
    REFUSES(TW_ERROR_INDEX, tw_expand_dims(s, a, 4));
    tw_scope_free(s);
}

static void joining(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 1, 2, 1, 2), *b = MATRIX(s, 2, 2, 3, 4, 5, 6);
    const tw_tensor *rows[] = {a, b};
    VALUES(tw_concatenate(s, rows, 2, 0), 0, 1, 2, 3, 4, 5, 6);
    const tw_tensor *columns[] = {b, tw_transpose(s, b, 0, 1)};
    tw_tensor *wide = tw_concatenate(s, columns, 2, -1);
    SHAPE(wide, 2, 4);
    VALUES(wide, 0, 3, 4, 3, 5, 5, 6, 4, 6);
    tw_tensor *stacked = tw_stack(s, columns, 2, 0);
    SHAPE(stacked, 2, 2, 2);
    SHAPE(tw_stack(s, columns, 2, -1), 2, 2, 2);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_SHAPE, tw_concatenate(s, rows, 2, 1));
    REFUSES(TW_ERROR_SHAPE, tw_stack(s, rows, 2, 0));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_concatenate(s, rows, 0, 0));
    REFUSES(TW_ERROR_NULL, tw_concatenate(NULL, NULL, 2, 0));
    tw_scope_free(s);
}

static void picking(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 3, 2, 0, 1, 10, 11, 20, 21);
    VALUES(tw_index_select(s, a, 0, INTEGERS(s, 2, 0, -1)), 0, 20, 21, 0, 1, 20, 21);
    VALUES(tw_index_select(s, a, 1, INTEGERS(s, 1)), 0, 1, 11, 21);
    tw_tensor *where = tw_reshape(s, INTEGERS(s, 1, 0, 1), SIZES(3, 1));
    VALUES(tw_gather(s, a, 1, where), 0, 1, 10, 21);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES_SAYING(TW_ERROR_INDEX, "3", tw_index_select(s, a, 0, INTEGERS(s, 0, 3)));
    REFUSES(TW_ERROR_INDEX, tw_index_select(s, a, 0, INTEGERS(s, -4)));
    REFUSES(TW_ERROR_DTYPE, tw_index_select(s, a, 0, VECTOR(s, 0)));
    REFUSES(TW_ERROR_SHAPE, tw_gather(s, a, 1, INTEGERS(s, 0)));
    tw_scope_free(s);
}

/* Products of every small size and layout against the three loops. */
static void products_of_all_small_sizes(void) {
    tw_scope *s = tw_scope_new();
    tw_generator *g = NULL;
    OK(tw_generator_new(5, &g));
    const int64_t sizes[] = {1, 2, 3, 5, 8, 17, 33};
    const int count = under_valgrind() ? 4 : 7;
    for (int i = 0; i < count; ++i)
        for (int j = 0; j < count; ++j)
            for (int l = 0; l < count; ++l)
                for (int layout = 0; layout < 4; ++layout) {
                    int64_t m = sizes[i], n = sizes[j], k = sizes[l];
                    tw_tensor *a = layout & 1
                        ? tw_transpose(s, tw_random_uniform(s, g, SIZES(k, m), -1, 1, TW_FLOAT64), 0, 1)
                        : tw_random_uniform(s, g, SIZES(m, k), -1, 1, TW_FLOAT64);
                    tw_tensor *b = layout & 2
                        ? tw_transpose(s, tw_random_uniform(s, g, SIZES(n, k), -1, 1, TW_FLOAT64), 0, 1)
                        : tw_random_uniform(s, g, SIZES(k, n), -1, 1, TW_FLOAT64);
                    double A[33 * 33], B[33 * 33], C[33 * 33];
                    OK(tw_tensor_to_double(a, A, m * k));
                    OK(tw_tensor_to_double(b, B, k * n));
                    for (int64_t r = 0; r < m; ++r)
                        for (int64_t c = 0; c < n; ++c) {
                            C[r * n + c] = 0;
                            for (int64_t t = 0; t < k; ++t) C[r * n + c] += A[r * k + t] * B[t * n + c];
                        }
                    VALUES_AT(tw_matmul(s, a, b), 1e-13, C, m * n);
                    tw_scope_clear(s);
                }
    tw_generator_free(g);
    tw_scope_free(s);
}

static void product_shapes(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *m = MATRIX(s, 2, 2, 1, 2, 3, 4), *v = VECTOR(s, 5, 6);
    VALUES(tw_matmul(s, m, v), 0, 17, 39);
    VALUES(tw_matmul(s, v, m), 0, 23, 34);
    tw_tensor *dot = tw_matmul(s, v, v);
    SCALAR_SHAPE(dot);
    NEAR(item(dot), 61, 0);
    SHAPE(tw_matmul(s, tw_ones(s, SIZES(4, 1, 2, 3), TW_FLOAT32), tw_ones(s, SIZES(5, 3, 2), TW_FLOAT32)), 4, 5, 2, 2);
    VALUES(tw_matmul(s, tw_ones(s, SIZES(2, 0), TW_FLOAT64), tw_ones(s, SIZES(0, 2), TW_FLOAT64)), 0, 0, 0, 0, 0);
    SHAPE(tw_matmul(s, tw_ones(s, SIZES(0, 2), TW_FLOAT64), m), 0, 2);
    /* A batch shares the second factor. */
    tw_tensor *batch = tw_stack(s, (const tw_tensor *[]){m, tw_negative(s, m)}, 2, 0);
    VALUES(tw_matmul(s, batch, m), 0, 7, 10, 15, 22, -7, -10, -15, -22);
    VALUES(tw_linear(s, m, MATRIX(s, 1, 2, 1, 1), VECTOR(s, 10)), 0, 13, 17);
    VALUES(tw_linear(s, m, MATRIX(s, 1, 2, 1, 1), NULL), 0, 3, 7);
    VALUES(tw_linear_activation(s, m, MATRIX(s, 1, 2, 1, 1), VECTOR(s, -5), TW_ACTIVATION_RELU), 0, 0, 2);
    VALUES(tw_linear_activation(s, m, MATRIX(s, 1, 2, 1, 1), NULL, TW_ACTIVATION_IDENTITY), 0, 3, 7);
    VALUES(tw_linear_activation(s, m, MATRIX(s, 1, 2, 1, 1), VECTOR(s, -3), TW_ACTIVATION_SIGMOID), 1e-15, 0.5,
           0.98201379003790844197); /* 1 / (1 + exp(-4)) */
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_linear_activation(s, m, m, NULL, (tw_activation)99));
    REFUSES(TW_ERROR_SHAPE, tw_matmul(s, m, tw_scalar(s, 1, TW_FLOAT64)));
    REFUSES(TW_ERROR_DTYPE, tw_matmul(s, tw_ones(s, SIZES(2), TW_BOOL), tw_ones(s, SIZES(2), TW_BOOL)));
    REFUSES(TW_ERROR_SHAPE, tw_linear(s, m, m, VECTOR(s, 1, 2, 3)));
    tw_scope_free(s);
}

static void softmax_rows(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = MATRIX(s, 2, 2, 0, log(3), 1000, 1000);
    VALUES(tw_softmax(s, x, -1), 1e-15, 0.25, 0.75, 0.5, 0.5);
    VALUES(tw_log_softmax(s, x, 1), 1e-15, log(0.25), log(0.75), log(0.5), log(0.5));
    VALUES(tw_softmax(s, x, 0), 1e-15, 0, 0, 1, 1);
    tw_scope_free(s);
}

static void dropout(void) {
    tw_scope *s = tw_scope_new();
    tw_generator *g = NULL;
    OK(tw_generator_new(11, &g));
    const int64_t n = 10000;
    double values[10000];
    OK(tw_tensor_to_double(tw_dropout(s, g, tw_ones(s, SIZES(n), TW_FLOAT64), 0.25), values, n));
    int64_t zeros = 0;
    for (int64_t i = 0; i < n; ++i) {
        zeros += values[i] == 0;
        CHECK(values[i] == 0 || fabs(values[i] - 1 / 0.75) < 1e-15);
    }
    /* Binomial(n, 0.25), five standard deviations. */
    NEAR((double)zeros / (double)n, 0.25, 5 * sqrt(0.25 * 0.75 / (double)n));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_dropout(s, g, tw_ones(s, SIZES(2), TW_FLOAT64), 1));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_dropout(s, g, tw_ones(s, SIZES(2), TW_FLOAT64), NAN));
    tw_generator_free(g);
    tw_scope_free(s);
}

static void bits(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = INTEGERS(s, 12, -1, 5), *b = INTEGERS(s, 10, 3, 64), *truths = tw_cast(s, VECTOR(s, 0, 1), TW_BOOL);
    VALUES(tw_bitwise_and(s, a, b), 0, 8, 3, 0);
    VALUES(tw_bitwise_or(s, a, b), 0, 14, -1, 69);
    VALUES(tw_bitwise_xor(s, a, b), 0, 6, -4, 69);
    VALUES(tw_bitwise_invert(s, a), 0, -13, 0, -6);
    VALUES(tw_bitwise_invert(s, tw_cast(s, b, TW_UINT8)), 0, 245, 252, 191);
    VALUES(tw_bitwise_invert(s, truths), 0, 1, 0);
    VALUES(tw_bitwise_and(s, truths, tw_ones(s, SIZES(2), TW_BOOL)), 0, 0, 1);
    VALUES(tw_bitwise_left_shift(s, a, b), 0, 12288, -8, 0);
    VALUES(tw_bitwise_right_shift(s, a, INTEGERS(s, 2, 64, -1)), 0, 3, -1, 0);
    VALUES(tw_signbit(s, VECTOR(s, -0.0, 0, -INFINITY, 2)), 0, 1, 0, 1, 0);
    VALUES(tw_nextafter(s, VECTOR(s, 1, 0), VECTOR(s, 2, 0)), 0, 1 + 2.220446049250313e-16, 0);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_DTYPE, tw_bitwise_and(s, a, VECTOR(s, 1, 2, 3)));
    REFUSES(TW_ERROR_DTYPE, tw_bitwise_invert(s, VECTOR(s, 1)));
    REFUSES(TW_ERROR_DTYPE, tw_bitwise_left_shift(s, truths, truths));
    REFUSES(TW_ERROR_SHAPE, tw_bitwise_or(s, a, INTEGERS(s, 1, 2)));
    tw_scope_free(s);
}

static void clipped(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, -2, 0.5, NAN, 3);
    VALUES(tw_clip(s, x, tw_scalar(s, 0, TW_FLOAT64), tw_scalar(s, 1, TW_FLOAT64)), 0, 0, 0.5, NAN, 1);
    VALUES(tw_clip(s, x, VECTOR(s, -1, 1, 1, 9), NULL), 0, -1, 1, NAN, 9);
    VALUES(tw_clip(s, x, NULL, tw_scalar(s, 0, TW_FLOAT64)), 0, -2, 0, NAN, 0);
    VALUES(tw_clip(s, x, NULL, NULL), 0, -2, 0.5, NAN, 3);
    VALUES(tw_clip_scalar(s, x, -INFINITY, 1), 0, -2, 0.5, NAN, 1);
    VALUES(tw_clip_scalar(s, x, 5, 4), 0, 4, 4, NAN, 4);
    VALUES(tw_clip_scalar(s, INTEGERS(s, -9, 0, 9), -2.5, 1e30), 0, -2, 0, 9);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_SHAPE, tw_clip(s, x, VECTOR(s, 1, 2), NULL));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_clip_scalar(s, INTEGERS(s, 1), NAN, 1));
    REFUSES(TW_ERROR_DTYPE, tw_clip_scalar(s, tw_ones(s, SIZES(1), TW_BOOL), 0, 1));
    REFUSES(TW_ERROR_NULL, tw_clip(s, NULL, x, x));
    tw_scope_free(s);
}

int main(void) {
    RUN(unary_functions);
    RUN(values_at_the_edges);
    RUN(binary_functions);
    RUN(integer_arithmetic);
    RUN(promotion);
    RUN(scalars_on_the_right);
    RUN(broadcasting);
    RUN(comparisons_and_logic);
    RUN(reductions);
    RUN(reductions_of_integers_and_nothing);
    RUN(positions_of_extremes);
    RUN(a_long_sum_keeps_its_digits);
    RUN(views_share_their_elements);
    RUN(slices);
    RUN(views_that_do_not_fit);
    RUN(joining);
    RUN(picking);
    RUN(products_of_all_small_sizes);
    RUN(product_shapes);
    RUN(softmax_rows);
    RUN(dropout);
    RUN(bits);
    RUN(clipped);
    return check_report();
}
