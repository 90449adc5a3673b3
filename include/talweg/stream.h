/**
 * @file stream.h
 * Linear least squares of rows that come in blocks and need not fit in memory:
 *
 *     tw_lstsq_stream *stream = NULL;
 *     tw_lstsq_result *fit = NULL;
 *     if (tw_lstsq_stream_new(50, 0, NULL, &stream) == TW_OK &&
 *         tw_lstsq_stream_push_npy(stream, "rows.npy", NULL) == TW_OK &&
 *         tw_lstsq_stream_solve(stream, &fit) == TW_OK)
 *         ...
 *     tw_lstsq_result_free(fit);
 *     tw_lstsq_stream_free(stream);
 *
 * A stream keeps about (p + k) (p + 1) numbers, however many rows come: the triangular factor of all of them, which is
 * brought up to date by Householder reflectors (Demmel, Grigori, Hoemmen and Langou, SIAM J. Sci. Comput. 34, 2012) and
 * so as stable as QR of the whole. What tw_lstsq has beyond that is the refinement of ill-conditioned problems, which
 * needs the rows. Computed in float64.
 *
 * Every function that fails leaves the stream as it was, one that reads a file or calls back too.
 */
#ifndef TALWEG_STREAM_H
#define TALWEG_STREAM_H

#include "inference.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A stream's state. */
typedef struct tw_lstsq_stream tw_lstsq_stream;

typedef struct tw_lstsq_stream_options {
    size_t struct_size;
    /** Fit an intercept (never penalised). */
    bool intercept;
    /** The ridge penalty, 0 or more, in the units of the sum of squares. */
    double ridge;
    /** As in tw_lstsq_options. */
    double rank_tolerance;
    /** Each row that comes multiplies the weights of all before it by this, above 0, at most 1 (which forgets
        nothing): recursive least squares. */
    double forgetting;
} tw_lstsq_stream_options;

#define TW_LSTSQ_STREAM_OPTIONS_INIT {sizeof(tw_lstsq_stream_options), true, 0.0, -1.0, 1.0}

/**
 * A stream that has seen no rows.
 * @param features  p, columns of X
 * @param targets   k, columns of y [m, k], whose results have a leading k; 0: y is [m]
 * @param options   NULL: an intercept, no ridge, nothing forgotten
 */
tw_status tw_lstsq_stream_new(int64_t features, int64_t targets, const tw_lstsq_stream_options *options,
                              tw_lstsq_stream **stream) TW_CHECK;
/** Frees a stream. NULL is accepted. */
void tw_lstsq_stream_free(tw_lstsq_stream *stream);

/**
 * Takes rows in.
 * @param X        [m, p], finite; [m] counts as one column
 * @param y        [m], or [m, k] for k targets, finite
 * @param weights  [m], finite, 0 or more; NULL: all 1
 * @return TW_ERROR_SHAPE, TW_ERROR_NUMERIC for a NaN or infinity, TW_ERROR_INVALID_ARGUMENT for a negative weight
 */
tw_status tw_lstsq_stream_push(tw_lstsq_stream *stream, const tw_tensor *X, const tw_tensor *y,
                               const tw_tensor *weights) TW_CHECK;

/**
 * Takes rows out again that were pushed, by downdating rotations (Stewart, J. Inst. Maths Applics 23, 1979). Digits are
 * lost where a row's leverage is near 1.
 * @param weights  what the rows count now: their weights, times the forgetting factor for each row that came since
 * @return TW_ERROR_NUMERIC where a row cannot go: it was never there, or has a leverage within 1e-10 of 1, so that
 *         without it the columns would depend on each other
 */
tw_status tw_lstsq_stream_drop(tw_lstsq_stream *stream, const tw_tensor *X, const tw_tensor *y,
                               const tw_tensor *weights) TW_CHECK;

/** Takes in all that another stream has seen, which stays as it is. Sizes, intercept and forgetting are to be the same:
    TW_ERROR_SHAPE, TW_ERROR_INVALID_ARGUMENT. */
tw_status tw_lstsq_stream_merge(tw_lstsq_stream *stream, const tw_lstsq_stream *other) TW_CHECK;

/** The fit of all rows so far, as tw_lstsq gives it, in float64; statistics of inference.h included. A forgetting
    factor counts as row weights. TW_ERROR_STATE before the first row with a weight. */
tw_status tw_lstsq_stream_solve(const tw_lstsq_stream *stream, tw_lstsq_result **result) TW_CHECK;

/** How many rows were pushed and not dropped again. */
tw_status tw_lstsq_stream_rows(const tw_lstsq_stream *stream, int64_t *rows) TW_CHECK;

/* ---- Sources --------------------------------------------------------------------------------------------------- */

/**
 * Gives the next block: sets *X and *y, and *weights if there are any, to tensors that may belong to the scope; leaves
 * *X NULL at the end. The scope is cleared after the block.
 * @return non-zero cancels: TW_ERROR_CANCELLED, or the scope's error
 */
typedef int (*tw_block_source)(void *context, tw_scope *scope, const tw_tensor **X, const tw_tensor **y,
                               const tw_tensor **weights);

/** Takes in the blocks that a function gives. */
tw_status tw_lstsq_stream_push_from(tw_lstsq_stream *stream, tw_block_source source, void *context) TW_CHECK;

typedef struct tw_stream_file_options {
    size_t struct_size;
    /** The first of the targets' columns, which lie side by side; negative: they are the table's last. The columns that
        are neither targets nor weights are X's, in their order. */
    int64_t target_column;
    /** The weights' column; negative: none. */
    int64_t weight_column;
    /** npy: files of the targets, [n] or [n, k], and of the weights, [n]; NULL: they are columns of the table. */
    const char *target_path;
    const char *weight_path;
    /** CSV: between the fields, and lines to leave out at the start. */
    char delimiter;
    int64_t skip_lines;
    /** Called after each block with the number of rows so far; non-zero cancels. May be NULL. */
    int (*progress)(void *context, int64_t rows);
    void *context;
} tw_stream_file_options;

#define TW_STREAM_FILE_OPTIONS_INIT {sizeof(tw_stream_file_options), -1, -1, NULL, NULL, ',', 0, NULL, NULL}

/** Takes in a CSV file's rows, block by block, read as tw_csv_read does. TW_ERROR_SHAPE if it has another number of
    columns, TW_ERROR_NUMERIC for an empty field or a NaN, with the row. */
tw_status tw_lstsq_stream_push_csv(tw_lstsq_stream *stream, const char *path,
                                   const tw_stream_file_options *options) TW_CHECK;

/** Takes in the rows of a NumPy file (.npy, formats 1.0 to 3.0, one or two axes in C order, floating or whole numbers
    in this machine's byte order), block by block. TW_ERROR_FORMAT for a malformed or truncated file,
    TW_ERROR_UNSUPPORTED for other elements or Fortran order. */
tw_status tw_lstsq_stream_push_npy(tw_lstsq_stream *stream, const char *path,
                                   const tw_stream_file_options *options) TW_CHECK;

/* ---- State as bytes -------------------------------------------------------------------------------------------- */

/** Writes the stream's state to `bytes`, if `capacity` is enough, and how many bytes it takes to *needed. With NULL and
    0 it tells the size. TW_ERROR_INVALID_ARGUMENT for a buffer that is too small. */
tw_status tw_lstsq_stream_save(const tw_lstsq_stream *stream, void *bytes, size_t capacity, size_t *needed) TW_CHECK;
/** A stream that goes on where the one that was saved stood. TW_ERROR_FORMAT for bytes that are none. */
tw_status tw_lstsq_stream_load(const void *bytes, size_t size, tw_lstsq_stream **stream) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
