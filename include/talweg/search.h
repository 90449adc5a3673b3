/**
 * @file search.h
 * Finding elements: where they are, which are distinct, which are the greatest.
 * The order is tw_sort's: NaN is the greatest, -0 equals 0. Positions are int64.
 */
#ifndef TALWEG_SEARCH_H
#define TALWEG_SEARCH_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Where --------------------------------------------------------------- */

/**
 * Where each value would be put into `sorted` to keep its order: before what is
 * equal to it, or (`right`) behind. int64, in the values' shape. Both are
 * compared in the dtype that they promote to.
 * @param sorted  [n], ascending; what is not sorted gives some positions in 0 ... n
 * @param sorter  positions [n] that bring `sorted` into order, as tw_argsort gives
 *                them; NULL: it is in order
 */
tw_tensor *tw_searchsorted(tw_scope *scope, const tw_tensor *sorted, const tw_tensor *values, bool right,
                           const tw_tensor *sorter);
/** Where x is not 0, in row-major order: [axes, how many], the positions along an
    axis a row. A tensor without axes is TW_ERROR_SHAPE. */
tw_tensor *tw_nonzero(tw_scope *scope, const tw_tensor *x);
/** How many elements along some axes (NULL axes: all) are not 0, as int64. */
tw_tensor *tw_count_nonzero(tw_scope *scope, const tw_tensor *x, const int64_t *axes, int64_t axis_count,
                            bool keepdims);

/* ---- Sets ---------------------------------------------------------------- */

/**
 * The distinct elements of x in ascending order: [how many]. Every NaN is
 * distinct; of -0 and 0 the one that comes first stays. The other results are
 * int64; each pointer may be NULL. On failure none is written.
 * @param indices  [how many]: where each is found first, in row-major order
 * @param inverse  x's shape: which of the results each element is
 * @param counts   [how many]: how often each is there
 */
tw_tensor *tw_unique(tw_scope *scope, const tw_tensor *x, tw_tensor **indices, tw_tensor **inverse,
                     tw_tensor **counts);
/** Whether each element of x is one of those of `elements` (`inverted`: is none of
    them), as bool. NaN equals nothing. */
tw_tensor *tw_isin(tw_scope *scope, const tw_tensor *x, const tw_tensor *elements, bool inverted);

/* ---- The greatest -------------------------------------------------------- */

/**
 * The k greatest elements of an axis, or the least (`largest` false). Of equal
 * ones those that come first are taken. The gradient goes to where each came from.
 * @param k        0 ... size of the axis
 * @param sorted   from the greatest (least) on; else by position
 * @param indices  may be NULL; their positions along the axis, as int64
 */
tw_tensor *tw_top_k(tw_scope *scope, const tw_tensor *x, int64_t k, int64_t axis, bool largest, bool sorted,
                    tw_tensor **indices);

/* ---- One-hot ------------------------------------------------------------- */

/** Rows of zeros with a one at the position that each element of x names, an
    integer in 0 ... classes - 1: [.., classes]. Others are TW_ERROR_INDEX. */
tw_tensor *tw_one_hot(tw_scope *scope, const tw_tensor *x, int64_t classes, tw_dtype dtype);

#ifdef __cplusplus
}
#endif

#endif
