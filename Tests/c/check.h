/* A small test harness: a program is a list of cases, each a function; a case
   passes if none of its checks failed and it left no handle alive. The last
   line that a program prints is its counts. */
#ifndef CHECK_H
#define CHECK_H

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talweg.h>

static int check_passed, check_failed, check_skipped, check_problems;
static const char *check_skip_reason;

/* ---- Checks ------------------------------------------------------------- */

static inline bool check_that(bool condition, const char *text, const char *file, int line) {
    if (!condition) {
        ++check_problems;
        printf("%s:%d: not so: %s\n", file, line, text);
    }
    return condition;
}

static inline bool check_near(double value, double expected, double tolerance, const char *text, const char *file,
                              int line) {
    bool same = isnan(expected) ? isnan(value)
                                : value == expected || fabs(value - expected) <= tolerance * fmax(1, fabs(expected));
    if (!same) {
        ++check_problems;
        printf("%s:%d: %s is %.17g, not %.17g (tolerance %g)\n", file, line, text, value, expected, tolerance);
    }
    return same;
}

static inline bool check_status(tw_status status, tw_status expected, const char *text, const char *file, int line) {
    if (status != expected) {
        ++check_problems;
        printf("%s:%d: %s gave %s, not %s%s%s\n", file, line, text, tw_status_name(status), tw_status_name(expected),
               status == TW_OK ? "" : ": ", status == TW_OK ? "" : tw_last_message());
    }
    return status == expected;
}

/* The thread's last error: the status, a message, and in it a fragment. */
static inline bool check_error(tw_status expected, const char *fragment, const char *text, const char *file,
                               int line) {
    bool fits = tw_last_status() == expected && tw_last_message()[0] != 0 &&
                (fragment == NULL || strstr(tw_last_message(), fragment) != NULL);
    if (!fits) {
        ++check_problems;
        printf("%s:%d: %s left %s \"%s\", not %s%s%s\n", file, line, text, tw_status_name(tw_last_status()),
               tw_last_message(), tw_status_name(expected), fragment ? " with " : "", fragment ? fragment : "");
    }
    return fits;
}

static inline bool check_text(const char *value, const char *expected, const char *text, const char *file, int line) {
    bool same = value != NULL && strcmp(value, expected) == 0;
    if (!same) {
        ++check_problems;
        printf("%s:%d: %s is\n%s\nnot\n%s\n", file, line, text, value ? value : "NULL", expected);
    }
    return same;
}

static inline bool check_shape(const tw_tensor *tensor, const int64_t *expected, int64_t rank, const char *text,
                               const char *file, int line) {
    int64_t found_rank = -1, found[TW_MAX_RANK] = {0};
    bool same = tw_tensor_rank(tensor, &found_rank) == TW_OK && found_rank == rank &&
                tw_tensor_shape(tensor, found, TW_MAX_RANK) == TW_OK;
    for (int64_t i = 0; same && i < rank; ++i) same = found[i] == expected[i];
    if (!same) {
        ++check_problems;
        printf("%s:%d: %s has the shape [", file, line, text);
        for (int64_t i = 0; i < found_rank && i < TW_MAX_RANK; ++i) printf("%s%" PRId64, i ? ", " : "", found[i]);
        printf("], not [");
        for (int64_t i = 0; i < rank; ++i) printf("%s%" PRId64, i ? ", " : "", expected[i]);
        printf("]\n");
    }
    return same;
}

static inline bool check_values(const tw_tensor *tensor, const double *expected, int64_t count, double tolerance,
                                const char *text, const char *file, int line) {
    int64_t found_count = -1;
    if (tw_tensor_count(tensor, &found_count) != TW_OK || found_count != count) {
        ++check_problems;
        printf("%s:%d: %s has %" PRId64 " elements, not %" PRId64 " (%s)\n", file, line, text, found_count, count,
               tensor == NULL ? tw_last_message() : "");
        return false;
    }
    double *found = malloc((size_t)(count > 0 ? count : 1) * sizeof *found);
    bool same = found != NULL && check_status(tw_tensor_to_double(tensor, found, count), TW_OK, text, file, line);
    for (int64_t i = 0; same && i < count; ++i) {
        char element[256];
        snprintf(element, sizeof element, "element %" PRId64 " of %s", i, text);
        same = check_near(found[i], expected[i], tolerance, element, file, line);
    }
    free(found);
    return same;
}

/* It holds. */
#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)
/* The value is `expected` within `tolerance` (relative above 1, absolute below). */
#define NEAR(value, expected, tolerance) \
    check_near((value), (expected), (tolerance), #value, __FILE__, __LINE__)
/* The call succeeds. */
#define OK(call) check_status((call), TW_OK, #call, __FILE__, __LINE__)
/* The call fails with that status, and says why. */
#define FAILS(expected, call)                                     \
    (tw_clear_last_error(),                                       \
     check_status((call), (expected), #call, __FILE__, __LINE__) && \
         check_error((expected), NULL, #call, __FILE__, __LINE__))
#define FAILS_SAYING(expected, fragment, call)                    \
    (tw_clear_last_error(),                                       \
     check_status((call), (expected), #call, __FILE__, __LINE__) && \
         check_error((expected), (fragment), #call, __FILE__, __LINE__))
/* The call gives no tensor, that status, and says why. */
#define REFUSES(expected, call)                                            \
    (tw_clear_last_error(),                                                \
     check_that((call) == NULL, #call " == NULL", __FILE__, __LINE__) &&   \
         check_error((expected), NULL, #call, __FILE__, __LINE__))
#define REFUSES_SAYING(expected, fragment, call)                           \
    (tw_clear_last_error(),                                                \
     check_that((call) == NULL, #call " == NULL", __FILE__, __LINE__) &&   \
         check_error((expected), (fragment), #call, __FILE__, __LINE__))
#define TEXT(value, expected) check_text((value), (expected), #value, __FILE__, __LINE__)
#define SHAPE(tensor, ...)                                                                        \
    check_shape((tensor), (const int64_t[]){__VA_ARGS__},                                         \
                (int64_t)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), #tensor, __FILE__, __LINE__)
#define SCALAR_SHAPE(tensor) check_shape((tensor), NULL, 0, #tensor, __FILE__, __LINE__)
#define VALUES(tensor, tolerance, ...)                                                           \
    check_values((tensor), (const double[]){__VA_ARGS__},                                        \
                 (int64_t)(sizeof((const double[]){__VA_ARGS__}) / sizeof(double)), (tolerance), #tensor, __FILE__, \
                 __LINE__)
#define VALUES_AT(tensor, tolerance, expected, count) \
    check_values((tensor), (expected), (count), (tolerance), #tensor, __FILE__, __LINE__)

/* ---- Short ways to tensors ---------------------------------------------- */

#define SIZES(...) (const int64_t[]){__VA_ARGS__}, (int64_t)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))
#define VECTOR(scope, ...)                                                          \
    tw_tensor_from_data((scope), (const double[]){__VA_ARGS__}, TW_FLOAT64,         \
                        SIZES((int64_t)(sizeof((const double[]){__VA_ARGS__}) / sizeof(double))))
#define MATRIX(scope, rows, columns, ...) \
    tw_tensor_from_data((scope), (const double[]){__VA_ARGS__}, TW_FLOAT64, SIZES((rows), (columns)))
#define INTEGERS(scope, ...)                                                        \
    tw_tensor_from_data((scope), (const int64_t[]){__VA_ARGS__}, TW_INT64,          \
                        SIZES((int64_t)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))))

/* A tensor of one element; NaN where there is none. */
static inline double item(const tw_tensor *tensor) {
    double value = NAN;
    return tw_tensor_item(tensor, &value) == TW_OK ? value : NAN;
}

static inline tw_dtype dtype_of(const tw_tensor *tensor) {
    tw_dtype dtype = (tw_dtype)-1;
    return tw_tensor_dtype(tensor, &dtype) == TW_OK ? dtype : (tw_dtype)-1;
}

/* Whether two tensors hold the same bytes. */
static inline bool same_bytes(const tw_tensor *a, const tw_tensor *b) {
    int64_t count_a = -1, count_b = -2;
    if (tw_tensor_count(a, &count_a) != TW_OK || tw_tensor_count(b, &count_b) != TW_OK || count_a != count_b ||
        dtype_of(a) != dtype_of(b))
        return false;
    size_t size = (size_t)count_a * tw_dtype_size(dtype_of(a));
    unsigned char *bytes = malloc(2 * size + 1);
    bool same = bytes != NULL && tw_tensor_copy_to(a, bytes, size) == TW_OK &&
                tw_tensor_copy_to(b, bytes + size, size) == TW_OK && memcmp(bytes, bytes + size, size) == 0;
    free(bytes);
    return same;
}

/* ---- Running ------------------------------------------------------------- */

#define SKIP(reason)                  \
    do {                              \
        check_skip_reason = (reason); \
        return;                       \
    } while (0)

static inline void check_run(void (*test)(void), const char *name) {
    int64_t handles = tw_live_handles();
    check_problems = 0;
    check_skip_reason = NULL;
    test();
    if (tw_live_handles() != handles) {
        ++check_problems;
        printf("%s: %" PRId64 " handles left alive\n", name, tw_live_handles() - handles);
    }
    if (check_problems > 0) {
        ++check_failed;
        printf("FAILED  %s\n", name);
    } else if (check_skip_reason != NULL) {
        ++check_skipped;
        printf("skipped %s: %s\n", name, check_skip_reason);
    } else {
        ++check_passed;
    }
    fflush(stdout);
}

#define RUN(test) check_run((test), #test)

static inline int check_report(void) {
    printf("%d passed, %d failed, %d skipped\n", check_passed, check_failed, check_skipped);
    return check_failed > 0;
}

/* A tool such as valgrind stands between the program and the kernel. */
static inline bool under_valgrind(void) { return getenv("TALWEG_TEST_VALGRIND") != NULL; }

#endif
