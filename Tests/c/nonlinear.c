/* Nonlinear least squares from C: functions with and without a Jacobian, tensor code, named curves, and what goes
   wrong. */
#include "check.h"

/* Rosenbrock's residuals, which are zero at (1, 1). */
static int rosenbrock(void *context, const double *x, double *r) {
    if (context) ++*(int *)context;
    r[0] = 10 * (x[1] - x[0] * x[0]);
    r[1] = 1 - x[0];
    return 0;
}

static int rosenbrock_jacobian(void *context, const double *x, double *j) {
    (void)context;
    double values[] = {-20 * x[0], 10, -1, 0};
    memcpy(j, values, sizeof values);
    return 0;
}

static tw_tensor *rosenbrock_tensor(void *context, tw_scope *s, const tw_tensor *x) {
    (void)context;
    tw_tensor *a = tw_select(s, x, 0, 0), *b = tw_select(s, x, 0, 1);
    tw_tensor *first = tw_multiply(s, tw_scalar(s, 10, TW_FLOAT64), tw_subtract(s, b, tw_square(s, a)));
    const tw_tensor *both[] = {first, tw_subtract(s, tw_scalar(s, 1, TW_FLOAT64), a)};
    return tw_stack(s, both, 2, 0);
}

static void fits(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *start = VECTOR(s, -1.2, 1);
    for (int kind = 0; kind < 6; ++kind) {
        int calls = 0;
        tw_residuals r = TW_RESIDUALS_INIT;
        tw_least_squares_options o = TW_LEAST_SQUARES_OPTIONS_INIT;
        r.context = &calls;
        if (kind == 2) {
            r.tensor = rosenbrock_tensor;
        } else {
            r.count = 2;
            r.function = rosenbrock;
            if (kind != 1) r.jacobian = rosenbrock_jacobian;
        }
        if (kind == 3) o.method = TW_DOGLEG;
        o.geodesic = kind == 4;
        if (kind == 5) o.loss = TW_RESIDUAL_CAUCHY;
        tw_least_squares_result *fit = NULL;
        OK(tw_least_squares(&r, start, &o, &fit));
        VALUES(tw_least_squares_result_parameters(s, fit), 1e-12, 1, 1);
        VALUES(tw_least_squares_result_residuals(s, fit), 1e-11, 0, 0);
        SHAPE(tw_least_squares_result_jacobian(s, fit), 2, 2);
        VALUES(tw_least_squares_result_jacobian(s, fit), 1e-8, -20, 10, -1, 0);
        tw_least_squares_summary n = TW_LEAST_SQUARES_SUMMARY_INIT;
        OK(tw_least_squares_result_summary(fit, &n));
        CHECK(n.rank == 2 && n.degrees_of_freedom == 0 && n.cost < 1e-20 && n.evaluations < 200 &&
              n.iterations <= n.evaluations && n.stop <= TW_LEAST_SQUARES_STEP);
        CHECK(kind == 2 || kind == 1 || calls == n.evaluations);
        tw_least_squares_result_free(fit);
    }
    /* The start is what it was. */
    VALUES(start, 0, -1.2, 1);
    tw_scope_free(s);
}

/* r = x - (3, 4) */
static int distance(void *context, const double *x, double *r) {
    (void)context;
    r[0] = x[0] - 3;
    r[1] = x[1] - 4;
    r[2] = 0;
    return 0;
}

static void limits_of_parameters(void) {
    tw_scope *s = tw_scope_new();
    tw_residuals r = TW_RESIDUALS_INIT;
    r.count = 3;
    r.function = distance;
    tw_least_squares_options o = TW_LEAST_SQUARES_OPTIONS_INIT;
    o.lower = VECTOR(s, -INFINITY, 5);
    o.upper = VECTOR(s, 2, INFINITY);
    tw_least_squares_result *fit = NULL;
    OK(tw_least_squares(&r, VECTOR(s, 0, 6), &o, &fit));
    VALUES(tw_least_squares_result_parameters(s, fit), 1e-12, 2, 5);
    VALUES(tw_least_squares_result_active(s, fit), 0, 1, -1);
    VALUES(tw_least_squares_result_gradient(s, fit), 1e-6, -1, 1);
    VALUES(tw_least_squares_result_covariance(s, fit, false), 0, 0, 0, 0, 0);
    tw_least_squares_result_free(fit);

    tw_least_squares_options f = TW_LEAST_SQUARES_OPTIONS_INIT;
    f.fixed = tw_cast(s, VECTOR(s, 1, 0), TW_BOOL);
    OK(tw_least_squares(&r, VECTOR(s, 1, 1), &f, &fit));
    VALUES(tw_least_squares_result_parameters(s, fit), 1e-12, 1, 4);
    VALUES(tw_least_squares_result_active(s, fit), 0, 2, 0);
    /* One parameter, three residuals with squares 4 + 0 + 0: s^2 = 2. */
    VALUES(tw_least_squares_result_standard_errors(s, fit, false), 1e-8, 0, sqrt(2));
    VALUES(tw_least_squares_result_standard_errors(s, fit, true), 1e-8, 0, 1);
    tw_least_squares_result_free(fit);
    tw_scope_free(s);
}

static int after(void *context, const tw_least_squares_progress *progress) {
    CHECK(progress->parameter_count == 2 && progress->evaluations > progress->iteration);
    return progress->iteration >= *(int *)context;
}

static void stops(void) {
    tw_scope *s = tw_scope_new();
    tw_residuals r = TW_RESIDUALS_INIT;
    r.count = 2;
    r.function = rosenbrock;
    r.jacobian = rosenbrock_jacobian;
    int wanted = 3;
    tw_least_squares_options o = TW_LEAST_SQUARES_OPTIONS_INIT;
    tw_least_squares_summary n = TW_LEAST_SQUARES_SUMMARY_INIT;
    tw_least_squares_result *fit = NULL;
    o.callback = after;
    o.context = &wanted;
    OK(tw_least_squares(&r, VECTOR(s, -1.2, 1), &o, &fit));
    OK(tw_least_squares_result_summary(fit, &n));
    CHECK(n.stop == TW_LEAST_SQUARES_CALLBACK && n.iterations == 3);
    tw_least_squares_result_free(fit);
    o.callback = NULL;
    o.max_evaluations = 5;
    OK(tw_least_squares(&r, VECTOR(s, -1.2, 1), &o, &fit));
    OK(tw_least_squares_result_summary(fit, &n));
    CHECK(n.stop == TW_LEAST_SQUARES_EVALUATIONS && n.evaluations == 5);
    tw_least_squares_result_free(fit);
    tw_scope_free(s);
}

static int refuse(void *context, const double *x, double *r) {
    (void)x;
    (void)r;
    return *(int *)context;
}

static int not_finite(void *context, const double *x, double *r) {
    (void)context;
    r[0] = x[0] - 1;
    r[1] = sqrt(x[0] - 5);
    return 0;
}

static int forgets(void *context, const double *x, double *j) {
    (void)context;
    (void)x;
    j[0] = 1;
    return 0;
}

/* As many residuals as it was called. */
static tw_tensor *grows(void *context, tw_scope *s, const tw_tensor *x) {
    int64_t shape[] = {++*(int *)context};
    return tw_add(s, tw_ones(s, shape, 1, TW_FLOAT64), tw_select(s, x, 0, 0));
}

static tw_tensor *nothing(void *context, tw_scope *s, const tw_tensor *x) {
    (void)context;
    (void)s;
    (void)x;
    return NULL;
}

static void what_goes_wrong(void) {
    tw_scope *s = tw_scope_new();
    int code = 7;
    tw_residuals r = TW_RESIDUALS_INIT;
    tw_least_squares_options o = TW_LEAST_SQUARES_OPTIONS_INIT;
    tw_least_squares_result *fit = NULL;
    FAILS_SAYING(TW_ERROR_NULL, "no function", tw_least_squares(&r, VECTOR(s, 1), NULL, &fit));
    FAILS(TW_ERROR_NULL, tw_least_squares(NULL, VECTOR(s, 1), NULL, &fit));
    r.function = refuse;
    r.context = &code;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "0 residuals", tw_least_squares(&r, VECTOR(s, 1), NULL, &fit));
    r.count = 2;
    FAILS_SAYING(TW_ERROR_CANCELLED, "returned 7", tw_least_squares(&r, VECTOR(s, 1), NULL, &fit));
    FAILS_SAYING(TW_ERROR_SHAPE, "vector", tw_least_squares(&r, MATRIX(s, 1, 2, 1, 2), NULL, &fit));
    FAILS_SAYING(TW_ERROR_NUMERIC, "start", tw_least_squares(&r, VECTOR(s, NAN), NULL, &fit));
    r.function = not_finite;
    FAILS_SAYING(TW_ERROR_NUMERIC, "residual 1 at the start is", tw_least_squares(&r, VECTOR(s, 2), NULL, &fit));
    /* From where they are finite it is a wall. */
    OK(tw_least_squares(&r, VECTOR(s, 9), NULL, &fit));
    VALUES(tw_least_squares_result_parameters(s, fit), 1e-6, 5);
    tw_least_squares_result_free(fit);
    r.jacobian = forgets;
    FAILS_SAYING(TW_ERROR_NUMERIC, "Jacobian", tw_least_squares(&r, VECTOR(s, 9), NULL, &fit));
    r.jacobian = NULL;
    o.lower = VECTOR(s, 10);
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "starts at 9", tw_least_squares(&r, VECTOR(s, 9), &o, &fit));
    o.lower = VECTOR(s, 1, 2);
    FAILS_SAYING(TW_ERROR_SHAPE, "lower bounds", tw_least_squares(&r, VECTOR(s, 9), &o, &fit));
    o.lower = NULL;
    o.loss = (tw_residual_loss)9;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "loss is 9", tw_least_squares(&r, VECTOR(s, 9), &o, &fit));
    tw_residuals t = TW_RESIDUALS_INIT;
    int calls = 0;
    t.tensor = grows;
    t.context = &calls;
    FAILS_SAYING(TW_ERROR_SHAPE, "gave 2 residuals, at first 1", tw_least_squares(&t, VECTOR(s, 1), NULL, &fit));
    t.tensor = nothing;
    FAILS(TW_ERROR_CANCELLED, tw_least_squares(&t, VECTOR(s, 1), NULL, &fit));
    t.tensor = rosenbrock_tensor;
    FAILS(TW_ERROR_INDEX, tw_least_squares(&t, VECTOR(s, 1), NULL, &fit));
    CHECK(tw_scope_status(s) == TW_OK);
    tw_scope_free(s);
}

static void curves(void) {
    tw_scope *s = tw_scope_new();
    struct { tw_curve_family family; int64_t order; double b[8]; } all[] = {
        {TW_CURVE_POLYNOMIAL, 1, {1, 2}},      {TW_CURVE_POLYNOMIAL, 3, {1, 2, -3, 0.5}},
        {TW_CURVE_EXPONENTIAL, 1, {3, -0.7, 2}}, {TW_CURVE_POWER, 1, {2, 1.7}},
        {TW_CURVE_LOGISTIC, 1, {5, 2.3, 4}},   {TW_CURVE_GAUSSIAN, 1, {3, 4, 0.7}},
        {TW_CURVE_LORENTZIAN, 1, {3, 4, 0.7}}, {TW_CURVE_FOURIER, 2, {1, 2, -1, 0.5, 0.3, 2.2}},
        {TW_CURVE_MICHAELIS_MENTEN, 1, {4, 1.5}}, {TW_CURVE_DAMPED_SINE, 1, {2, 0.2, 5.3, 0.7}},
    };
    tw_tensor *x = tw_linspace(s, 0.1, 10, 150, TW_FLOAT64);
    for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
        int64_t count = 0;
        OK(tw_curve_parameter_count(all[i].family, all[i].order, &count));
        tw_tensor *b = tw_tensor_from_data(s, all[i].b, TW_FLOAT64, &count, 1);
        tw_tensor *y = tw_curve_evaluate(s, all[i].family, all[i].order, b, x);
        tw_least_squares_result *fit = NULL;
        OK(tw_curve_fit(all[i].family, all[i].order, x, y, NULL, NULL, NULL, &fit));
        double found[8] = {0};
        OK(tw_tensor_to_double(tw_least_squares_result_parameters(s, fit), found, 8));
        for (int64_t j = 0; j < count; ++j) NEAR(found[j], all[i].b[j], 1e-8);
        tw_least_squares_result_free(fit);
    }
    tw_least_squares_result *fit = NULL;
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "above 0",
          tw_curve_fit(TW_CURVE_POWER, 1, VECTOR(s, 0, 1), VECTOR(s, 1, 2), NULL, NULL, NULL, &fit));
    FAILS_SAYING(TW_ERROR_SHAPE, "as many",
          tw_curve_fit(TW_CURVE_POWER, 1, VECTOR(s, 1, 2, 3), VECTOR(s, 1, 2), NULL, NULL, NULL, &fit));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "sigma",
          tw_curve_fit(TW_CURVE_POWER, 1, VECTOR(s, 1, 2), VECTOR(s, 1, 2), VECTOR(s, 1, 0), NULL, NULL, &fit));
    FAILS_SAYING(TW_ERROR_NUMERIC, "y has",
          tw_curve_fit(TW_CURVE_POWER, 1, VECTOR(s, 1, 2), VECTOR(s, 1, NAN), NULL, NULL, NULL, &fit));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "order is 33",
          tw_curve_fit(TW_CURVE_POLYNOMIAL, 33, VECTOR(s, 1, 2), VECTOR(s, 1, 2), NULL, NULL, NULL, &fit));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "family is 99",
          tw_curve_fit((tw_curve_family)99, 1, VECTOR(s, 1, 2), VECTOR(s, 1, 2), NULL, NULL, NULL, &fit));
    tw_scope_free(s);
}

/* r = b - y, of one parameter: a mean. */
static int mean_residuals(void *context, const double *b, double *r) {
    const double *y = context;
    for (int i = 0; i < 5; ++i) r[i] = b[0] - y[i];
    return 0;
}

/* The mean of 1, 2, 4, 5, 8 is 4, and s^2 = 30 / 4; t of 4 degrees of freedom (tables): 2.776445105197795. */
static void intervals(void) {
    tw_scope *s = tw_scope_new();
    double y[] = {1, 2, 4, 5, 8}, t = 2.776445105197795, value = 0;
    OK(tw_student_t_critical_value(0.95, 4, &value));
    NEAR(value, t, 1e-12);
    OK(tw_student_t_critical_value(0.95, INFINITY, &value));
    NEAR(value, 1.959963984540054, 1e-12);
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "level is 1", tw_student_t_critical_value(1, 4, &value));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "above 0", tw_student_t_critical_value(0.5, 0, &value));
    FAILS(TW_ERROR_NULL, tw_student_t_critical_value(0.5, 1, NULL));
    tw_residuals r = TW_RESIDUALS_INIT;
    r.count = 5;
    r.function = mean_residuals;
    r.context = y;
    tw_least_squares_result *fit = NULL;
    OK(tw_least_squares(&r, VECTOR(s, 0), NULL, &fit));
    double half = t * sqrt(7.5 / 5), normal = 1.959963984540054 / sqrt(5);
    VALUES(tw_least_squares_result_confidence_intervals(s, fit, 0.95, false), 1e-8, 4 - half, 4 + half);
    VALUES(tw_least_squares_result_confidence_intervals(s, fit, 0.95, true), 1e-8, 4 - normal, 4 + normal);
    /* Of a linear model the profile says the same. */
    VALUES(tw_least_squares_profile_intervals(s, &r, fit, NULL, 0.95, false), 1e-8, 4 - half, 4 + half);
    /* The functions b and 3 b; new observations of them. */
    tw_tensor *values = VECTOR(s, 4, 12), *gradients = MATRIX(s, 2, 1, 1, 3);
    VALUES(tw_least_squares_result_bands(s, fit, values, gradients, NULL, 0.95, false), 1e-8, 4 - half, 4 + half,
           12 - 3 * half, 12 + 3 * half);
    double wide[] = {t * sqrt(7.5 / 5 + 7.5 * 4), t * sqrt(9 * 7.5 / 5 + 7.5 * 4)};
    VALUES(tw_least_squares_result_bands(s, fit, values, gradients, VECTOR(s, 2), 0.95, false), 1e-8, 4 - wide[0],
           4 + wide[0], 12 - wide[1], 12 + wide[1]);
    REFUSES_SAYING(TW_ERROR_SHAPE, "gradients [1, 2] of 2 functions of 1",
                   tw_least_squares_result_bands(NULL, fit, values, MATRIX(s, 1, 2, 1, 3), NULL, 0.95, false));
    REFUSES_SAYING(TW_ERROR_SHAPE, "3 standard deviations",
                   tw_least_squares_result_bands(NULL, fit, values, gradients, VECTOR(s, 1, 1, 1), 0.95, false));
    REFUSES_SAYING(TW_ERROR_INVALID_ARGUMENT, "level is 0",
                   tw_least_squares_result_confidence_intervals(NULL, fit, 0, false));
    r.count = 4;
    REFUSES_SAYING(TW_ERROR_SHAPE, "4 residuals; the fit has 5",
                   tw_least_squares_profile_intervals(NULL, &r, fit, NULL, 0.95, false));
    int code = 7;
    r.count = 5;
    r.function = refuse;
    r.context = &code;
    REFUSES_SAYING(TW_ERROR_CANCELLED, "returned 7",
                   tw_least_squares_profile_intervals(NULL, &r, fit, NULL, 0.95, false));
    tw_least_squares_result_free(fit);

    /* A constant, as a polynomial's b0 with b1 fixed at 0: the same again. */
    tw_least_squares_options o = TW_LEAST_SQUARES_OPTIONS_INIT;
    o.fixed = tw_cast(s, VECTOR(s, 0, 1), TW_BOOL);
    tw_tensor *x = VECTOR(s, 1, 2, 3, 4, 5);
    OK(tw_curve_fit(TW_CURVE_POLYNOMIAL, 1, x, VECTOR(s, 1, 2, 4, 5, 8), NULL, VECTOR(s, 0, 0), &o, &fit));
    VALUES(tw_curve_gradient(s, TW_CURVE_POLYNOMIAL, 1, VECTOR(s, 4, 0), VECTOR(s, -1, 7)), 0, 1, -1, 1, 7);
    tw_tensor *at = VECTOR(s, -1, 7);
    VALUES(tw_curve_band(s, TW_CURVE_POLYNOMIAL, 1, fit, at, TW_INTERVAL_CONFIDENCE, NULL, 0.95, false), 1e-8,
           4 - half, 4 + half, 4 - half, 4 + half);
    double new = t * sqrt(7.5 / 5 + 7.5);
    VALUES(tw_curve_band(s, TW_CURVE_POLYNOMIAL, 1, fit, at, TW_INTERVAL_PREDICTION, NULL, 0.95, false), 1e-8, 4 - new,
           4 + new, 4 - new, 4 + new);
    REFUSES_SAYING(TW_ERROR_INVALID_ARGUMENT, "kind is 7",
                   tw_curve_band(NULL, TW_CURVE_POLYNOMIAL, 1, fit, at, (tw_interval_kind)7, NULL, 0.95, false));
    REFUSES_SAYING(TW_ERROR_SHAPE, "2 parameters were given; the curve has 3",
                   tw_curve_band(NULL, TW_CURVE_POLYNOMIAL, 2, fit, at, TW_INTERVAL_CONFIDENCE, NULL, 0.95, false));
    tw_least_squares_result_free(fit);
    tw_scope_free(s);
}

int main(void) {
    RUN(fits);
    RUN(limits_of_parameters);
    RUN(stops);
    RUN(what_goes_wrong);
    RUN(curves);
    RUN(intervals);
    return check_report();
}
