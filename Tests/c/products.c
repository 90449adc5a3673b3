/* Einsum and other products, diagonals: small cases worked out by hand. */
#include "check.h"

static void einsum(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 1, 2, 3, 4, 5, 6), *b = MATRIX(s, 3, 2, 1, 0, 0, 1, 1, 1);
    tw_tensor *square = MATRIX(s, 2, 2, 1, 2, 3, 4);
    const tw_tensor *pair[] = {a, b}, *one[] = {square}, *chain[] = {square, a, b};
    VALUES(tw_einsum(s, "ij,jk->ik", pair, 2), 0, 4, 5, 10, 11);
    VALUES(tw_einsum(s, " ij , jk -> ki ", pair, 2), 0, 4, 10, 5, 11);
    VALUES(tw_einsum(s, "ij,jk", pair, 2), 0, 4, 5, 10, 11);
    VALUES(tw_einsum(s, "ii", one, 1), 0, 5);
    VALUES(tw_einsum(s, "ii->i", one, 1), 0, 1, 4);
    VALUES(tw_einsum(s, "ba", one, 1), 0, 1, 3, 2, 4);
    VALUES(tw_einsum(s, "ij->", one, 1), 0, 10);
    VALUES(tw_einsum(s, "ij,jk,kl->il", chain, 3), 0, 24, 27, 52, 59);
    SHAPE(tw_einsum(s, "ij,kl->ijkl", pair, 2), 2, 3, 3, 2);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES_SAYING(TW_ERROR_INVALID_ARGUMENT, "1 terms for 2 operands", tw_einsum(s, "ij", pair, 2));
    REFUSES_SAYING(TW_ERROR_INVALID_ARGUMENT, "3 labels", tw_einsum(s, "ijk", one, 1));
    REFUSES_SAYING(TW_ERROR_SHAPE, "label 'i' has size 3", tw_einsum(s, "ij,ik", pair, 2));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_einsum(s, "i1", one, 1));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_einsum(s, "\xff", one, 1));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_einsum(s, "ij", one, 0));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_einsum(s, "ij", one, -1));
    REFUSES(TW_ERROR_NULL, tw_einsum(s, NULL, one, 1));
    REFUSES(TW_ERROR_NULL, tw_einsum(s, "ij", NULL, 1));
    REFUSES(TW_ERROR_NULL, tw_einsum(s, "ij", (const tw_tensor *[]){NULL}, 1));
    tw_scope_free(s);
}

static void products(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 2, 1, 2, 3, 4), *v = VECTOR(s, 5, 6), *x = VECTOR(s, 1, 0, 0), *y = VECTOR(s, 0, 1, 0);
    VALUES(tw_tensordot(s, a, a, NULL, NULL, 1), 0, 7, 10, 15, 22);
    VALUES(tw_tensordot(s, a, a, NULL, NULL, 2), 0, 30);
    VALUES(tw_tensordot(s, a, a, (const int64_t[]){0}, (const int64_t[]){-2}, 1), 0, 10, 14, 14, 20);
    SHAPE(tw_tensordot(s, a, v, NULL, NULL, 0), 2, 2, 2);
    VALUES(tw_vecdot(s, a, v, -1), 0, 17, 39);
    VALUES(tw_vecdot(s, a, a, 0), 0, 10, 20);
    VALUES(tw_outer(s, v, v), 0, 25, 30, 30, 36);
    VALUES(tw_cross(s, x, y, 0), 0, 0, 0, 1);
    VALUES(tw_cross(s, y, x, -1), 0, 0, 0, -1);
    VALUES(tw_kron(s, v, a), 0, 5, 10, 6, 12, 15, 20, 18, 24);
    tw_tensor *whole = INTEGERS(s, 2, 3);
    CHECK(dtype_of(tw_vecdot(s, whole, whole, 0)) == TW_INT64);
    VALUES(tw_matmul(s, whole, whole), 0, 13);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_tensordot(s, a, a, NULL, NULL, 3));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_tensordot(s, a, a, NULL, NULL, -1));
    REFUSES(TW_ERROR_NULL, tw_tensordot(s, a, a, (const int64_t[]){0}, NULL, 1));
    REFUSES(TW_ERROR_SHAPE, tw_tensordot(s, a, x, NULL, NULL, 1));
    REFUSES(TW_ERROR_INDEX, tw_tensordot(s, a, a, (const int64_t[]){2}, (const int64_t[]){0}, 1));
    REFUSES(TW_ERROR_SHAPE, tw_vecdot(s, a, x, -1));
    REFUSES(TW_ERROR_INDEX, tw_vecdot(s, a, v, INT64_MIN));
    REFUSES(TW_ERROR_SHAPE, tw_outer(s, a, v));
    REFUSES(TW_ERROR_SHAPE, tw_cross(s, v, v, 0));
    REFUSES(TW_ERROR_NULL, tw_kron(s, a, NULL));
    tw_scope_free(s);
}

static void diagonals(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *a = MATRIX(s, 2, 3, 1, 2, 3, 4, 5, 6);
    VALUES(tw_diagonal(s, a, 0, 0, 1), 0, 1, 5);
    VALUES(tw_diagonal(s, a, 1, -2, -1), 0, 2, 6);
    VALUES(tw_diagonal(s, a, 1, 1, 0), 0, 4);
    SHAPE(tw_diagonal(s, a, INT64_MIN, 0, 1), 0);
    VALUES(tw_trace(s, a, 1), 0, 8);
    VALUES(tw_diag_embed(s, VECTOR(s, 1, 2), -1), 0, 0, 0, 0, 1, 0, 0, 0, 2, 0);
    /* A view: what is written there is in the matrix. */
    OK(tw_tensor_assign(tw_diagonal(s, a, 0, 0, 1), tw_scalar(s, 9, TW_FLOAT64)));
    VALUES(a, 0, 9, 2, 3, 4, 9, 6);
    CHECK(tw_scope_status(s) == TW_OK);
    REFUSES(TW_ERROR_SHAPE, tw_diagonal(s, VECTOR(s, 1, 2), 0, 0, 1));
    REFUSES(TW_ERROR_INVALID_ARGUMENT, tw_diagonal(s, a, 0, 1, -1));
    REFUSES(TW_ERROR_INDEX, tw_diagonal(s, a, 0, 0, 2));
    REFUSES(TW_ERROR_SHAPE, tw_trace(s, VECTOR(s, 1, 2), 0));
    REFUSES(TW_ERROR_SHAPE, tw_diag_embed(s, VECTOR(s, 1, 2), INT64_MIN));
    REFUSES(TW_ERROR_SHAPE, tw_diag_embed(s, tw_scalar(s, 1, TW_FLOAT32), 0));
    tw_scope_free(s);
}

int main(void) {
    RUN(einsum);
    RUN(products);
    RUN(diagonals);
    return check_report();
}
