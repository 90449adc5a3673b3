/**
 * @file products.h
 * Products of vectors, matrices and tensors, and diagonals. dtypes promote as in
 * ops.h; products of integers wrap around. All are recorded on the tape
 * (autodiff.h). Axes may be negative: -1 is the last.
 */
#ifndef TALWEG_PRODUCTS_H
#define TALWEG_PRODUCTS_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Sums of products ---------------------------------------------------- */

/**
 * Einstein's sums, with NumPy's subscripts: a term of letters for each operand,
 * one an axis, separated by commas; then, after "->", those of the result. Axes
 * of one letter are multiplied together, and summed over if the result lacks the
 * letter. A letter twice in a term is a diagonal; "..." stands for axes that
 * broadcast, as axes of size 1 do. Without "->" the result has what "..." stands
 * for and then the letters that are there once, in alphabetical order (capitals
 * first). Spaces do not count.
 *
 * Products are taken two by two by matrix products, in the order of the fewest
 * multiply-adds of up to eight operands, found greedily for more. The result may
 * be a view: without a sum it is one of the operand's elements.
 *
 *     tw_einsum(scope, "bij,bjk->bik", operands, 2)
 *
 * @param count  of operands, 1 ... 64
 * @return NULL with TW_ERROR_INVALID_ARGUMENT for subscripts that are wrong or do
 *         not fit the operands' axes, TW_ERROR_SHAPE for sizes that differ
 */
tw_tensor *tw_einsum(tw_scope *scope, const char *subscripts, const tw_tensor *const *operands, int64_t count);
/**
 * Sums of products over `count` axes of a, axes_a[i], each together with axis
 * axes_b[i] of b, of the same size: the other axes of a, then those of b. With
 * axes_a and axes_b NULL: over the last `count` axes of a and the first of b.
 */
tw_tensor *tw_tensordot(tw_scope *scope, const tw_tensor *a, const tw_tensor *b, const int64_t *axes_a,
                        const int64_t *axes_b, int64_t count);
/** Sums of products along an axis, of the same size in both; the other axes broadcast. */
tw_tensor *tw_vecdot(tw_scope *scope, const tw_tensor *a, const tw_tensor *b, int64_t axis);

/* ---- Products without a sum ---------------------------------------------- */

/** a[i] b[j], [m, n], of vectors [m] and [n]. */
tw_tensor *tw_outer(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
/** Cross products along an axis of size 3; the other axes broadcast. */
tw_tensor *tw_cross(tw_scope *scope, const tw_tensor *a, const tw_tensor *b, int64_t axis);
/** Kronecker products: for each element of a, in its place, all of b times it. The
    shorter shape gets ones in front; at most TW_MAX_RANK / 2 axes. */
tw_tensor *tw_kron(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);

/* ---- Diagonals ------------------------------------------------------------ */

/** The elements (i, i + offset) of two axes, which are dropped, as the last axis. Never copies. */
tw_tensor *tw_diagonal(tw_scope *scope, const tw_tensor *x, int64_t offset, int64_t axis0, int64_t axis1);
/** Matrices [.., n + |offset|, n + |offset|] of zeros with x [.., n] at (i, i + offset). */
tw_tensor *tw_diag_embed(tw_scope *scope, const tw_tensor *x, int64_t offset);
/** Sums of the elements (i, i + offset) of matrices [.., rows, columns]; dtypes as in tw_sum. */
tw_tensor *tw_trace(tw_scope *scope, const tw_tensor *x, int64_t offset);

#ifdef __cplusplus
}
#endif

#endif
