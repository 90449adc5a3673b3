/**
 * @file embedding.h
 * Rows of a table by number: embeddings, and bags of them.
 */
#ifndef TALWEG_EMBEDDING_H
#define TALWEG_EMBEDDING_H

#include "module.h"

#ifdef __cplusplus
extern "C" {
#endif

/** tw_embedding (ops.h) in which row `padding` (0 ... rows - 1; -1: none) gets no gradient. */
tw_tensor *tw_embedding_padded(tw_scope *scope, const tw_tensor *table, const tw_tensor *ids, int64_t padding);

/** Scales those rows of a table [rows, width] that ids name and whose norm (sum |x|^order)^(1/order) is above `norm`
    down to it, in place and without a gradient. */
tw_status tw_embedding_limit(tw_tensor *table, const tw_tensor *ids, double norm, double order) TW_CHECK;

/** What a bag of rows becomes. */
typedef enum tw_bag_mode {
    TW_BAG_SUM = 0,
    TW_BAG_MEAN = 1,
    /** the largest of each column, the first of equals */
    TW_BAG_MAX = 2
} tw_bag_mode;

/** The rows of which bags. */
typedef struct tw_bag_options {
    size_t struct_size;
    tw_bag_mode mode;
    /** A row that belongs to no bag; -1: none. */
    int64_t padding;
    /** Whether offsets have the end of the last bag too. */
    bool last_offset;
} tw_bag_options;

#define TW_BAG_OPTIONS_INIT {sizeof(tw_bag_options), TW_BAG_MEAN, -1, false}

/**
 * The sums, means or largest of a table's rows [rows, width] in bags: [bags, width]; zeros for an empty bag.
 * @param ids      integers in 0 ... rows - 1: [bags, size], or [n] with offsets
 * @param offsets  where in ids each bag begins: integers [bags] from 0 that do not fall; NULL with ids [bags, size]
 * @param weights  for sums: a factor for each id, of the shape of ids and the table's dtype; may be NULL
 * @return TW_ERROR_INDEX for ids out of range, TW_ERROR_INVALID_ARGUMENT for offsets that fall or go beyond the ids
 */
tw_tensor *tw_embedding_bag(tw_scope *scope, const tw_tensor *table, const tw_tensor *ids, const tw_tensor *offsets,
                            const tw_tensor *weights, const tw_bag_options *options);

typedef struct tw_embedding_options {
    size_t struct_size;
    tw_dtype dtype;
    /** A row that gets no gradient and starts as zeros (given weights stay as they are); -1: none. */
    int64_t padding;
    /** Longer rows are scaled down to this norm when they are looked up; 0: none are. */
    double max_norm;
    /** p of that norm. */
    double norm_order;
    /** How the weight starts; TW_INIT_DEFAULT is N(0, 1). */
    tw_initializer initializer;
    double scale;
    /** Where the numbers come from; NULL: the process's generator. */
    tw_generator *generator;
    /** A tensor [rows, width] that becomes the parameter itself; NULL: a new one. dtype and the three fields before
        this are then not heeded. */
    tw_tensor *weight;
    /** Whether the weight is not to be trained. */
    bool frozen;
} tw_embedding_options;

#define TW_EMBEDDING_OPTIONS_INIT \
    {sizeof(tw_embedding_options), TW_FLOAT32, -1, 0.0, 2.0, TW_INIT_DEFAULT, 1.0, NULL, NULL, false}

/** ids [..] -> [.., width]; parameter "weight" [rows, width]. */
tw_status tw_embedding_new(int64_t rows, int64_t width, const tw_embedding_options *options,
                           tw_module **module) TW_CHECK;

/** tw_embedding_bag as a module of ids [bags, size] (tw_module_forward), or of ids, offsets and weights, which may be
    NULL (tw_module_call); parameter "weight" [rows, width]. The padding is that of the embedding's options if it is
    not -1, else of the bag's. */
tw_status tw_embedding_bag_new(int64_t rows, int64_t width, const tw_embedding_options *options,
                               const tw_bag_options *bag, tw_module **module) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
