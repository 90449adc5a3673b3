/**
 * @file attention.h
 * Scaled dot-product attention: softmax(scale q k' + masks) v.
 *
 * Computed in tiles, with the sums of the softmax gathered as they pass by, so
 * that no matrix of all queries by all keys is held (Milakov and Gimelshein,
 * "Online normalizer calculation for softmax", 2018; Dao, Fu, Ermon, Rudra and
 * Re, "FlashAttention", NeurIPS 2022; Vaswani et al., "Attention is all you
 * need", NeurIPS 2017). The gradient computes the weights again from one number
 * a row. Second derivatives exist; they do hold that matrix.
 */
#ifndef TALWEG_ATTENTION_H
#define TALWEG_ATTENTION_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tw_attention_options {
    size_t struct_size;
    /** bool (true: attend) or floating (added to the scaled products), which
        broadcasts to [B, H, T, S]; NULL: none. One that requires a gradient gets
        it, at the cost of holding [B, H, T, S]. */
    const tw_tensor *mask;
    /** bool [B, S], false for padding; NULL: none. */
    const tw_tensor *key_mask;
    /** Query i attends to keys 0 ... i + S - T only: the last query to all. */
    bool causal;
    /** Multiplied to the products of queries and keys; 0: 1 / sqrt(D). */
    double scale;
    /** The probability that a weight is zeroed, in [0, 1); the others are divided
        by 1 - dropout. */
    double dropout;
    /** Of the dropout; NULL: the process's generator. */
    tw_generator *generator;
} tw_attention_options;

#define TW_ATTENTION_OPTIONS_INIT {sizeof(tw_attention_options), NULL, NULL, false, 0.0, 0.0, NULL}

/**
 * Attention of queries to keys and values, float32 or float64, of any strides.
 * A query that attends to no key gives zeros.
 * @param q        [B, H, T, D]
 * @param k        [B, HK, S, D]; H is a multiple of HK, and runs of H / HK heads
 *                 of queries share a head of keys
 * @param v        [B, HK, S, E]
 * @param options  NULL: no mask, no dropout
 * @return [B, H, T, E], whose memory is [B, T, H, E]: to permute it to that and
 *         reshape it to [B, T, H E] copies nothing.
 *         TW_ERROR_SHAPE if sizes do not fit or a mask does not broadcast,
 *         TW_ERROR_DTYPE, TW_ERROR_INVALID_ARGUMENT for a dropout outside [0, 1)
 */
tw_tensor *tw_attention(tw_scope *scope, const tw_tensor *q, const tw_tensor *k, const tw_tensor *v,
                        const tw_attention_options *options);

/**
 * Attention of a sequence to itself, of one projection that holds queries, keys
 * and values side by side; its gradient is written in one piece.
 * @param projection  [B, T, (heads + 2 key_heads) D]: `heads` heads of D queries,
 *                    then `key_heads` of keys, then of values
 * @param heads       a multiple of key_heads
 * @return [B, T, heads D]
 */
tw_tensor *tw_self_attention(tw_scope *scope, const tw_tensor *projection, int64_t heads, int64_t key_heads,
                             const tw_attention_options *options);

#ifdef __cplusplus
}
#endif

#endif
