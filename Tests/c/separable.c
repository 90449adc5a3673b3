/* Variable projection from C: sums of exponentials, what the fit tells of all parameters, and what goes wrong. */
#include "check.h"

enum { rows = 24 };

/* exp(-a x) of two rates, and a constant. */
static int basis(void *context, const double *a, double *phi) {
    const double *x = context;
    for (int i = 0; i < rows; ++i) {
        phi[3 * i] = exp(-a[0] * x[i]);
        phi[3 * i + 1] = exp(-a[1] * x[i]);
        phi[3 * i + 2] = 1;
    }
    return 0;
}

static int slopes(void *context, const double *a, double *d) {
    const double *x = context;
    memset(d, 0, 2 * rows * 3 * sizeof *d);
    for (int j = 0; j < 2; ++j)
        for (int i = 0; i < rows; ++i) d[(j * rows + i) * 3 + j] = -x[i] * exp(-a[j] * x[i]);
    return 0;
}

/* The same with all parameters, for tw_least_squares. */
struct data { double x[rows], y[rows]; };

static int whole(void *context, const double *p, double *r) {
    const struct data *d = context;
    for (int i = 0; i < rows; ++i) r[i] = p[2] * exp(-p[0] * d->x[i]) + p[3] * exp(-p[1] * d->x[i]) + p[4] - d->y[i];
    return 0;
}

static void fits(void) {
    tw_scope *s = tw_scope_new();
    struct data d;
    for (int i = 0; i < rows; ++i) {
        d.x[i] = 0.1 * i;
        d.y[i] = 2 * exp(-1.1 * d.x[i]) + 3 * exp(-4 * d.x[i]) + 0.5 + 0.01 * sin(97.0 * i);
    }
    tw_tensor *y = tw_tensor_from_data(s, d.y, TW_FLOAT64, SIZES(rows));
    tw_residuals r = TW_RESIDUALS_INIT;
    r.count = rows;
    r.function = whole;
    r.context = &d;
    tw_least_squares_result *fit = NULL, *expected = NULL;
    OK(tw_least_squares(&r, VECTOR(s, 1, 4, 2, 3, 0.5), NULL, &expected));
    double p[5], errors[5];
    OK(tw_tensor_to_double(tw_least_squares_result_parameters(s, expected), p, 5));
    OK(tw_tensor_to_double(tw_least_squares_result_standard_errors(s, expected, false), errors, 5));
    for (int kind = 0; kind < 4; ++kind) {
        tw_separable b = TW_SEPARABLE_INIT;
        b.count = rows;
        b.function_count = 3;
        b.function = basis;
        b.derivatives = kind == 1 ? NULL : slopes;
        b.kaufman = kind == 2;
        b.context = d.x;
        OK(tw_variable_projection(&b, y, kind == 3 ? VECTOR(s, 2) : NULL, VECTOR(s, 0.5, 6), NULL, &fit));
        VALUES_AT(tw_least_squares_result_parameters(s, fit), 1e-7, p, 5);
        VALUES_AT(tw_least_squares_result_standard_errors(s, fit, false), 1e-6, errors, 5);
        tw_least_squares_summary n = TW_LEAST_SQUARES_SUMMARY_INIT, m = TW_LEAST_SQUARES_SUMMARY_INIT;
        OK(tw_least_squares_result_summary(fit, &n));
        OK(tw_least_squares_result_summary(expected, &m));
        NEAR(n.cost * (kind == 3 ? 4 : 1), m.cost, 1e-12);
        CHECK(n.stop <= TW_LEAST_SQUARES_STEP && n.rank == 5 && n.degrees_of_freedom == rows - 5 && n.iterations < 40);
        SHAPE(tw_least_squares_result_jacobian(s, fit), rows, 5);
        tw_least_squares_result_free(fit);
    }
    /* Of a rate that is held, and one at its bound. */
    tw_least_squares_options o = TW_LEAST_SQUARES_OPTIONS_INIT;
    tw_separable b = TW_SEPARABLE_INIT;
    b.count = rows;
    b.function_count = 3;
    b.function = basis;
    b.derivatives = slopes;
    b.context = d.x;
    o.fixed = tw_cast(s, VECTOR(s, 0, 1), TW_BOOL);
    o.upper = VECTOR(s, 0.9, INFINITY);
    OK(tw_variable_projection(&b, y, NULL, VECTOR(s, 0.5, 4), &o, &fit));
    VALUES(tw_least_squares_result_active(s, fit), 0, 1, 2, 0, 0, 0);
    OK(tw_tensor_to_double(tw_least_squares_result_parameters(s, fit), p, 5));
    CHECK(p[0] == 0.9 && p[1] == 4);
    tw_least_squares_result_free(fit);
    tw_least_squares_result_free(expected);
    tw_scope_free(s);
}

static int refuses(void *context, const double *a, double *phi) {
    (void)a;
    (void)phi;
    return *(int *)context;
}

static int not_finite(void *context, const double *a, double *phi) {
    (void)context;
    for (int i = 0; i < 2; ++i) phi[i] = sqrt(a[0]);
    return 0;
}

static void what_goes_wrong(void) {
    tw_scope *s = tw_scope_new();
    int code = 7;
    tw_separable b = TW_SEPARABLE_INIT;
    tw_least_squares_options o = TW_LEAST_SQUARES_OPTIONS_INIT;
    tw_least_squares_result *fit = NULL;
    tw_tensor *y = VECTOR(s, 1, 2), *start = VECTOR(s, -1);
    FAILS(TW_ERROR_NULL, tw_variable_projection(NULL, y, NULL, start, NULL, &fit));
    FAILS_SAYING(TW_ERROR_NULL, "no function", tw_variable_projection(&b, y, NULL, start, NULL, &fit));
    b.function = refuses;
    b.context = &code;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "0 functions of 0", tw_variable_projection(&b, y, NULL, start, NULL, &fit));
    b.count = 3;
    b.function_count = 1;
    FAILS_SAYING(TW_ERROR_SHAPE, "y has 2 numbers, the basis 3",
                 tw_variable_projection(&b, y, NULL, start, NULL, &fit));
    b.count = 2;
    FAILS_SAYING(TW_ERROR_CANCELLED, "returned 7", tw_variable_projection(&b, y, NULL, start, NULL, &fit));
    FAILS_SAYING(TW_ERROR_SHAPE, "sigma has 3", tw_variable_projection(&b, y, VECTOR(s, 1, 1, 1), start, NULL, &fit));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "above 0",
                 tw_variable_projection(&b, y, VECTOR(s, 1, 0), start, NULL, &fit));
    FAILS_SAYING(TW_ERROR_NUMERIC, "y has nan at 1",
                 tw_variable_projection(&b, VECTOR(s, 1, NAN), NULL, start, NULL, &fit));
    b.function = not_finite;
    FAILS_SAYING(TW_ERROR_NUMERIC, "start", tw_variable_projection(&b, y, NULL, start, NULL, &fit));
    o.loss = TW_RESIDUAL_HUBER;
    FAILS_SAYING(TW_ERROR_UNSUPPORTED, "loss", tw_variable_projection(&b, y, NULL, start, &o, &fit));
    o.loss = TW_RESIDUAL_LINEAR;
    o.lower = VECTOR(s, 0);
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "outside", tw_variable_projection(&b, y, NULL, start, &o, &fit));
    o.lower = VECTOR(s, 0, 0);
    FAILS_SAYING(TW_ERROR_SHAPE, "lower bounds", tw_variable_projection(&b, y, NULL, start, &o, &fit));
    FAILS(TW_ERROR_NULL, tw_variable_projection(&b, y, NULL, start, NULL, NULL));
    tw_scope_free(s);
}

int main(void) {
    RUN(fits);
    RUN(what_goes_wrong);
    return check_report();
}
