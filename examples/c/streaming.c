/* Fits a CSV file that is larger than the memory that the program may use: it writes rows of which it knows the truth,
 * allows itself 32 MB in all by setrlimit, and fits, block by block, in one pass. What a stream keeps is a few
 * kilobytes, however many rows come. Read as a whole, the file does not fit. streaming [PATH [ROWS]]
 *
 * Output:
 *     300000 rows in 57 MB, to be fitted in 32 MB
 *     as a whole: TW_ERROR_OUT_OF_MEMORY
 *     in blocks:  300000 rows
 *     intercept    3.000 +- 0.0018, in truth  3.0
 *     first slope  0.502 +- 0.0018, in truth  0.5
 *     last slope   9.999 +- 0.0018, in truth 10.0
 *     20 of 20 slopes are within two standard errors of the truth
 */
#define _XOPEN_SOURCE 700
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <talweg.h>

enum { slopes = 20, block = 1000, megabytes = 32 };

static void must(tw_status status) {
    if (status == TW_OK) return;
    fprintf(stderr, "%s: %s\n", tw_status_name(status), tw_last_message());
    exit(1);
}

static double truth(int j) { return 0.5 * (j + 1); }

/* Rows of 20 normal numbers, and 3 and their sum by the slopes and a normal error. Its size. */
static long write_rows(const char *path, int64_t rows) {
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        exit(1);
    }
    tw_scope *s = tw_scope_new();
    tw_generator *generator = NULL;
    must(tw_generator_new(1, &generator));
    for (int64_t first = 0; first < rows; first += block) {
        const int64_t shape[] = {block < rows - first ? block : rows - first, slopes + 1};
        double row[slopes + 1];
        tw_tensor *numbers = tw_random_normal(s, generator, shape, 2, 0, 1, TW_FLOAT64);
        for (int64_t i = 0; i < shape[0]; ++i) {
            must(tw_tensor_to_double(tw_slice(s, numbers, 0, i, i + 1, 1), row, slopes + 1));
            row[slopes] += 3;
            for (int j = 0; j < slopes; ++j) row[slopes] += truth(j) * row[j];
            for (int j = 0; j <= slopes; ++j) fprintf(file, "%.6f%c", row[j], j < slopes ? ',' : '\n');
        }
        tw_scope_clear(s);
    }
    tw_generator_free(generator);
    tw_scope_free(s);
    long size = ftell(file);
    if (fclose(file) != 0) size = -1;
    return size;
}

int main(int argc, char **argv) {
    const char *path = argc > 1 ? argv[1] : "build/streaming.csv";
    const int64_t rows = argc > 2 ? atoll(argv[2]) : 300000;
    must(tw_set_num_threads(2)); /* each has a stack, and that counts */
    const long size = write_rows(path, rows);
    const struct rlimit limit = {(rlim_t)megabytes << 20, RLIM_INFINITY};
    if (size < 0 || setrlimit(RLIMIT_DATA, &limit) != 0) return 1;
    printf("%lld rows in %ld MB, to be fitted in %d MB\n", (long long)rows, size >> 20, megabytes);

    tw_scope *s = tw_scope_new();
    tw_csv_read(s, path, NULL);
    printf("as a whole: %s\n", tw_status_name(tw_scope_status(s)));
    tw_scope_clear(s);

    tw_lstsq_stream *stream = NULL;
    tw_lstsq_result *fit = NULL;
    int64_t seen = 0;
    must(tw_lstsq_stream_new(slopes, 0, NULL, &stream));
    must(tw_lstsq_stream_push_csv(stream, path, NULL));
    must(tw_lstsq_stream_rows(stream, &seen));
    must(tw_lstsq_stream_solve(stream, &fit));
    printf("in blocks:  %lld rows\n", (long long)seen);

    double b[slopes], errors[slopes], intercept, error;
    must(tw_tensor_to_double(tw_lstsq_result_coefficients(s, fit), b, slopes));
    must(tw_tensor_to_double(tw_lstsq_result_standard_errors(s, fit), errors, slopes));
    must(tw_tensor_item(tw_lstsq_result_intercept(s, fit), &intercept));
    must(tw_tensor_item(tw_lstsq_result_intercept_standard_error(s, fit), &error));
    int within = 0;
    for (int j = 0; j < slopes; ++j) within += fabs(b[j] - truth(j)) < 2 * errors[j];
    printf("intercept   %6.3f +- %.4f, in truth  3.0\n", intercept, error);
    printf("first slope %6.3f +- %.4f, in truth  0.5\n", b[0], errors[0]);
    printf("last slope  %6.3f +- %.4f, in truth 10.0\n", b[slopes - 1], errors[slopes - 1]);
    printf("%d of %d slopes are within two standard errors of the truth\n", within, slopes);

    tw_lstsq_result_free(fit);
    tw_lstsq_stream_free(stream);
    tw_scope_free(s);
    return 0;
}
