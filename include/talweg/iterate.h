/**
 * @file iterate.h
 * A tensor's elements where they lie, in runs.
 *
 *     tw_strided_iterator run = TW_STRIDED_ITERATOR_INIT;
 *     double sum = 0;
 *     if (tw_strided_iterator_start(tensor, &run) != TW_OK) return -1;
 *     while (tw_strided_iterator_next(&run)) {
 *         const double *x = run.data;
 *         for (int64_t i = 0; i < run.count; ++i) sum += x[i * run.stride];
 *     }
 *
 * The runs come in row-major order, each as long as the strides allow: all elements
 * of a tensor that is row-major are one run.
 */
#ifndef TALWEG_ITERATE_H
#define TALWEG_ITERATE_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A walk over a tensor. It lives where the caller puts it, takes no memory, needs no
 * freeing, and may be copied. It points into the tensor's elements, and is valid while
 * the tensor, or a view of it, lives.
 */
typedef struct tw_strided_iterator {
    size_t struct_size;
    /** The first element of the run. */
    void *data;
    /** How many elements the run has. */
    int64_t count;
    /** From one to the next, in elements: may be 0 or negative. */
    int64_t stride;

    /* The rest is the iterator's own. */
    int64_t item_size;
    /** Elements of every run, and runs that are to come. */
    int64_t length, runs;
    /** Of the axes that the runs' places are made of: how many, their sizes, strides in elements,
        and where it stands. */
    int64_t rank;
    int64_t sizes[TW_MAX_RANK];
    int64_t strides[TW_MAX_RANK];
    int64_t index[TW_MAX_RANK];
} tw_strided_iterator;

#define TW_STRIDED_ITERATOR_INIT {sizeof(tw_strided_iterator), NULL, 0, 0, 0, 0, 0, 0, {0}, {0}, {0}}

/**
 * Places *iterator, which starts from TW_STRIDED_ITERATOR_INIT, before the first run of a
 * tensor, for reading.
 * @return TW_ERROR_NULL, TW_ERROR_INVALID_HANDLE; TW_ERROR_INVALID_ARGUMENT for a struct_size
 *         that is none.
 */
tw_status tw_strided_iterator_start(const tw_tensor *tensor, tw_strided_iterator *iterator) TW_CHECK;

/** The same for writing. Tells the tape that the elements change, as tw_tensor_mutable_data. */
tw_status tw_strided_iterator_start_mutable(tw_tensor *tensor, tw_strided_iterator *iterator) TW_CHECK;

/** Moves to the next run: data, count and stride. False, with a count of 0, when there is
    none, and for NULL. */
bool tw_strided_iterator_next(tw_strided_iterator *iterator);

#ifdef __cplusplus
}
#endif

#endif
