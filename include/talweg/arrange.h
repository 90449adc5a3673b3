/**
 * @file arrange.h
 * Elements in another arrangement: turned round, repeated, padded, sorted,
 * accumulated.
 * Gradients go back to where each element came from. axes follow ops.h: negative
 * ones count from the end, and one out of range is TW_ERROR_INDEX.
 */
#ifndef TALWEG_ARRANGE_H
#define TALWEG_ARRANGE_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Turned and moved ---------------------------------------------------- */

/** Reverses the positions of some axes; NULL axes: of all. Never copies. */
tw_tensor *tw_flip(tw_scope *scope, const tw_tensor *x, const int64_t *axes, int64_t axis_count);
/**
 * Moves position p of axis axes[i] to p + shifts[i], and what leaves one end in
 * at the other. NULL axes: one shift, of all elements in row-major order.
 * @param count  of shifts, and of axes; 1 if axes is NULL
 */
tw_tensor *tw_roll(tw_scope *scope, const tw_tensor *x, const int64_t *shifts, const int64_t *axes, int64_t count);
/** Moves one axis to another position; the others keep their order. Never copies. */
tw_tensor *tw_move_axis(tw_scope *scope, const tw_tensor *x, int64_t source, int64_t destination);

/* ---- Repeated ------------------------------------------------------------ */

/** Each position of an axis `repeats` times, one after another. */
tw_tensor *tw_repeat(tw_scope *scope, const tw_tensor *x, int64_t repeats, int64_t axis);
/** Position i of an axis repeats[i] times; `repeats` has integers, 0 or more, [size of the axis], or one for all. */
tw_tensor *tw_repeat_each(tw_scope *scope, const tw_tensor *x, const tw_tensor *repeats, int64_t axis);
/** All of x repetitions[i] times along axis i. The shorter of x's shape and
    `repetitions` gets ones in front. */
tw_tensor *tw_tile(tw_scope *scope, const tw_tensor *x, const int64_t *repetitions, int64_t count);

/* ---- Padded --------------------------------------------------------------- */

/** What tw_pad puts beyond an axis's ends; for [1, 2, 3], before and after it. */
typedef enum tw_pad_mode {
    /** A number. */
    TW_PAD_CONSTANT = 0,
    /** 1 1 1 [1 2 3] 3 3 3 */
    TW_PAD_EDGE = 1,
    /** 2 3 2 [1 2 3] 2 1 2 */
    TW_PAD_REFLECT = 2,
    /** 3 2 1 [1 2 3] 3 2 1 */
    TW_PAD_SYMMETRIC = 3,
    /** 1 2 3 [1 2 3] 1 2 3 */
    TW_PAD_WRAP = 4
} tw_pad_mode;
/**
 * Axis i longer by widths[2 i] positions at its beginning and widths[2 i + 1] at
 * its end, each 0 or more. Widths beyond the axis's size go on periodically.
 * @param widths  2 * rank of x
 * @param rank    x's
 * @param value   of TW_PAD_CONSTANT; one that the dtype cannot hold is
 *                TW_ERROR_INVALID_ARGUMENT
 */
tw_tensor *tw_pad(tw_scope *scope, const tw_tensor *x, const int64_t *widths, int64_t rank, tw_pad_mode mode,
                  double value);

/* ---- Triangles ----------------------------------------------------------- */

/** The elements [.., rows, columns] at and below the diagonal k above the main
    one (for negative k: below it); zeros elsewhere. */
tw_tensor *tw_tril(tw_scope *scope, const tw_tensor *x, int64_t k);
/** The elements [.., rows, columns] at and above the diagonal k above the main one; zeros elsewhere. */
tw_tensor *tw_triu(tw_scope *scope, const tw_tensor *x, int64_t k);

/* ---- Accumulated --------------------------------------------------------- */

/**
 * Sums of the positions up to each along an axis. bool and integers sum to int64,
 * unsigned ones to uint64, which wrap around; float32 is carried in double, float64
 * with what each step rounds off (Neumaier, ZAMM 54, 1974).
 * @param include_initial  whether a 0 comes first: the axis is then one longer
 */
tw_tensor *tw_cumulative_sum(tw_scope *scope, const tw_tensor *x, int64_t axis, bool include_initial);
/** Products of the positions up to each along an axis; as tw_cumulative_sum, with a 1 first. */
tw_tensor *tw_cumulative_prod(tw_scope *scope, const tw_tensor *x, int64_t axis, bool include_initial);
/** Differences of neighbours along an axis, taken n times (0 or more), each time
    of the last ones: the axis is n shorter. Not of bool (TW_ERROR_DTYPE). */
tw_tensor *tw_diff(tw_scope *scope, const tw_tensor *x, int64_t axis, int64_t n);

/* ---- Sorted -------------------------------------------------------------- */

/** The elements of an axis in their order; equal ones keep theirs. NaN is the
    greatest, -0 equals 0. */
tw_tensor *tw_sort(tw_scope *scope, const tw_tensor *x, int64_t axis, bool descending);
/** The positions, as int64, that tw_sort takes its elements from. */
tw_tensor *tw_argsort(tw_scope *scope, const tw_tensor *x, int64_t axis, bool descending);

#ifdef __cplusplus
}
#endif

#endif
