/* Large least squares by products alone: small cases that are known. */
#include "check.h"

/* [1 0; 0 2; 1 1], with the last row's columns the wrong way round and one element in two parts. */
static const int64_t offsets[] = {0, 1, 3, 5}, places[] = {0, 1, 1, 1, 0};
static const double values[] = {1, 0.5, 1.5, 1, 1};

static int multiply(void *context, const double *x, double *y) {
    if (context && ++*(int *)context > 1000) return 3;
    y[0] = x[0];
    y[1] = 2 * x[1];
    y[2] = x[0] + x[1];
    return 0;
}

static int multiply_transposed(void *context, const double *y, double *x) {
    (void)context;
    x[0] = y[0] + y[2];
    x[1] = 2 * y[1] + y[2];
    return 0;
}

static void solves(void) {
    tw_scope *s = tw_scope_new();
    tw_operator *csr = NULL, *functions = NULL;
    OK(tw_operator_from_csr(3, 2, offsets, places, values, &csr));
    OK(tw_operator_from_functions(3, 2, multiply, multiply_transposed, NULL, NULL, &functions));
    tw_operator *both[] = {csr, functions};
    for (int k = 0; k < 2; ++k) {
        VALUES(tw_operator_multiply(s, both[k], VECTOR(s, 3, 5), false), 0, 3, 10, 8);
        VALUES(tw_operator_multiply(s, both[k], VECTOR(s, 3, 5, 7), true), 0, 10, 17);
        for (int method = 0; method < 2; ++method) {
            tw_iterative_options o = TW_ITERATIVE_OPTIONS_INIT;
            tw_iterative_summary n = TW_ITERATIVE_SUMMARY_INIT;
            o.method = (tw_iterative_method)method;
            /* A x = b with x = (1, 2). */
            VALUES(tw_lsqr(s, both[k], VECTOR(s, 1, 4, 3), &o, &n), 1e-12, 1, 2);
            CHECK(n.stop == TW_ITERATIVE_SOLVED && n.iterations <= 3 && n.residual_norm < 1e-10);
            /* A'A = [2 1; 1 5]; A'b for b = (1, 1, 0) is (1, 2): x = (1/3, 1/3). */
            VALUES(tw_lsqr(s, both[k], VECTOR(s, 1, 1, 0), &o, &n), 1e-12, 1.0 / 3, 1.0 / 3);
            CHECK(n.stop == TW_ITERATIVE_LEAST_SQUARES);
            /* The residual is (2, 1, -2) / 3. */
            NEAR(n.residual_norm, 1, 1e-12);
            NEAR(n.solution_norm, sqrt(2) / 3, 1e-12);
            /* d = 1: [3 1; 1 6] x = (1, 2): x = (4, 5) / 17. */
            o.damp = 1;
            VALUES(tw_lsqr(s, both[k], VECTOR(s, 1, 1, 0), &o, NULL), 1e-12, 4.0 / 17, 5.0 / 17);
            o.damp = 0;
            o.start = VECTOR(s, 1, 2);
            VALUES(tw_lsqr(s, both[k], VECTOR(s, 1, 4, 3), &o, &n), 0, 1, 2);
            CHECK(n.stop == TW_ITERATIVE_START && n.iterations == 0);
        }
    }
    tw_operator_free(csr);
    tw_operator_free(functions);
    tw_scope_free(s);
}

static int once(void *context, int64_t iteration, double residual, double gradient) {
    (void)context;
    CHECK(iteration == 1 && residual > 0 && gradient > 0);
    return 1;
}

static void destroyed(void *context) { ++*(int *)context; }

static void ends(void) {
    tw_scope *s = tw_scope_new();
    tw_operator *a = NULL;
    int count = 0;
    OK(tw_operator_from_functions(3, 2, multiply, multiply_transposed, &count, destroyed, &a));
    tw_iterative_options o = TW_ITERATIVE_OPTIONS_INIT;
    tw_iterative_summary n = TW_ITERATIVE_SUMMARY_INIT;
    o.callback = once;
    CHECK(tw_lsqr(s, a, VECTOR(s, 1, 1, 0), &o, &n) != NULL && n.stop == TW_ITERATIVE_CALLBACK);
    o.callback = NULL;
    o.max_iterations = 1;
    CHECK(tw_lsqr(s, a, VECTOR(s, 1, 1, 0), &o, &n) != NULL && n.stop == TW_ITERATIVE_ITERATIONS);
    count = 1000;
    REFUSES_SAYING(TW_ERROR_CANCELLED, "returned 3", tw_lsqr(NULL, a, VECTOR(s, 1, 1, 0), NULL, NULL));
    count = 0;
    tw_operator_free(a);
    CHECK(count == 1);
    tw_scope_free(s);
}

static void what_goes_wrong(void) {
    tw_scope *s = tw_scope_new();
    tw_operator *a = NULL;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_operator_from_csr(0, 2, offsets, places, values, &a));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_operator_from_csr(INT64_MAX, 2, offsets, places, values, &a));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_operator_from_csr(2, 2, (int64_t[]){0, 3, 1}, places, values, &a));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_operator_from_csr(1, 2, (int64_t[]){1, 3}, places, values, &a));
    FAILS(TW_ERROR_INDEX, tw_operator_from_csr(3, 1, offsets, places, values, &a));
    FAILS(TW_ERROR_NUMERIC, tw_operator_from_csr(1, 2, offsets, places, (double[]){NAN}, &a));
    FAILS(TW_ERROR_NULL, tw_operator_from_csr(1, 2, NULL, places, values, &a));
    FAILS(TW_ERROR_NULL, tw_operator_from_functions(3, 2, multiply, NULL, NULL, NULL, &a));
    OK(tw_operator_from_csr(3, 2, offsets, places, values, &a));
    REFUSES(TW_ERROR_SHAPE, tw_lsqr(NULL, a, VECTOR(s, 1, 1), NULL, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_operator_multiply(NULL, a, VECTOR(s, 1, 1), true));
    REFUSES(TW_ERROR_NUMERIC, tw_lsqr(NULL, a, VECTOR(s, 1, INFINITY, 1), NULL, NULL));
    tw_operator *endless = NULL;
    OK(tw_operator_from_functions(1, INT64_MAX, multiply, multiply_transposed, NULL, NULL, &endless));
    REFUSES(TW_ERROR_OUT_OF_MEMORY, tw_lsqr(NULL, endless, VECTOR(s, 1), NULL, NULL));
    REFUSES(TW_ERROR_SHAPE, tw_operator_multiply(NULL, endless, VECTOR(s, 1), false));
    CHECK(tw_operator_multiply(NULL, endless, VECTOR(s, 1), true) == NULL);
    tw_operator_free(endless);
    tw_iterative_options o = TW_ITERATIVE_OPTIONS_INIT;
    o.damp = -1;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_lsqr(NULL, a, VECTOR(s, 1, 1, 1), &o, NULL));
    REFUSES(TW_ERROR_NULL, tw_lsqr(NULL, NULL, VECTOR(s, 1, 1, 1), NULL, NULL));
    tw_operator_free(a);
    tw_scope_free(s);
}

int main(void) {
    RUN(solves);
    RUN(ends);
    RUN(what_goes_wrong);
    return check_report();
}
