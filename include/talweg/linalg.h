/**
 * @file linalg.h
 * Linear algebra of float32 and float64 matrices: factorisations, linear systems,
 * determinants, inverses. Other types are TW_ERROR_DTYPE; cast them first.
 *
 * A matrix is the last two axes of a tensor, [.., rows, columns]; axes before
 * them make a stack of matrices, each worked on by itself, in parallel. Methods
 * are backward stable, of the accuracy of LAPACK's: large matrices go by blocks,
 * so that nearly all of their work is matrix products (Golub and Van Loan, Matrix
 * Computations, 4th ed., 2013). Results are the same bits on any number of
 * threads. A matrix that cannot be factorised is TW_ERROR_NUMERIC, with its place in
 * the stack; one that holds a NaN or an infinity gives NaN throughout its results, but
 * is not positive definite. Matrices without elements are allowed.
 *
 * Everything here has gradients of any order, where it says nothing else.
 */
#ifndef TALWEG_LINALG_H
#define TALWEG_LINALG_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Factorisations ------------------------------------------------------ */

/**
 * The Cholesky factor of symmetric positive definite matrices [.., n, n]: L lower
 * triangular with L L' = x or, if `upper`, U upper triangular with U' U = x, zeros
 * elsewhere. Only that triangle of x is read; the gradient is symmetric.
 * @return [.., n, n]. TW_ERROR_NUMERIC if x is not positive definite to working
 *         precision.
 */
tw_tensor *tw_cholesky(tw_scope *scope, const tw_tensor *x, bool upper);

/**
 * Q R = x with orthonormal columns in Q and R upper triangular, by Householder
 * reflectors; R's diagonal has LAPACK's signs. The gradient needs R's leading
 * square to be regular; that of complete factors exists for m <= n alone, and
 * else is TW_ERROR_NUMERIC in the backward pass.
 * @param x         [.., m, n]
 * @param complete  whether Q is square: k = m; else k = min(m, n)
 * @param r         gets R [.., k, n], owned as the result is; NULL if it is not wanted
 * @return Q [.., m, k]
 */
tw_tensor *tw_qr(tw_scope *scope, const tw_tensor *x, bool complete, tw_tensor **r);

/**
 * Q R = x with its columns in another order, such that R's diagonal falls in magnitude: its
 * small elements at the end tell of columns that depend on others. Otherwise as
 * tw_qr, without a gradient.
 * @param order  gets int64 [.., n]: column j of Q R is column order[j] of x; owned as
 *               the result is; NULL if it is not wanted
 * @return Q [.., m, k]
 */
tw_tensor *tw_qr_pivoted(tw_scope *scope, const tw_tensor *x, bool complete, tw_tensor **r, tw_tensor **order);

/**
 * P x = L U with partial pivoting. No gradient.
 * @param x       [.., m, n]
 * @param pivots  gets int64 [.., min(m, n)]: row i was exchanged with row pivots[i], in
 *                order; owned as the result is; NULL if they are not wanted
 * @return [.., m, n] with U on and above the diagonal and below it L, whose
 *         diagonal of ones is not stored. A singular matrix has a 0 on U's diagonal.
 */
tw_tensor *tw_lu(tw_scope *scope, const tw_tensor *x, tw_tensor **pivots);

/* ---- Linear systems ------------------------------------------------------ */

/**
 * X with a X = b, by LU with partial pivoting.
 * @param a  [.., n, n]
 * @param b  [.., n, k], or one vector [n]; leading axes broadcast
 * @return [.., n, k], or [.., n] of a vector. TW_ERROR_NUMERIC for a singular
 *         matrix: one with a pivot that is exactly 0.
 */
tw_tensor *tw_solve(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);

/**
 * X with a X = b, or a' X = b if `transposed`, for triangular a, of which the
 * other triangle is not read.
 * @param a              [.., n, n]
 * @param b              as for tw_solve
 * @param upper          which triangle of a it is, before any transposition
 * @param unit_diagonal  the diagonal counts as ones and is not read
 * @return as tw_solve. TW_ERROR_NUMERIC for a 0 on the diagonal.
 */
tw_tensor *tw_solve_triangular(tw_scope *scope, const tw_tensor *a, const tw_tensor *b, bool upper, bool transposed,
                               bool unit_diagonal);

/** The inverses of x [.., n, n], by LU with partial pivoting; for systems of
    equations tw_solve is quicker and closer. TW_ERROR_NUMERIC for a singular matrix. */
tw_tensor *tw_inv(tw_scope *scope, const tw_tensor *x);

/* ---- Determinants and powers --------------------------------------------- */

/** The determinants [..] of x [.., n, n]; 1 for n = 0. The gradient at a singular
    matrix is TW_ERROR_NUMERIC in the backward pass. */
tw_tensor *tw_det(tw_scope *scope, const tw_tensor *x);

/**
 * The signs of the determinants of x [.., n, n], -1, 0 or 1, and the natural logarithms of
 * their magnitudes, which neither over- nor underflow; of a singular matrix -infinity.
 * The sign has no gradient; that of the logarithm is as tw_det's.
 * @param log_magnitude  gets the logarithms [..], owned as the result is; NULL if they
 *                       are not wanted
 * @return the signs [..]
 */
tw_tensor *tw_slogdet(tw_scope *scope, const tw_tensor *x, tw_tensor **log_magnitude);

/** The product of n matrices x [.., m, m], by squaring; for negative n of as many
    inverses (TW_ERROR_NUMERIC for a singular matrix), for 0 the identity. */
tw_tensor *tw_matrix_power(tw_scope *scope, const tw_tensor *x, int64_t n);

#ifdef __cplusplus
}
#endif

#endif
