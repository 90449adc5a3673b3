/* Design matrices, design.h: closed forms, callbacks, errors. */
#include "check.h"

static void polynomials(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *X = MATRIX(s, 3, 2, 0, 1, 2, 3, 4, 5);
    tw_polynomial_options options = TW_POLYNOMIAL_OPTIONS_INIT;
    options.degree = 2;
    options.family = TW_POLYNOMIAL_MONOMIAL;
    options.scaled = false;
    options.constant = true;
    tw_basis *basis = NULL;
    OK(tw_polynomial_basis(X, &options, &basis));
    int64_t columns = 0;
    OK(tw_basis_columns(basis, &columns));
    CHECK(columns == 6);
    VALUES(tw_basis_evaluate(s, basis, MATRIX(s, 1, 2, 2, 3)), 1e-15, 1, 2, 3, 4, 6, 9);
    SHAPE(tw_basis_knots(s, basis), 0);
    tw_basis_free(basis);
    /* Chebyshev's of a column from 0 to 4: T2 = 2 t^2 - 1 at t = (x - 2) / 2. */
    options = (tw_polynomial_options)TW_POLYNOMIAL_OPTIONS_INIT;
    options.degree = 2;
    OK(tw_polynomial_basis(VECTOR(s, 0, 4), &options, &basis));
    VALUES(tw_basis_evaluate(s, basis, VECTOR(s, 0, 3, 6)), 1e-15, -1, 1, 0.5, -0.5, 2, 7);
    tw_basis_free(basis);
    tw_scope_free(s);
}

static void splines(void) {
    /* Degree 1 with one knot: hat functions of 0, 1, 2. */
    tw_scope *s = tw_scope_new();
    tw_spline_options options = TW_SPLINE_OPTIONS_INIT;
    options.degree = 1;
    options.knots = VECTOR(s, 1);
    options.constant = true;
    tw_basis *basis = NULL;
    OK(tw_spline_basis(VECTOR(s, 0, 2), &options, &basis));
    VALUES(tw_basis_evaluate(s, basis, VECTOR(s, 0, 0.25, 1, 1.5, 2)), 1e-15, 1, 0, 0, 0.75, 0.25, 0, 0, 1, 0, 0, 0.5,
           0.5, 0, 0, 1);
    VALUES(tw_basis_knots(s, basis), 0, 0, 0, 1, 2, 2);
    tw_basis_free(basis);
    /* The natural cubic spline without a knot is a line: a column that is affine in x. */
    options = (tw_spline_options)TW_SPLINE_OPTIONS_INIT;
    options.natural = true;
    options.count = 0;
    OK(tw_spline_basis(VECTOR(s, 0, 1), &options, &basis));
    double row[4] = {0};
    OK(tw_tensor_to_double(tw_basis_evaluate(s, basis, VECTOR(s, -1, 0, 0.5, 3)), row, 4));
    NEAR(row[1] - row[0], 2 * (row[2] - row[1]), 1e-14);
    NEAR(row[3] - row[1], 6 * (row[2] - row[1]), 1e-14);
    CHECK(fabs(row[2] - row[1]) > 0.01);
    tw_basis_free(basis);
    VALUES(tw_difference_matrix(s, 3, 1), 0, -1, 1, 0, 0, -1, 1);
    tw_scope_free(s);
}

static void others(void) {
    tw_scope *s = tw_scope_new();
    tw_basis *basis = NULL;
    OK(tw_fourier_basis(4, 1, true, &basis));
    VALUES(tw_basis_evaluate(s, basis, VECTOR(s, 0, 1, 2)), 1e-15, 1, 0, 1, 1, 1, 0, 1, 0, -1);
    tw_basis_free(basis);
    OK(tw_radial_basis(VECTOR(s, 0, 3), TW_RADIAL_CUBIC, 2, &basis));
    VALUES(tw_basis_evaluate(s, basis, VECTOR(s, 1)), 1e-15, 0.125, 1);
    tw_basis_free(basis);
    tw_scope_free(s);
}

static int squares(void *context, int64_t rows, const double *x, double *out) {
    for (int64_t i = 0; i < rows; ++i) {
        if (x[i] < 0) return 1;
        out[2 * i] = x[i] * *(double *)context;
        out[2 * i + 1] = x[i] * x[i];
    }
    return 0;
}

static int destroyed;
static void destroy(void *context) {
    (void)context;
    ++destroyed;
}

static void callbacks(void) {
    tw_scope *s = tw_scope_new();
    tw_basis *basis = NULL;
    double factor = 10;
    destroyed = 0;
    OK(tw_callback_basis(1, 2, squares, &factor, destroy, &basis));
    VALUES(tw_basis_evaluate(s, basis, VECTOR(s, 2, 3)), 0, 20, 4, 30, 9);
    SHAPE(tw_basis_evaluate(s, basis, tw_zeros(s, SIZES(0), TW_FLOAT64)), 0, 2);
    REFUSES(TW_ERROR_CANCELLED, tw_basis_evaluate(s, basis, VECTOR(s, 2, -3)));
    CHECK(destroyed == 0);
    tw_basis_free(basis);
    CHECK(destroyed == 1);
    basis = NULL;
    FAILS(TW_ERROR_NULL, tw_callback_basis(1, 2, NULL, &factor, destroy, &basis));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_callback_basis(0, 2, squares, &factor, destroy, &basis));
    FAILS(TW_ERROR_NULL, tw_callback_basis(1, 2, squares, &factor, destroy, NULL));
    CHECK(destroyed == 4 && basis == NULL);
    tw_scope_free(s);
}

static void what_is_refused(void) {
    tw_scope *s = tw_scope_new();
    tw_basis *basis = NULL;
    tw_tensor *x = VECTOR(s, 1, 2, 3);
    FAILS(TW_ERROR_NULL, tw_polynomial_basis(NULL, NULL, &basis));
    FAILS(TW_ERROR_NULL, tw_spline_basis(x, NULL, NULL));
    FAILS(TW_ERROR_SHAPE, tw_polynomial_basis(tw_zeros(s, SIZES(0), TW_FLOAT64), NULL, &basis));
    FAILS(TW_ERROR_NUMERIC, tw_polynomial_basis(VECTOR(s, 1, NAN), NULL, &basis));
    tw_polynomial_options polynomial = TW_POLYNOMIAL_OPTIONS_INIT;
    polynomial.degree = -1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_polynomial_basis(x, &polynomial, &basis));
    polynomial.degree = INT64_MAX;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_polynomial_basis(x, &polynomial, &basis));
    polynomial.degree = 2;
    polynomial.family = (tw_polynomial_family)9;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_polynomial_basis(x, &polynomial, &basis));
    tw_spline_options spline = TW_SPLINE_OPTIONS_INIT;
    spline.count = INT64_MAX;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_spline_basis(x, &spline, &basis));
    spline.count = 2;
    spline.degree = INT64_MIN;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_spline_basis(x, &spline, &basis));
    spline.degree = 3;
    spline.lower = 2;
    spline.upper = 1;
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_spline_basis(x, &spline, &basis));
    spline = (tw_spline_options)TW_SPLINE_OPTIONS_INIT;
    spline.knots = VECTOR(s, 5);
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_spline_basis(x, &spline, &basis));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_fourier_basis(NAN, 1, false, &basis));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_fourier_basis(1, INT64_MAX, false, &basis));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_radial_basis(x, TW_RADIAL_CUBIC, -1, &basis));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_radial_basis(x, (tw_radial_kind)77, 1, &basis));
    CHECK(basis == NULL);
    OK(tw_spline_basis(VECTOR(s, 0, 1, 2, 3, 4, 5, 6, 7, 8), NULL, &basis));
    REFUSES(TW_ERROR_NUMERIC, tw_basis_evaluate(s, basis, VECTOR(s, INFINITY)));
    REFUSES(TW_ERROR_SHAPE, tw_basis_evaluate(s, basis, tw_zeros(s, SIZES(2, 2), TW_FLOAT64)));
    REFUSES(TW_ERROR_NULL, tw_basis_evaluate(s, NULL, x));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_difference_matrix(s, 3, 3));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_difference_matrix(s, INT64_MIN, -1));
    tw_basis_free(basis);
    tw_basis_free(NULL);
    tw_clear_last_error();
    tw_scope_free(s);
}

int main(void) {
    RUN(polynomials);
    RUN(splines);
    RUN(others);
    RUN(callbacks);
    RUN(what_is_refused);
    return check_report();
}
