/**
 * @file spectral.h
 * Eigenvalues of symmetric matrices, singular values, and what is made of them.
 *
 * Of float32 and float64 matrices [.., rows, columns], the last two axes of a tensor;
 * axes before them make a stack, and each matrix is worked on by itself, in parallel.
 * Other types are TW_ERROR_DTYPE. Results are the same bits on any number of threads.
 *
 * Matrices are scaled to 1 by a power of two, so that no magnitude over- or underflows
 * on the way, reduced to tridiagonal or bidiagonal form by Householder reflectors,
 * panel by panel, and solved by divide and conquer (Gu and Eisenstat, SIAM J. Matrix
 * Anal. Appl. 16, 1995), small ones and values alone by QL and QR iterations. Backward
 * errors and the vectors' departure from orthogonality are small multiples of the
 * type's epsilon times the matrix's norm, whatever its rank and grading. A matrix that
 * holds a NaN or an infinity, and one that an iteration fails on, is TW_ERROR_NUMERIC.
 */
#ifndef TALWEG_SPECTRAL_H
#define TALWEG_SPECTRAL_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Decompositions ------------------------------------------------------ */

/**
 * The eigenvalues w and eigenvectors V of symmetric matrices: x = V diag(w) V'. Only
 * the lower triangle is read. The gradient is symmetric, as that of a function of
 * symmetric matrices. That of the vectors does not exist where eigenvalues coincide: it
 * is not finite there.
 * @param x        [.., n, n]
 * @param vectors  gets V [.., n, n], an eigenvector in each column, owned as the result
 *                 is; NULL if it is not wanted: the values alone take less time
 * @return w [.., n], ascending
 */
tw_tensor *tw_eigh(tw_scope *scope, const tw_tensor *x, tw_tensor **vectors);

/**
 * The singular value decomposition x = U diag(s) V'. The gradient of the vectors does
 * not exist where singular values coincide or, if m and n differ, are 0: it is not finite
 * there. The square vectors of a matrix that is not square have none at all: their
 * backward pass is TW_ERROR_NUMERIC.
 * @param x              [.., m, n]
 * @param full_matrices  whether U and V are square; else they have k = min(m, n) columns
 * @param u              gets U [.., m, m] or [.., m, k], owned as the result is
 * @param vh             gets V' [.., n, n] or [.., k, n], owned as the result is. With u and
 *                       vh both NULL the values alone are computed, in less time.
 * @return s [.., k], descending, not negative
 */
tw_tensor *tw_svd(tw_scope *scope, const tw_tensor *x, bool full_matrices, tw_tensor **u, tw_tensor **vh);

/* ---- Made of singular values --------------------------------------------- */

/**
 * The pseudo-inverses of Moore and Penrose. The gradient is that of a rank that does
 * not change (Golub and Pereyra, SIAM J. Numer. Anal. 10, 1973).
 * @param x     [.., m, n]
 * @param rtol  singular values of at most this share of the largest count as 0: a
 *              floating scalar, or [..]; NULL: max(m, n) times the type's epsilon
 * @return [.., n, m]
 */
tw_tensor *tw_pinv(tw_scope *scope, const tw_tensor *x, const tw_tensor *rtol);

/** The ranks, int64 [..], of x [.., m, n]: how many singular values are above
    `rtol`, as in tw_pinv, times the largest. */
tw_tensor *tw_matrix_rank(tw_scope *scope, const tw_tensor *x, const tw_tensor *rtol);

/* ---- Norms --------------------------------------------------------------- */

/** Norms of matrices. Values are fixed; later versions append. */
typedef enum tw_matrix_norm_kind {
    /** The square root of the sum of squares. */
    TW_MATRIX_NORM_FROBENIUS = 0,
    /** The sum of the singular values. */
    TW_MATRIX_NORM_NUCLEAR = 1,
    /** The largest sum of the magnitudes of a column, and the smallest. */
    TW_MATRIX_NORM_ONE = 2,
    TW_MATRIX_NORM_MINUS_ONE = 3,
    /** The largest singular value, and the smallest. */
    TW_MATRIX_NORM_TWO = 4,
    TW_MATRIX_NORM_MINUS_TWO = 5,
    /** The largest sum of the magnitudes of a row, and the smallest. */
    TW_MATRIX_NORM_INFINITY = 6,
    TW_MATRIX_NORM_MINUS_INFINITY = 7
} tw_matrix_norm_kind;

/** A norm of each matrix of x [.., m, n]: [..] or, with `keepdims`, [.., 1, 1]. */
tw_tensor *tw_matrix_norm(tw_scope *scope, const tw_tensor *x, tw_matrix_norm_kind kind, bool keepdims);

/**
 * (sum |x|^ord)^(1 / ord) over axes, as for the reductions of ops.h; neither squares
 * nor powers over- or underflow. Of any floating type. The gradient by an element that is 0 is 0.
 * @param ord  any number but NaN: INFINITY gives the largest magnitude, -INFINITY the
 *             smallest, 0 how many elements are not 0
 */
tw_tensor *tw_vector_norm(tw_scope *scope, const tw_tensor *x, const int64_t *axes, int64_t axis_count, bool keepdims,
                          double ord);

#ifdef __cplusplus
}
#endif

#endif
