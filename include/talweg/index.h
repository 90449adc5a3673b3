/**
 * @file index.h
 * Reading and writing by keys and positions: x[..] with NumPy's meaning, masks,
 * and positions along an axis. Positions are integers of any integer dtype;
 * negative ones count from the end, and one out of range is TW_ERROR_INDEX with
 * the position and the size. What reads is differentiable: the gradient is added
 * where the elements came from, one after the other, so that it is the same on
 * any number of threads.
 */
#ifndef TALWEG_INDEX_H
#define TALWEG_INDEX_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Keys ---------------------------------------------------------------- */

/** What a key picks. Values are fixed; later versions append. */
typedef enum tw_key_kind {
    /** Position `start` of an axis, which is dropped. */
    TW_KEY_POSITION = 0,
    /** start, start + step, ... up to but without stop, as tw_slice has them. */
    TW_KEY_SLICE = 1,
    /** An axis of size 1 more. */
    TW_KEY_NEW_AXIS = 2,
    /** As many whole axes as the other keys leave: at most one of these. */
    TW_KEY_ELLIPSIS = 3,
    /** Integers: positions of an axis, of any shape. bool: a mask over as many
        axes as it has, of their sizes, which picks where it is true. */
    TW_KEY_TENSOR = 4
} tw_key_kind;

/** One of the keys between the brackets of x[..]. */
typedef struct tw_key {
    tw_key_kind kind;
    int64_t start, stop, step;
    const tw_tensor *tensor;
} tw_key;

/* Values of a tw_key. */
#define TW_KEY_AT(position) {TW_KEY_POSITION, (position), 0, 0, NULL}
#define TW_KEY_RANGE(start, stop, step) {TW_KEY_SLICE, (start), (stop), (step), NULL}
#define TW_KEY_ALL {TW_KEY_SLICE, 0, INT64_MAX, 1, NULL}
#define TW_KEY_NEW {TW_KEY_NEW_AXIS, 0, 0, 0, NULL}
#define TW_KEY_REST {TW_KEY_ELLIPSIS, 0, 0, 0, NULL}
#define TW_KEY_PICK(tensor) {TW_KEY_TENSOR, 0, 0, 0, (tensor)}

/** The most keys that a call takes. */
#define TW_MAX_KEYS 32

/**
 * x[keys], as NumPy has it. Without tensors among the keys a view of x's
 * elements; with some a new tensor. Tensors among the keys, and positions beside
 * them, are broadcast together and pick at once (a mask is as the positions
 * where it is true); what they pick takes the place of the first of them if they
 * are neighbours, else it comes first. Axes without a key are whole.
 * More keys than axes, positions that do not broadcast together and masks of
 * other sizes are TW_ERROR_INDEX.
 */
tw_tensor *tw_index(tw_scope *scope, const tw_tensor *x, const tw_key *keys, int64_t count);

/**
 * x[keys] = values, in place: values broadcast to the shape that tw_index would
 * give and are converted as by tw_cast. Where positions are equal the last value
 * stays. Values may lie in x's own elements. A gradient that needs the old
 * elements is refused afterwards. Where the call itself would make gradients
 * wrong it is TW_ERROR_STATE: while this thread records, for a leaf that requires
 * a gradient and for the result of a recorded operation.
 */
tw_status tw_index_assign(tw_tensor *x, const tw_key *keys, int64_t count, const tw_tensor *values) TW_CHECK;

/**
 * A copy of x with x[keys] = values, or with `adds` the values added there, one
 * after the other where positions are equal. Differentiable in x and in values.
 */
tw_tensor *tw_index_put(tw_scope *scope, const tw_tensor *x, const tw_key *keys, int64_t count,
                        const tw_tensor *values, bool adds);

/* ---- Masks --------------------------------------------------------------- */

/** The elements of x where `mask`, a bool tensor over x's leading axes, is true:
    [how many, the other axes ..]. */
tw_tensor *tw_mask_select(tw_scope *scope, const tw_tensor *x, const tw_tensor *mask);
/** Overwrites these in place; as tw_index_assign. */
tw_status tw_mask_assign(tw_tensor *x, const tw_tensor *mask, const tw_tensor *values) TW_CHECK;

/* ---- Positions along an axis --------------------------------------------- */

/** y[.., i, ..] = x[.., indices[.., i, ..], ..]: tw_gather where the sizes of x
    and indices broadcast, but along the axis. */
tw_tensor *tw_take_along_axis(tw_scope *scope, const tw_tensor *x, const tw_tensor *indices, int64_t axis);
/**
 * A copy of x with y[.., indices[.., i, ..], ..] = values[.., i, ..]: writes
 * where tw_gather reads. Where positions are equal the last value, in row-major
 * order, stays. Differentiable in x and in values.
 * @param indices  x's rank and sizes but along the axis
 * @param values   broadcast to the indices' shape, converted to x's dtype
 */
tw_tensor *tw_scatter(tw_scope *scope, const tw_tensor *x, int64_t axis, const tw_tensor *indices,
                      const tw_tensor *values);
/** The same with the values added, one after the other. */
tw_tensor *tw_scatter_add(tw_scope *scope, const tw_tensor *x, int64_t axis, const tw_tensor *indices,
                          const tw_tensor *values);
/**
 * A copy of x with row i of `values` added to row indices[i] of an axis, one
 * after the other: adds where tw_index_select reads. Differentiable in x and in
 * values.
 * @param indices  [n]
 * @param values   x's shape with n along the axis, or what broadcasts to it
 */
tw_tensor *tw_index_add(tw_scope *scope, const tw_tensor *x, int64_t axis, const tw_tensor *indices,
                        const tw_tensor *values);

#ifdef __cplusplus
}
#endif

#endif
