/* Input that does not fit: a status, a message, a living process, and inputs as they were. */
#include "check.h"
#include <unistd.h>

static const int64_t huge = INT64_C(1) << 62;

static void shapes_that_do_not_fit(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 1, 2, 3, 4, 5, 6), *b = MATRIX(s, 2, 2, 1, 2, 3, 4);
    REFUSES_SAYING(TW_ERROR_SHAPE, "[2, 3]", tw_add(s, a, b));
    REFUSES_SAYING(TW_ERROR_SHAPE, "[2, 2]", tw_matmul(s, a, b));
    REFUSES(TW_ERROR_SHAPE, tw_where(s, a, b, b));
    REFUSES(TW_ERROR_SHAPE, tw_mse_loss(s, a, b));
    tw_lstsq_result *fit = NULL;
    FAILS_SAYING(TW_ERROR_SHAPE, "3", tw_lstsq(a, VECTOR(s, 1, 2, 3), NULL, &fit));
    FAILS(TW_ERROR_SHAPE, tw_lstsq(tw_ones(s, SIZES(2, 2, 2), TW_FLOAT64), VECTOR(s, 1, 2), NULL, &fit));
    FAILS(TW_ERROR_SHAPE, tw_lstsq(a, tw_ones(s, SIZES(2, 1, 1), TW_FLOAT64), NULL, &fit));
    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
    options.weights = VECTOR(s, 1, 1, 1);
    FAILS(TW_ERROR_SHAPE, tw_lstsq(a, VECTOR(s, 1, 2), &options, &fit));
    CHECK(fit == NULL);
    VALUES(a, 0, 1, 2, 3, 4, 5, 6);
    VALUES(b, 0, 1, 2, 3, 4);
    tw_scope_free(s);
}

static void null_data_and_pointers(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = VECTOR(s, 1, 2);
    REFUSES(TW_ERROR_NULL, tw_tensor_from_data(NULL, NULL, TW_FLOAT64, SIZES(2)));
    REFUSES(TW_ERROR_NULL, tw_tensor_from_data(NULL, &huge, TW_INT64, NULL, 1));
    REFUSES(TW_ERROR_NULL, tw_zeros(NULL, NULL, 2, TW_FLOAT64));
    REFUSES(TW_ERROR_NULL, tw_reshape(NULL, a, NULL, 1));
    REFUSES(TW_ERROR_NULL, tw_permute(NULL, a, NULL, 1));
    REFUSES(TW_ERROR_NULL, tw_stack(NULL, NULL, 1, 0));
    REFUSES(TW_ERROR_NULL, tw_stack(NULL, (const tw_tensor *[]){a, NULL}, 2, 0));
    FAILS(TW_ERROR_NULL, tw_tensor_rank(a, NULL));
    FAILS(TW_ERROR_NULL, tw_tensor_shape(a, NULL, 1));
    FAILS(TW_ERROR_NULL, tw_tensor_item(a, NULL));
    FAILS(TW_ERROR_NULL, tw_tensor_copy_to(a, NULL, 16));
    FAILS(TW_ERROR_NULL, tw_tensor_to_double(a, NULL, 2));
    FAILS(TW_ERROR_NULL, tw_tensor_data(a, NULL));
    FAILS(TW_ERROR_NULL, tw_tensor_to_string(a, NULL, 10, NULL));
    FAILS(TW_ERROR_NULL, tw_tensor_assign(a, NULL));
    FAILS(TW_ERROR_NULL, tw_generator_new(1, NULL));
    FAILS(TW_ERROR_NULL, tw_lstsq(a, a, NULL, NULL));
    FAILS(TW_ERROR_NULL, tw_linear_new(1, 1, NULL, NULL));
    FAILS(TW_ERROR_NULL, tw_relu_new(NULL));
    FAILS(TW_ERROR_NULL, tw_sgd_new(NULL, NULL));
    FAILS(TW_ERROR_NULL, tw_loader_new(a, NULL, NULL, NULL));
    FAILS(TW_ERROR_NULL, tw_safetensors_open("x", NULL));
    tw_module *m = NULL;
    FAILS(TW_ERROR_NULL, tw_sequential_new(NULL, 1, &m));
    FAILS(TW_ERROR_NULL, tw_sequential_new((tw_module *[]){NULL}, 1, &m));
    FAILS(TW_ERROR_NULL, tw_grad(NULL, a, NULL, 1, NULL, NULL));
    FAILS(TW_ERROR_NULL, tw_backward(NULL, NULL));
    tw_scope_free(s);
}

static void null_handles(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = VECTOR(s, 1, 2);
    int64_t number = 7;
    double value = 7;
    bool flag = false;
    tw_dtype dtype = TW_BOOL;
    FAILS(TW_ERROR_NULL, tw_tensor_dtype(NULL, &dtype));
    FAILS(TW_ERROR_NULL, tw_tensor_rank(NULL, &number));
    FAILS(TW_ERROR_NULL, tw_tensor_item(NULL, &value));
    FAILS(TW_ERROR_NULL, tw_tensor_set_requires_grad(NULL, true));
    FAILS(TW_ERROR_NULL, tw_tensor_zero_grad(NULL));
    FAILS(TW_ERROR_NULL, tw_module_parameter_count(NULL, &number));
    FAILS(TW_ERROR_NULL, tw_module_set_training(NULL, true));
    FAILS(TW_ERROR_NULL, tw_module_is_training(NULL, &flag));
    FAILS(TW_ERROR_NULL, tw_module_save(NULL, "/tmp/x"));
    FAILS(TW_ERROR_NULL, tw_optimizer_step(NULL));
    FAILS(TW_ERROR_NULL, tw_optimizer_learning_rate(NULL, &value));
    FAILS(TW_ERROR_NULL, tw_loader_batches(NULL, &number));
    FAILS(TW_ERROR_NULL, tw_history_epochs(NULL, &number));
    FAILS(TW_ERROR_NULL, tw_lstsq_result_rank(NULL, &number));
    FAILS(TW_ERROR_NULL, tw_safetensors_count(NULL, &number));
    REFUSES(TW_ERROR_NULL, tw_exp(NULL, NULL));
    REFUSES(TW_ERROR_NULL, tw_sum(NULL, NULL, NULL, 0, false));
    REFUSES(TW_ERROR_NULL, tw_module_forward(NULL, NULL, a));
    REFUSES(TW_ERROR_NULL, tw_lstsq_result_coefficients(NULL, NULL));
    REFUSES(TW_ERROR_NULL, tw_predict(NULL, NULL, a, 0));
    CHECK(number == 7 && value == 7 && dtype == TW_BOOL);
    tw_scope_free(s);
}

static void enum_values_that_are_none(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = VECTOR(s, 1, 2, 3);
    const int none[] = {-1, 13, 99, 2147483647}, initializers[] = {-1, 16, 99, 2147483647};
    for (int i = 0; i < 4; ++i) {
        REFUSES(TW_ERROR_DTYPE, tw_zeros(s, SIZES(2), (tw_dtype)none[i]));
        REFUSES(TW_ERROR_DTYPE, tw_cast(s, x, (tw_dtype)none[i]));
        REFUSES(TW_ERROR_DTYPE, tw_tensor_from_data(s, &huge, (tw_dtype)none[i], SIZES(1)));
        tw_lstsq_options lstsq = TW_LSTSQ_OPTIONS_INIT;
        lstsq.method = (tw_lstsq_method)none[i];
        tw_lstsq_result *fit = NULL;
        FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstsq(x, x, &lstsq, &fit));
        tw_linear_options linear = TW_LINEAR_OPTIONS_INIT;
        tw_module *m = NULL;
        linear.initializer = (tw_initializer)initializers[i];
        FAILS(TW_ERROR_INVALID_ARGUMENT, tw_linear_new(1, 1, &linear, &m));
        linear.initializer = TW_INIT_DEFAULT;
        linear.dtype = (tw_dtype)none[i];
        FAILS(TW_ERROR_DTYPE, tw_linear_new(1, 1, &linear, &m));
        tw_csv_options csv = TW_CSV_OPTIONS_INIT;
        csv.dtype = (tw_dtype)none[i];
        REFUSES(TW_ERROR_DTYPE, tw_csv_read(s, "/dev/null", &csv));
        CHECK(fit == NULL && m == NULL);
    }
    tw_scope_free(s);
}

static void sizes_that_are_none(void) {
    tw_scope *s = tw_scope_new();
    double data[4] = {1, 2, 3, 4};
    REFUSES_SAYING(TW_ERROR_SHAPE, "-1", tw_zeros(s, SIZES(-1), TW_FLOAT64));
    REFUSES(TW_ERROR_SHAPE, tw_tensor_from_data(s, data, TW_FLOAT64, SIZES(2, -2)));
    REFUSES(TW_ERROR_SHAPE, tw_ones(s, SIZES(INT64_MIN), TW_FLOAT64));
    REFUSES(TW_ERROR_SHAPE, tw_random_normal(s, NULL, SIZES(-3, 2), 0, 1, TW_FLOAT64));
    CHECK(tw_zeros(s, SIZES(1), TW_FLOAT64) != NULL);
    CHECK(tw_zeros(s, (const int64_t[]){1}, -1, TW_FLOAT64) == NULL);
    CHECK(tw_eye(s, -1, 2, TW_FLOAT64) == NULL);
    CHECK(tw_concatenate(s, (const tw_tensor *[]){NULL}, -1, 0) == NULL);
    CHECK(tw_sum(s, tw_ones(s, SIZES(2), TW_FLOAT64), (const int64_t[]){0}, -1, false) == NULL);
    tw_scope_free(s);
}

/* The elements, or their bytes, are more than an int64 counts. */
static void sizes_that_overflow(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *one = tw_ones(s, SIZES(1, 1), TW_FLOAT64);
    double data[4] = {1, 2, 3, 4};
    const int64_t shapes[][2] = {{huge, huge}, {huge, 2}, {INT64_MAX, 1}, {INT64_C(1) << 32, INT64_C(1) << 32}};
    for (int i = 0; i < 4; ++i) {
        tw_status seen[4] = {TW_OK, TW_OK, TW_OK, TW_OK};
        if (tw_zeros(s, shapes[i], 2, TW_FLOAT64) == NULL) seen[0] = tw_last_status();
        if (tw_tensor_from_data(s, data, TW_FLOAT64, shapes[i], 2) == NULL) seen[1] = tw_last_status();
        if (tw_random_uniform(s, NULL, shapes[i], 2, 0, 1, TW_FLOAT32) == NULL) seen[2] = tw_last_status();
        if (tw_eye(s, shapes[i][0], shapes[i][1], TW_UINT8) == NULL) seen[3] = tw_last_status();
        for (int j = 0; j < 4; ++j)
            if (!CHECK(seen[j] == TW_ERROR_SHAPE || seen[j] == TW_ERROR_OUT_OF_MEMORY))
                printf("  (shape %d, call %d: %s)\n", i, j, tw_status_name(seen[j]));
    }
    CHECK(tw_broadcast_to(s, one, shapes[0], 2) == NULL); /* more elements than can be counted */
    CHECK(tw_reshape(s, one, shapes[0], 2) == NULL);
    CHECK(tw_tensor_borrow(s, data, TW_FLOAT64, shapes[0], NULL, 2, NULL, NULL) == NULL);
    CHECK(tw_tensor_borrow(s, data, TW_FLOAT64, (const int64_t[]){2, 2}, (const int64_t[]){huge, huge}, 2, NULL, NULL) == NULL);
    CHECK(tw_arange(s, 0, 1e300, 1, TW_FLOAT64) == NULL);
    CHECK(tw_arange(s, 0, 1, 1e-300, TW_FLOAT64) == NULL);
    CHECK(tw_linspace(s, 0, 1, INT64_MAX, TW_FLOAT64) == NULL);
    CHECK(tw_random_permutation(s, NULL, INT64_MAX) == NULL);
    tw_module *m = NULL;
    CHECK(tw_linear_new(huge, huge, NULL, &m) != TW_OK && m == NULL);
    /* A view may have more elements than memory, which a copy of it has not. */
    tw_tensor *wide = tw_broadcast_to(s, one, SIZES(INT64_C(1) << 31, INT64_C(1) << 27));
    if (wide != NULL) CHECK(tw_copy(s, wide) == NULL);
    tw_scope_free(s);
}

static void empty_data(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *none = tw_zeros(s, SIZES(0, 3), TW_FLOAT64), *no_targets = tw_zeros(s, SIZES(0), TW_FLOAT64);
    tw_lstsq_result *fit = NULL;
    FAILS(TW_ERROR_SHAPE, tw_lstsq(none, no_targets, NULL, &fit));
    for (int method = TW_LSTSQ_CHOLESKY; method <= TW_LSTSQ_GRADIENT_DESCENT; ++method) {
        tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
        options.method = (tw_lstsq_method)method;
        FAILS(TW_ERROR_SHAPE, tw_lstsq(none, no_targets, &options, &fit));
    }
    CHECK(fit == NULL);
    SHAPE(tw_add(s, none, none), 0, 3);
    SHAPE(tw_matmul(s, none, tw_ones(s, SIZES(3, 2), TW_FLOAT64)), 0, 2);
    SHAPE(tw_softmax(s, none, -1), 0, 3);
    tw_scope_free(s);
}

static void one_row(void) {
    /* The plane through one point: with an intercept the slopes are 0. */
    tw_scope *s = tw_scope_new();
    tw_lstsq_result *fit = NULL;
    OK(tw_lstsq(MATRIX(s, 1, 2, 3, 4), VECTOR(s, 5), NULL, &fit));
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-15, 0, 0);
    NEAR(item(tw_lstsq_result_intercept(s, fit)), 5, 1e-15);
    VALUES(tw_lstsq_result_standard_errors(s, fit), 0, NAN, NAN);
    CHECK(isnan(item(tw_lstsq_result_r_squared(s, fit))));
    int64_t rank = 9, degrees = 9;
    OK(tw_lstsq_result_rank(fit, &rank));
    OK(tw_lstsq_result_degrees_of_freedom(fit, &degrees));
    CHECK(rank == 0 && degrees == 0);
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void more_columns_than_rows(void) {
    /* Two points, three unknowns, no intercept: the shortest b with b1 + b3 = 2, b2 + b3 = 2. With
       b = (a, a, c): a + c = 2, 2 a^2 + c^2 least: a = 2/3, c = 4/3. */
    tw_scope *s = tw_scope_new();
    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
    options.intercept = false;
    tw_lstsq_result *fit = NULL;
    tw_tensor *X = MATRIX(s, 2, 3, 1, 0, 1, 0, 1, 1), *y = VECTOR(s, 2, 2);
    OK(tw_lstsq(X, y, &options, &fit));
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-14, 2.0 / 3, 2.0 / 3, 4.0 / 3);
    NEAR(item(tw_lstsq_result_rss(s, fit)), 0, 1e-25);
    int64_t rank = 9;
    OK(tw_lstsq_result_rank(fit, &rank));
    CHECK(rank == 2);
    tw_lstsq_result_free(fit);
    fit = NULL;
    options.method = TW_LSTSQ_CHOLESKY;
    FAILS(TW_ERROR_NUMERIC, tw_lstsq(X, y, &options, &fit));
    CHECK(fit == NULL);
    tw_scope_free(s);
}

static void a_constant_column(void) {
    /* With an intercept a constant column tells nothing: its coefficient is 0. */
    tw_scope *s = tw_scope_new();
    tw_lstsq_result *fit = NULL;
    OK(tw_lstsq(MATRIX(s, 5, 2, 1, 7, 2, 7, 3, 7, 4, 7, 5, 7), VECTOR(s, 2, 4, 5, 4, 5), NULL, &fit));
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-13, 0.6, 0);
    NEAR(item(tw_lstsq_result_intercept(s, fit)), 2.2, 1e-13);
    double errors[2];
    OK(tw_tensor_to_double(tw_lstsq_result_standard_errors(s, fit), errors, 2));
    NEAR(errors[0], sqrt(0.08), 1e-13);
    CHECK(isnan(errors[1]));
    tw_lstsq_result_free(fit);
    fit = NULL;
    /* 0.1 is not exact: its mean rounds, and what is left must not count as a column. */
    OK(tw_lstsq(MATRIX(s, 5, 2, 1, 0.1, 2, 0.1, 3, 0.1, 4, 0.1, 5, 0.1), VECTOR(s, 2, 4, 5, 4, 5), NULL, &fit));
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-13, 0.6, 0);
    tw_lstsq_result_free(fit);
    fit = NULL;
    /* Nothing but constants: y's mean. */
    OK(tw_lstsq(tw_ones(s, SIZES(5, 2), TW_FLOAT64), VECTOR(s, 2, 4, 5, 4, 5), NULL, &fit));
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-15, 0, 0);
    NEAR(item(tw_lstsq_result_intercept(s, fit)), 4, 1e-14);
    tw_lstsq_result_free(fit);
    fit = NULL;
    /* A constant y has no variance to explain. */
    OK(tw_lstsq(VECTOR(s, 1, 2, 3), VECTOR(s, 5, 5, 5), NULL, &fit));
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-15, 0);
    CHECK(isnan(item(tw_lstsq_result_r_squared(s, fit))));
    tw_lstsq_result_free(fit);
    tw_scope_free(s);
}

static void numbers_that_are_none(void) {
    tw_scope *s = tw_scope_new();
    const double bad[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; ++i)
        for (int method = TW_LSTSQ_QR; method <= TW_LSTSQ_GRADIENT_DESCENT; ++method) {
            tw_tensor *x = VECTOR(s, 1, bad[i], 3), *y = VECTOR(s, 1, 2, bad[i]), *good = VECTOR(s, 1, 2, 4);
            tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
            options.method = (tw_lstsq_method)method;
            tw_lstsq_result *fit = NULL;
            FAILS(TW_ERROR_NUMERIC, tw_lstsq(x, good, &options, &fit));
            FAILS(TW_ERROR_NUMERIC, tw_lstsq(good, y, &options, &fit));
            options.weights = y;
            FAILS(TW_ERROR_NUMERIC, tw_lstsq(good, good, &options, &fit));
            options.weights = NULL;
            options.ridge = bad[i];
            FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstsq(good, good, &options, &fit));
            options.ridge = 0;
            options.rank_tolerance = bad[i];
            if (!(bad[i] < 0)) FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstsq(good, good, &options, &fit));
            CHECK(fit == NULL);
        }
    tw_lstsq_options options = TW_LSTSQ_OPTIONS_INIT;
    tw_lstsq_result *fit = NULL;
    options.weights = VECTOR(s, 1, -1, 1);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstsq(VECTOR(s, 1, 2, 3), VECTOR(s, 1, 2, 4), &options, &fit));
    CHECK(fit == NULL);
    tw_scope_free(s);
}

static void labels_out_of_range(void) {
    tw_scope *s = tw_scope_new();
    tw_module *m = NULL;
    tw_optimizer *optimizer = NULL;
    OK(tw_linear_new(2, 3, NULL, &m));
    OK(tw_sgd_new(NULL, &optimizer));
    OK(tw_optimizer_add_module(optimizer, m));
    tw_tensor *x = tw_ones(s, SIZES(4, 2), TW_FLOAT32), *weight = tw_copy(s, tw_module_parameter(s, m, 0));
    tw_fit_options options = TW_FIT_OPTIONS_INIT;
    options.loss = TW_LOSS_CROSS_ENTROPY;
    const int64_t wrong[] = {3, -1, INT64_MAX, INT64_MIN};
    for (int i = 0; i < 4; ++i) {
        tw_tensor *labels = INTEGERS(s, 0, 1, 2, wrong[i]);
        REFUSES(TW_ERROR_INDEX, tw_cross_entropy_loss(s, tw_zeros(s, SIZES(4, 3), TW_FLOAT32), labels));
        FAILS(TW_ERROR_INDEX, tw_fit(m, optimizer, x, labels, &options, NULL));
    }
    CHECK(same_bytes(weight, tw_module_parameter(s, m, 0)));
    FAILS(TW_ERROR_DTYPE, tw_fit(m, optimizer, x, tw_ones(s, SIZES(4), TW_FLOAT32), &options, NULL));
    tw_optimizer_free(optimizer);
    tw_module_free(m);
    tw_scope_free(s);
}

static void a_truncated_file(void) {
    char path[] = "/tmp/talweg-test-XXXXXX";
    int file = mkstemp(path);
    if (!CHECK(file >= 0)) return;
    tw_module *m = NULL;
    tw_scope *s = tw_scope_new();
    OK(tw_linear_new(2, 3, NULL, &m));
    tw_tensor *weight = tw_copy(s, tw_module_parameter(s, m, 0));
    OK(tw_module_save(m, path));
    CHECK(truncate(path, 60) == 0);
    FAILS(TW_ERROR_FORMAT, tw_module_load(m, path));
    CHECK(same_bytes(weight, tw_module_parameter(s, m, 0)));
    FAILS(TW_ERROR_IO, tw_module_save(m, "/nowhere at all/weights"));
    close(file);
    remove(path);
    tw_module_free(m);
    tw_scope_free(s);
}

static void inputs_are_unchanged_after_a_failure(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *x = MATRIX(s, 3, 2, 1, 2, 3, 4, 5, NAN), *y = VECTOR(s, 1, 2, 3);
    tw_tensor *x0 = tw_copy(s, x), *y0 = tw_copy(s, y);
    tw_lstsq_result *fit = (tw_lstsq_result *)(void *)&x0;
    FAILS(TW_ERROR_NUMERIC, tw_lstsq(x, y, NULL, &fit));
    CHECK(fit == (tw_lstsq_result *)(void *)&x0); /* results are written only on success */
    CHECK(same_bytes(x, x0) && same_bytes(y, y0));
    tw_tensor *w = VECTOR(s, 1, 2, 3);
    OK(tw_tensor_set_requires_grad(w, true));
    tw_tensor *loss = tw_sum(s, tw_matmul(s, w, x), NULL, 0, false);
    CHECK(isnan(item(loss))); /* a NaN is a number like others to arithmetic */
    REFUSES(TW_ERROR_SHAPE, tw_matmul(s, x, w));
    bool present = true;
    OK(tw_tensor_has_grad(w, &present));
    CHECK(!present);
    tw_scope_free(s);
}

int main(void) {
    RUN(shapes_that_do_not_fit);
    RUN(null_data_and_pointers);
    RUN(null_handles);
    RUN(enum_values_that_are_none);
    RUN(sizes_that_are_none);
    RUN(sizes_that_overflow);
    RUN(empty_data);
    RUN(one_row);
    RUN(more_columns_than_rows);
    RUN(a_constant_column);
    RUN(numbers_that_are_none);
    RUN(labels_out_of_range);
    RUN(a_truncated_file);
    RUN(inputs_are_unchanged_after_a_failure);
    return check_report();
}
