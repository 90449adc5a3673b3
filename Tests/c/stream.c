/* Least squares of rows that come in blocks. */
#include "check.h"

static tw_lstsq_stream *stream_of(int64_t features, int64_t targets) {
    tw_lstsq_stream *stream = NULL;
    OK(tw_lstsq_stream_new(features, targets, NULL, &stream));
    return stream;
}

static double slope_of(tw_scope *s, const tw_lstsq_stream *stream) {
    tw_lstsq_result *fit = NULL;
    OK(tw_lstsq_stream_solve(stream, &fit));
    double slope = item(tw_lstsq_result_coefficients(s, fit));
    tw_lstsq_result_free(fit);
    return slope;
}

static void a_line_row_by_row(void) {
    /* As in lstsq.c: slope 0.6, intercept 2.2, rss 2.4, s^2 = 0.8. */
    tw_scope *s = tw_scope_new();
    tw_lstsq_stream *stream = stream_of(1, 0);
    double y[] = {2, 4, 5, 4, 5};
    for (int i = 0; i < 5; ++i) OK(tw_lstsq_stream_push(stream, VECTOR(s, i + 1.0), VECTOR(s, y[i]), NULL));
    int64_t rows = 0;
    OK(tw_lstsq_stream_rows(stream, &rows));
    CHECK(rows == 5);
    tw_lstsq_result *fit = NULL;
    OK(tw_lstsq_stream_solve(stream, &fit));
    VALUES(tw_lstsq_result_coefficients(s, fit), 1e-13, 0.6);
    NEAR(item(tw_lstsq_result_intercept(s, fit)), 2.2, 1e-13);
    NEAR(item(tw_lstsq_result_rss(s, fit)), 2.4, 1e-13);
    VALUES(tw_lstsq_result_standard_errors(s, fit), 1e-13, sqrt(0.08));
    VALUES(tw_lstsq_result_covariance(s, fit), 1e-13, 0.08, -0.24, -0.24, 0.88);
    NEAR(item(tw_lstsq_result_f_statistic(s, fit)), 4.5, 1e-12);
    tw_lstsq_result_free(fit);
    /* Without the last two rows: means 2 and 11/3, Sxy = 3, Sxx = 2. */
    OK(tw_lstsq_stream_drop(stream, VECTOR(s, 4, 5), VECTOR(s, 4, 5), NULL));
    NEAR(slope_of(s, stream), 1.5, 1e-12);
    FAILS(TW_ERROR_NUMERIC, tw_lstsq_stream_drop(stream, VECTOR(s, 1, 2), VECTOR(s, 2, 4), NULL));
    FAILS(TW_ERROR_NUMERIC, tw_lstsq_stream_drop(stream, VECTOR(s, 9), VECTOR(s, 1), NULL));
    NEAR(slope_of(s, stream), 1.5, 1e-12);
    tw_lstsq_stream_free(stream);
    tw_scope_free(s);
}

static void two_halves(void) {
    tw_scope *s = tw_scope_new();
    tw_lstsq_stream *a = stream_of(1, 0), *b = stream_of(1, 0), *other = stream_of(2, 0), *again = NULL;
    OK(tw_lstsq_stream_push(a, VECTOR(s, 1, 2), VECTOR(s, 2, 4), NULL));
    OK(tw_lstsq_stream_push(b, VECTOR(s, 3, 4, 5), VECTOR(s, 5, 4, 5), NULL));
    OK(tw_lstsq_stream_merge(a, b));
    NEAR(slope_of(s, a), 0.6, 1e-13);
    FAILS(TW_ERROR_SHAPE, tw_lstsq_stream_merge(a, other));
    size_t size = 0;
    OK(tw_lstsq_stream_save(a, NULL, 0, &size));
    unsigned char *bytes = malloc(size);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstsq_stream_save(a, bytes, size - 1, NULL));
    OK(tw_lstsq_stream_save(a, bytes, size, NULL));
    OK(tw_lstsq_stream_load(bytes, size, &again));
    NEAR(slope_of(s, again), slope_of(s, a), 0);
    tw_lstsq_stream *none = NULL;
    FAILS(TW_ERROR_FORMAT, tw_lstsq_stream_load(bytes, size - 8, &none));
    FAILS(TW_ERROR_FORMAT, tw_lstsq_stream_load(bytes, 0, &none));
    bytes[0] ^= 1;
    FAILS(TW_ERROR_FORMAT, tw_lstsq_stream_load(bytes, size, &none));
    FAILS(TW_ERROR_NULL, tw_lstsq_stream_load(NULL, size, &none));
    CHECK(none == NULL);
    free(bytes);
    tw_lstsq_stream_free(a);
    tw_lstsq_stream_free(b);
    tw_lstsq_stream_free(other);
    tw_lstsq_stream_free(again);
    tw_scope_free(s);
}

typedef struct {
    int next, fail_at;
} Source;

static int five_rows(void *context, tw_scope *scope, const tw_tensor **X, const tw_tensor **y,
                     const tw_tensor **weights) {
    Source *source = context;
    const double values[] = {2, 4, 5, 4, 5};
    (void)weights;
    if (source->next == source->fail_at) return 1;
    if (source->next == 5) return 0;
    *X = VECTOR(scope, source->next + 1.0);
    *y = VECTOR(scope, values[source->next]);
    ++source->next;
    return 0;
}

static void blocks_from_a_function(void) {
    tw_scope *s = tw_scope_new();
    tw_lstsq_stream *stream = stream_of(1, 0);
    Source source = {0, 3};
    int64_t rows = 1;
    FAILS(TW_ERROR_CANCELLED, tw_lstsq_stream_push_from(stream, five_rows, &source));
    OK(tw_lstsq_stream_rows(stream, &rows));
    CHECK(rows == 0);
    source = (Source){0, -1};
    OK(tw_lstsq_stream_push_from(stream, five_rows, &source));
    NEAR(slope_of(s, stream), 0.6, 1e-13);
    FAILS(TW_ERROR_NULL, tw_lstsq_stream_push_from(stream, NULL, NULL));
    tw_lstsq_stream_free(stream);
    tw_scope_free(s);
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "wb");
    if (CHECK(file != NULL)) {
        fputs(text, file);
        fclose(file);
    }
}

static int stops(void *context, int64_t rows) {
    *(int64_t *)context = rows;
    return 1;
}

static void a_csv_file(void) {
    tw_scope *s = tw_scope_new();
    const char *path = "/tmp/talweg-stream-test.csv";
    write_file(path, "x,y\n1,2\n2,4\n3,5\n4,4\n5,5\n");
    tw_lstsq_stream *stream = stream_of(1, 0);
    tw_stream_file_options options = TW_STREAM_FILE_OPTIONS_INIT;
    FAILS(TW_ERROR_FORMAT, tw_lstsq_stream_push_csv(stream, path, &options));
    options.skip_lines = 1;
    int64_t rows = 0;
    options.progress = stops;
    options.context = &rows;
    FAILS(TW_ERROR_CANCELLED, tw_lstsq_stream_push_csv(stream, path, &options));
    CHECK(rows == 5);
    OK(tw_lstsq_stream_rows(stream, &rows));
    CHECK(rows == 0);
    options.progress = NULL;
    OK(tw_lstsq_stream_push_csv(stream, path, &options));
    NEAR(slope_of(s, stream), 0.6, 1e-13);
    FAILS(TW_ERROR_FORMAT, tw_lstsq_stream_push_npy(stream, path, NULL));
    remove(path);
    FAILS(TW_ERROR_IO, tw_lstsq_stream_push_csv(stream, path, &options));
    FAILS(TW_ERROR_IO, tw_lstsq_stream_push_npy(stream, path, NULL));
    FAILS(TW_ERROR_NULL, tw_lstsq_stream_push_npy(stream, NULL, NULL));
    tw_lstsq_stream_free(stream);
    tw_scope_free(s);
}

static void what_is_refused(void) {
    tw_scope *s = tw_scope_new();
    tw_lstsq_stream *stream = NULL;
    tw_lstsq_result *fit = NULL;
    tw_lstsq_stream_options options = TW_LSTSQ_STREAM_OPTIONS_INIT;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstsq_stream_new(-1, 0, NULL, &stream));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstsq_stream_new(INT64_MAX, 0, NULL, &stream));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstsq_stream_new(1, -1, NULL, &stream));
    FAILS(TW_ERROR_NULL, tw_lstsq_stream_new(1, 0, NULL, NULL));
    options.forgetting = 0;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstsq_stream_new(1, 0, &options, &stream));
    options.forgetting = 1;
    options.ridge = NAN;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstsq_stream_new(1, 0, &options, &stream));
    CHECK(stream == NULL);
    stream = stream_of(1, 0);
    FAILS(TW_ERROR_STATE, tw_lstsq_stream_solve(stream, &fit));
    FAILS(TW_ERROR_NULL, tw_lstsq_stream_push(stream, NULL, VECTOR(s, 1), NULL));
    FAILS(TW_ERROR_SHAPE, tw_lstsq_stream_push(stream, VECTOR(s, 1, 2), VECTOR(s, 1), NULL));
    FAILS(TW_ERROR_NUMERIC, tw_lstsq_stream_push(stream, VECTOR(s, 1, NAN), VECTOR(s, 1, 2), NULL));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_lstsq_stream_push(stream, VECTOR(s, 1), VECTOR(s, 1), VECTOR(s, -1)));
    FAILS(TW_ERROR_NUMERIC, tw_lstsq_stream_drop(stream, VECTOR(s, 1), VECTOR(s, 1), NULL));
    tw_lstsq_stream_free(stream);
    FAILS(TW_ERROR_INVALID_HANDLE, tw_lstsq_stream_solve(stream, &fit));
    CHECK(fit == NULL);
    tw_lstsq_stream_free(NULL);
    tw_scope_free(s);
}

int main(void) {
    RUN(a_line_row_by_row);
    RUN(two_halves);
    RUN(blocks_from_a_function);
    RUN(a_csv_file);
    RUN(what_is_refused);
    return check_report();
}
