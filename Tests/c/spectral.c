/* Eigenvalues, singular values, norms: small cases worked out by hand. */
#include "check.h"
#include <math.h>

static void eigenvalues(void) {
    tw_scope *s = tw_scope_new();
    /* Only the lower triangle is read: [2 1; 1 2] has 1 and 3. */
    tw_tensor *a = MATRIX(s, 2, 2, 2, NAN, 1, 2);
    VALUES(tw_eigh(s, a, NULL), 1e-6, 1, 3);
    tw_tensor *v = NULL, *w = tw_eigh(s, a, &v);
    VALUES(w, 1e-6, 1, 3);
    VALUES(tw_absolute(s, v), 1e-6, sqrt(0.5), sqrt(0.5), sqrt(0.5), sqrt(0.5));
    SHAPE(tw_eigh(s, tw_zeros(s, SIZES(3, 0, 0), TW_FLOAT64), NULL), 3, 0);
    VALUES(tw_eigh(s, MATRIX(s, 1, 1, -5), NULL), 0, -5);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_SHAPE, tw_eigh(s, MATRIX(s, 1, 2, 1, 2), NULL));
    REFUSES(TW_ERROR_SHAPE, tw_eigh(s, VECTOR(s, 1, 2), &v));
    REFUSES(TW_ERROR_DTYPE, tw_eigh(s, tw_zeros(s, SIZES(2, 2), TW_INT64), NULL));
    REFUSES(TW_ERROR_NUMERIC, tw_eigh(s, MATRIX(s, 2, 2, 1, 0, INFINITY, 1), NULL));
    REFUSES(TW_ERROR_NULL, tw_eigh(s, NULL, NULL));
    tw_scope_free(s);
}

static void singular_values(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 0, -3, 0, 4, 0, 0);
    VALUES(tw_svd(s, a, true, NULL, NULL), 1e-6, 4, 3);
    tw_tensor *u = NULL, *vh = NULL;
    VALUES(tw_svd(s, a, true, &u, &vh), 1e-6, 4, 3);
    SHAPE(u, 2, 2);
    SHAPE(vh, 3, 3);
    VALUES(tw_svd(s, a, false, NULL, &vh), 1e-6, 4, 3);
    SHAPE(vh, 2, 3);
    VALUES(tw_absolute(s, vh), 1e-6, 1, 0, 0, 0, 1, 0);
    /* Without columns, all of U is the identity. */
    SHAPE(tw_svd(s, tw_zeros(s, SIZES(2, 0), TW_FLOAT32), true, &u, &vh), 0);
    VALUES(u, 0, 1, 0, 0, 1);
    SHAPE(vh, 0, 0);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_SHAPE, tw_svd(s, VECTOR(s, 1, 2), true, &u, &vh));
    REFUSES(TW_ERROR_NUMERIC, tw_svd(s, MATRIX(s, 1, 2, NAN, 1), true, &u, &vh));
    REFUSES(TW_ERROR_NULL, tw_svd(s, NULL, true, NULL, NULL));
    tw_scope_free(s);
}

static void made_of_singular_values(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 0, -3, 0, 4, 0, 0);
    VALUES(tw_pinv(s, a, NULL), 1e-6, 0, 0.25, -1.0 / 3, 0, 0, 0);
    VALUES(tw_matrix_rank(s, a, NULL), 0, 2);
    VALUES(tw_matrix_rank(s, a, tw_scalar(s, 0.8, TW_FLOAT64)), 0, 1);
    VALUES(tw_pinv(s, a, tw_scalar(s, 0.8, TW_FLOAT64)), 1e-6, 0, 0.25, 0, 0, 0, 0);
    VALUES(tw_matrix_rank(s, tw_zeros(s, SIZES(2, 3), TW_FLOAT32), NULL), 0, 0);
    VALUES(tw_matrix_rank(s, tw_zeros(s, SIZES(2, 0), TW_FLOAT32), NULL), 0, 0);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_pinv(s, a, VECTOR(s, 0.1, 0.1)));
    REFUSES(TW_ERROR_SHAPE, tw_matrix_rank(s, VECTOR(s, 1), NULL));
    tw_scope_free(s);
}

static void norms(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 0, -3, 0, 4, 0, 0);
    VALUES(tw_matrix_norm(s, a, TW_MATRIX_NORM_FROBENIUS, false), 1e-6, 5);
    VALUES(tw_matrix_norm(s, a, TW_MATRIX_NORM_NUCLEAR, false), 1e-6, 7);
    VALUES(tw_matrix_norm(s, a, TW_MATRIX_NORM_ONE, false), 0, 4);
    VALUES(tw_matrix_norm(s, a, TW_MATRIX_NORM_MINUS_ONE, false), 0, 0);
    VALUES(tw_matrix_norm(s, a, TW_MATRIX_NORM_TWO, false), 1e-6, 4);
    VALUES(tw_matrix_norm(s, a, TW_MATRIX_NORM_MINUS_TWO, false), 1e-6, 3);
    VALUES(tw_matrix_norm(s, a, TW_MATRIX_NORM_INFINITY, false), 0, 4);
    VALUES(tw_matrix_norm(s, a, TW_MATRIX_NORM_MINUS_INFINITY, false), 0, 3);
    SHAPE(tw_matrix_norm(s, a, TW_MATRIX_NORM_TWO, true), 1, 1);
    VALUES(tw_vector_norm(s, a, NULL, 0, false, 2), 1e-6, 5);
    VALUES(tw_vector_norm(s, a, (const int64_t[]){-1}, 1, false, 1), 0, 3, 4);
    VALUES(tw_vector_norm(s, a, NULL, 0, false, INFINITY), 0, 4);
    VALUES(tw_vector_norm(s, a, NULL, 0, false, -INFINITY), 0, 0);
    VALUES(tw_vector_norm(s, a, NULL, 0, false, 0), 0, 2);
    VALUES(tw_vector_norm(s, VECTOR(s, 1, 2), NULL, 0, false, -1), 1e-6, 2.0 / 3);
    VALUES(tw_vector_norm(s, VECTOR(s, 3e30, 4e30), NULL, 0, false, 2), 1e25, 5e30);
    VALUES(tw_vector_norm(s, VECTOR(s, 3e-30, 4e-30), NULL, 0, false, 2), 1e-35, 5e-30);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_matrix_norm(s, a, (tw_matrix_norm_kind)99, false));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_vector_norm(s, a, NULL, 0, false, NAN));
    REFUSES(TW_ERROR_DTYPE, tw_vector_norm(s, tw_ones(s, SIZES(2), TW_INT64), NULL, 0, false, 2));
    REFUSES(TW_ERROR_INDEX, tw_vector_norm(s, a, (const int64_t[]){2}, 1, false, 2));
    tw_scope_free(s);
}

int main(void) {
    RUN(eigenvalues);
    RUN(singular_values);
    RUN(made_of_singular_values);
    RUN(norms);
    return check_report();
}
