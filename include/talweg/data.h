/**
 * @file data.h
 * Data sets and loaders.
 */
#ifndef TALWEG_DATA_H
#define TALWEG_DATA_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tw_loader tw_loader;

typedef struct tw_loader_options {
    size_t struct_size;
    int64_t batch_size;
    /** A new random order every epoch. */
    bool shuffle;
    /** Leave out a last batch that is not full. */
    bool drop_last;
    /** Of the orders: the same seed gives the same orders. */
    uint64_t seed;
} tw_loader_options;

#define TW_LOADER_OPTIONS_INIT {sizeof(tw_loader_options), 32, false, false, 0}

/**
 * Goes over `inputs` [n, ..] and `targets` [n, ..] in batches. Keeps both
 * alive; they are read at each batch, not copied.
 * @param targets  may be NULL: then the batches have none
 */
tw_status tw_loader_new(const tw_tensor *inputs, const tw_tensor *targets, const tw_loader_options *options,
                        tw_loader **loader) TW_CHECK;

/** Frees a loader. NULL is accepted. */
void tw_loader_free(tw_loader *loader);

/** The number of batches in an epoch. */
tw_status tw_loader_batches(const tw_loader *loader, int64_t *batches) TW_CHECK;

/**
 * The next batch, as tensors of the scope (the caller's, if it is NULL). At the
 * end of an epoch *more is false, *x and *y are NULL, and the next call starts
 * the next epoch.
 * @param y  may be NULL if there are no targets
 */
tw_status tw_loader_next(tw_scope *scope, tw_loader *loader, tw_tensor **x, tw_tensor **y, bool *more) TW_CHECK;

/** Starts over: the next batch is the first of epoch `epoch` (from 0). */
tw_status tw_loader_set_epoch(tw_loader *loader, int64_t epoch) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
