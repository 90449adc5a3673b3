/* Linear algebra: small cases worked out by hand, and what is refused. */
#include "check.h"

static void factorisations(void) {
    tw_scope *s = tw_scope_new();
    /* [4 2; 2 5] = [2 0; 1 2] [2 1; 0 2] */
    tw_tensor *a = MATRIX(s, 2, 2, 4, 2, 2, 5);
    VALUES(tw_cholesky(s, a, false), 1e-15, 2, 0, 1, 2);
    VALUES(tw_cholesky(s, a, true), 1e-15, 2, 1, 0, 2);
    /* One triangle is read. */
    VALUES(tw_cholesky(s, MATRIX(s, 2, 2, 4, NAN, 2, 5), false), 1e-15, 2, 0, 1, 2);
    VALUES(tw_cholesky(s, MATRIX(s, 2, 2, 4, 2, NAN, 5), true), 1e-15, 2, 1, 0, 2);

    tw_tensor *r = NULL, *pivots = NULL;
    /* The columns (3, 4) and (0, 5): Q = -[.6 -.8; .8 .6] up to signs. */
    tw_tensor *q = tw_qr(s, MATRIX(s, 2, 2, 3, 0, 4, 5), false, &r);
    VALUES(q, 1e-15, -0.6, -0.8, -0.8, 0.6);
    VALUES(r, 1e-15, -5, -4, 0, 3);
    VALUES(tw_qr(s, MATRIX(s, 2, 1, 3, 4), true, &r), 1e-15, -0.6, -0.8, -0.8, 0.6);
    VALUES(r, 1e-15, -5, 0);
    SHAPE(tw_qr(s, MATRIX(s, 2, 1, 3, 4), false, NULL), 2, 1);
    VALUES(tw_qr(s, MATRIX(s, 2, 1, INFINITY, 4), false, &r), 0, NAN, NAN);
    VALUES(r, 0, NAN);

    /* The longer column comes first. */
    tw_tensor *order = NULL;
    VALUES(tw_qr_pivoted(s, MATRIX(s, 2, 2, 0, 3, 1, 4), false, &r, &order), 1e-15, -0.6, -0.8, -0.8, 0.6);
    VALUES(r, 1e-15, -5, -0.8, 0, 0.6);
    VALUES(order, 0, 1, 0);

    VALUES(tw_lu(s, MATRIX(s, 2, 2, 1, 2, 4, 4), &pivots), 0, 4, 4, 0.25, 1);
    VALUES(pivots, 0, 1, 1);
    VALUES(tw_lu(s, MATRIX(s, 2, 2, 1, 2, 2, 4), NULL), 0, 2, 4, 0.5, 0);
    VALUES(tw_lu(s, MATRIX(s, 1, 3, 2, 4, 6), &pivots), 0, 2, 4, 6);
    VALUES(pivots, 0, 0);
    CHECK(tw_scope_status(s) == TW_OK);

    REFUSES_SAYING(TW_ERROR_NUMERIC, "pivot 1 of 2", tw_cholesky(s, MATRIX(s, 2, 2, 1, 2, 2, 1), false));
    REFUSES(TW_ERROR_NUMERIC, tw_cholesky(s, MATRIX(s, 1, 1, NAN), false));
    REFUSES(TW_ERROR_NUMERIC, tw_cholesky(s, MATRIX(s, 1, 1, INFINITY), false));
    REFUSES(TW_ERROR_NUMERIC, tw_cholesky(s, MATRIX(s, 1, 1, 0), true));
    REFUSES(TW_ERROR_SHAPE, tw_cholesky(s, MATRIX(s, 1, 2, 1, 2), false));
    REFUSES(TW_ERROR_SHAPE, tw_cholesky(s, VECTOR(s, 1, 2), false));
    REFUSES(TW_ERROR_DTYPE, tw_cholesky(s, INTEGERS(s, 1, 2), false));
    REFUSES(TW_ERROR_SHAPE, tw_qr(s, VECTOR(s, 1, 2), false, &r));
    REFUSES(TW_ERROR_DTYPE, tw_qr(s, tw_cast(s, a, TW_BFLOAT16), false, &r));
    REFUSES(TW_ERROR_NULL, tw_qr(s, NULL, false, &r));
    REFUSES(TW_ERROR_SHAPE, tw_qr_pivoted(s, VECTOR(s, 1, 2), false, &r, &order));
    REFUSES(TW_ERROR_SHAPE, tw_lu(s, VECTOR(s, 1, 2), &pivots));
    tw_scope_free(s);
}

static void systems(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 2, 0, 2, 4, 2), *b = MATRIX(s, 2, 1, 2, 6);
    VALUES(tw_solve(s, a, b), 1e-15, 1, 1);
    VALUES(tw_solve(s, a, VECTOR(s, 2, 6)), 1e-15, 1, 1);
    SHAPE(tw_solve(s, a, VECTOR(s, 2, 6)), 2);
    SHAPE(tw_solve(s, tw_zeros(s, SIZES(0, 0), TW_FLOAT64), tw_zeros(s, SIZES(0, 3), TW_FLOAT64)), 0, 3);
    SHAPE(tw_solve(s, tw_zeros(s, SIZES(0, 2, 2), TW_FLOAT64), tw_zeros(s, SIZES(2, 3), TW_FLOAT64)), 0, 2, 3);
    VALUES(tw_solve(s, MATRIX(s, 1, 1, NAN), VECTOR(s, 1)), 0, NAN);
    VALUES(tw_inv(s, a), 1e-15, -0.25, 0.25, 0.5, 0);

    tw_tensor *t = MATRIX(s, 2, 2, 2, 3, 1, 4);
    VALUES(tw_solve_triangular(s, t, VECTOR(s, 2, 9), false, false, false), 1e-15, 1, 2);
    VALUES(tw_solve_triangular(s, t, VECTOR(s, 8, 8), true, false, false), 1e-15, 1, 2);
    VALUES(tw_solve_triangular(s, t, VECTOR(s, 4, 8), false, true, false), 1e-15, 1, 2);
    VALUES(tw_solve_triangular(s, t, VECTOR(s, 7, 2), true, false, true), 1e-15, 1, 2);
    CHECK(tw_scope_status(s) == TW_OK);

    tw_tensor *singular = MATRIX(s, 2, 2, 1, 2, 2, 4);
    REFUSES_SAYING(TW_ERROR_NUMERIC, "singular", tw_solve(s, singular, b));
    REFUSES_SAYING(TW_ERROR_NUMERIC, "singular", tw_inv(s, singular));
    REFUSES(TW_ERROR_NUMERIC, tw_matrix_power(s, singular, -1));
    REFUSES(TW_ERROR_NUMERIC, tw_solve_triangular(s, MATRIX(s, 2, 2, 0, 1, 1, 1), b, false, false, false));
    REFUSES(TW_ERROR_SHAPE, tw_solve(s, a, VECTOR(s, 1, 2, 3)));
    REFUSES(TW_ERROR_SHAPE, tw_solve(s, MATRIX(s, 1, 2, 1, 2), b));
    REFUSES(TW_ERROR_SHAPE, tw_solve(s, VECTOR(s, 1, 2), b));
    REFUSES(TW_ERROR_SHAPE, tw_solve_triangular(s, a, VECTOR(s, 1, 2, 3), true, true, true));
    REFUSES(TW_ERROR_SHAPE, tw_inv(s, MATRIX(s, 1, 2, 1, 2)));
    REFUSES(TW_ERROR_DTYPE, tw_inv(s, tw_cast(s, a, TW_INT64)));
    REFUSES(TW_ERROR_NULL, tw_solve(s, a, NULL));
    tw_scope_free(s);
}

static void determinants(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 2, 1, 2, 3, 4), *logarithm = NULL;
    VALUES(tw_det(s, a), 1e-15, -2);
    SCALAR_SHAPE(tw_det(s, a));
    VALUES(tw_det(s, MATRIX(s, 2, 2, 1, 2, 2, 4)), 0, 0);
    VALUES(tw_det(s, MATRIX(s, 2, 2, 1, NAN, 2, 4)), 0, NAN);
    VALUES(tw_det(s, tw_zeros(s, SIZES(0, 0), TW_FLOAT64)), 0, 1);
    VALUES(tw_slogdet(s, a, &logarithm), 0, -1);
    VALUES(logarithm, 1e-15, 0.69314718055994531);
    VALUES(tw_slogdet(s, MATRIX(s, 1, 1, 0), &logarithm), 0, 0);
    VALUES(logarithm, 0, -INFINITY);
    /* 1e200 twice: beyond the range, but not its logarithm. */
    tw_tensor *large = MATRIX(s, 2, 2, 1e200, 0, 0, 1e200);
    VALUES(tw_det(s, large), 0, INFINITY);
    VALUES(tw_slogdet(s, large, &logarithm), 0, 1);
    VALUES(logarithm, 1e-15, 400 * 2.302585092994045684);
    VALUES(tw_matrix_power(s, a, 3), 1e-15, 37, 54, 81, 118);
    VALUES(tw_matrix_power(s, a, 0), 0, 1, 0, 0, 1);
    VALUES(tw_matrix_power(s, a, -1), 1e-15, -2, 1, 1.5, -0.5);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_SHAPE, tw_det(s, MATRIX(s, 1, 2, 1, 2)));
    REFUSES(TW_ERROR_SHAPE, tw_slogdet(s, MATRIX(s, 1, 2, 1, 2), &logarithm));
    REFUSES(TW_ERROR_SHAPE, tw_matrix_power(s, MATRIX(s, 1, 2, 1, 2), 2));
    REFUSES(TW_ERROR_DTYPE, tw_matrix_power(s, tw_cast(s, a, TW_INT64), 2));
    tw_scope_free(s);
}

static void gradients(void) {
    tw_scope *s = tw_scope_new();
    /* d log |det A| = A^-T */
    tw_tensor *a = MATRIX(s, 2, 2, 1, 2, 3, 4), *logarithm = NULL;
    OK(tw_tensor_set_requires_grad(a, true));
    CHECK(tw_slogdet(s, a, &logarithm) != NULL);
    OK(tw_backward(s, logarithm));
    VALUES(tw_tensor_grad(s, a), 1e-15, -2, 1.5, 1, -0.5);
    /* Complete factors of a tall matrix have none. */
    tw_tensor *tall = MATRIX(s, 2, 1, 3, 4);
    OK(tw_tensor_set_requires_grad(tall, true));
    tw_tensor *sum = tw_sum(s, tw_qr(s, tall, true, NULL), NULL, 0, false);
    FAILS(TW_ERROR_NUMERIC, tw_backward(s, sum));
    tw_scope_free(s);
}

int main(void) {
    RUN(factorisations);
    RUN(systems);
    RUN(determinants);
    RUN(gradients);
    return check_report();
}
