/**
 * @file transformer.h
 * Multi-head attention and the layers of transformers as modules, decoding step
 * by step with a cache, and checkpointed modules.
 *
 * Sequences are [length, batch, width], [batch, length, width] if batch_first,
 * or [length, width] for one. Masks are as in attention.h: bool (true: attend)
 * or floating (added), broadcast to [batch, heads, queries, keys]; masks of keys
 * are bool [batch, keys], false for padding.
 *
 * Decoding: a cache holds the keys and values of what a model has seen, so that
 * each step is given the new positions alone:
 *
 *     tw_key_value_cache *cache = NULL;
 *     tw_attention_context context = TW_ATTENTION_CONTEXT_INIT;
 *     if (tw_key_value_cache_new(256, &cache) != TW_OK) return fail();
 *     context.cache = cache;
 *     context.causal = true;
 *     tw_set_grad_enabled(false);
 *     tw_tensor *y = tw_transformer_forward(scope, model, prompt, NULL, &context);  // [10, 1, width]
 *     y = tw_transformer_forward(scope, model, next, NULL, &context);               // [1, 1, width]
 */
#ifndef TALWEG_TRANSFORMER_H
#define TALWEG_TRANSFORMER_H

#include "attention.h"
#include "module.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The keys and values that the attention layers of a model have seen. One serves
    all layers of a model, and one sequence or batch of them at a time. */
typedef struct tw_key_value_cache tw_key_value_cache;

/** A cache of at most `capacity` positions, 1 or more. Memory is allocated as layers first use it. */
tw_status tw_key_value_cache_new(int64_t capacity, tw_key_value_cache **cache) TW_CHECK;
/** Frees a handle on a cache. NULL is accepted. */
void tw_key_value_cache_free(tw_key_value_cache *cache);
/** How many positions it holds. */
tw_status tw_key_value_cache_length(const tw_key_value_cache *cache, int64_t *length) TW_CHECK;
tw_status tw_key_value_cache_capacity(const tw_key_value_cache *cache, int64_t *capacity) TW_CHECK;
/** Forgets all positions, and memories, for a new sequence. */
tw_status tw_key_value_cache_reset(tw_key_value_cache *cache) TW_CHECK;

/** What a pass through layers with attention is told beside its inputs. */
typedef struct tw_attention_context {
    size_t struct_size;
    const tw_tensor *mask;
    const tw_tensor *key_mask;
    /** No query sees what comes after it. */
    bool causal;
    /** The same three of a decoder's attention to its memory. */
    bool memory_causal;
    const tw_tensor *memory_mask;
    const tw_tensor *memory_key_mask;
    /** NULL: none. With one, recording must be off: TW_ERROR_STATE else, and where
        its capacity is exceeded. If the call fails the cache holds what it held. */
    tw_key_value_cache *cache;
} tw_attention_context;

#define TW_ATTENTION_CONTEXT_INIT {sizeof(tw_attention_context), NULL, NULL, false, false, NULL, NULL, NULL}

typedef struct tw_multihead_attention_options {
    size_t struct_size;
    /** How many heads the keys and values have, which those of queries share in
        runs (Ainslie et al., "GQA", 2023); 0: as many as the queries. */
    int64_t key_heads;
    /** The features of keys and of values; 0: the width. */
    int64_t key_width;
    int64_t value_width;
    bool bias;
    bool batch_first;
    /** No query sees what comes after it, whatever the context says. */
    bool causal;
    /** Turns queries and keys by rotary positions (Su et al., 2021), halves paired. */
    bool rotary;
    double rotary_base;
    /** The probability, in [0, 1), that in training mode a weight is zeroed. */
    double dropout;
    /** TW_FLOAT32 or TW_FLOAT64. */
    tw_dtype dtype;
    /** Of the weights and the dropout; NULL: the process's generator. */
    tw_generator *generator;
} tw_multihead_attention_options;

#define TW_MULTIHEAD_ATTENTION_OPTIONS_INIT \
    {sizeof(tw_multihead_attention_options), 0, 0, 0, true, false, false, false, 10000.0, 0.0, TW_FLOAT32, NULL}

/**
 * Multi-head attention (Vaswani et al., "Attention is all you need", 2017).
 *
 * Parameters, under PyTorch's names, with H heads of D = width / H features and
 * HK of keys: in_proj_weight [(H + 2 HK) D, width], the queries' rows first, then
 * the keys' and the values', in_proj_bias, out_proj.weight, out_proj.bias. Where
 * keys or values have a width of their own: q_proj_weight, k_proj_weight and
 * v_proj_weight in place of the first. Inputs of tw_module_call: query, key,
 * value, mask, key mask; the key is the query where it is NULL, the value the key.
 * @param heads  must divide the width: TW_ERROR_INVALID_ARGUMENT else, and where
 *               key_heads do not divide it
 */
tw_status tw_multihead_attention_new(int64_t width, int64_t heads, const tw_multihead_attention_options *options,
                                     tw_module **module) TW_CHECK;

/**
 * What multi-head attention gives.
 * @param module   made by tw_multihead_attention_new: TW_ERROR_STATE else
 * @param key      NULL: the query
 * @param value    NULL: the key
 * @param context  NULL: no masks
 * @param weights  gets the weights after dropout, [B, H, T, S], at the cost of
 *                 holding them; NULL if they are not wanted
 * @return of the query's shape
 */
tw_tensor *tw_multihead_attention(tw_scope *scope, tw_module *module, const tw_tensor *query, const tw_tensor *key,
                                  const tw_tensor *value, const tw_attention_context *context, tw_tensor **weights);

/** The function between the two products of a layer's perceptron. */
typedef enum tw_feed_forward {
    TW_FEED_FORWARD_RELU = 0,
    TW_FEED_FORWARD_GELU = 1,
    TW_FEED_FORWARD_SILU = 2,
    /** silu(a) b, a and b the halves of the first product, which is twice as wide (Shazeer, 2020). */
    TW_FEED_FORWARD_GATED_SILU = 3,
    /** gelu(a) b, likewise. */
    TW_FEED_FORWARD_GATED_GELU = 4
} tw_feed_forward;

typedef struct tw_transformer_options {
    size_t struct_size;
    /** The width between the two products. */
    int64_t feed_forward;
    tw_feed_forward activation;
    /** Normalises each part's input (Xiong et al., 2020), not the sum of its input and output. */
    bool norm_first;
    /** RMS norm in place of layer norm. */
    bool root_mean_square;
    /** Of projections and layer norms. */
    bool bias;
    bool batch_first;
    /** Self attention is causal, whatever the context says. */
    bool causal;
    /** Self attention has rotary positions. */
    bool rotary;
    double rotary_base;
    /** 0: as many as the heads. */
    int64_t key_heads;
    /** The probability, in [0, 1), that in training mode an element is zeroed: of
        the weights, in the perceptron, and of what each part adds. */
    double dropout;
    /** Of the norms. */
    double epsilon;
    tw_dtype dtype;
    tw_generator *generator;
} tw_transformer_options;

#define TW_TRANSFORMER_OPTIONS_INIT \
    {sizeof(tw_transformer_options), 2048, TW_FEED_FORWARD_RELU, false, false, true, false, false, false, 10000.0, 0, \
     0.1, 1e-5, TW_FLOAT32, NULL}

/** A layer of an encoder, or, causal, of a model that reads what it writes: self
    attention and a perceptron, each beside a residual connection with a norm.
    Children, under PyTorch's names: self_attn, linear1, linear2, norm1, norm2.
    Inputs of tw_module_call: x, mask, key mask. */
tw_status tw_transformer_encoder_layer_new(int64_t width, int64_t heads, const tw_transformer_options *options,
                                           tw_module **module) TW_CHECK;
/** A layer of a decoder: self attention, attention to a memory and a perceptron.
    Children: self_attn, multihead_attn, linear1, linear2, norm1, norm2, norm3.
    Inputs of tw_module_call: x, memory, mask, key mask, memory mask, memory key mask. */
tw_status tw_transformer_decoder_layer_new(int64_t width, int64_t heads, const tw_transformer_options *options,
                                           tw_module **module) TW_CHECK;
/**
 * Encoder layers one after the other. Children: layers.0, layers.1, .., norm.
 * @param layers  `count` of them, 1 or more, also checkpointed ones
 * @param norm    at the end; NULL: none
 */
tw_status tw_transformer_encoder_new(tw_module *const *layers, int64_t count, tw_module *norm,
                                     tw_module **module) TW_CHECK;
/** Decoder layers one after the other, likewise. */
tw_status tw_transformer_decoder_new(tw_module *const *layers, int64_t count, tw_module *norm,
                                     tw_module **module) TW_CHECK;

/**
 * A pass through a layer or stack of a transformer.
 * @param module   one of the four, or one of them checkpointed: TW_ERROR_STATE else
 * @param memory   what a decoder attends to; NULL for an encoder. With a cache its
 *                 keys and values are computed at the first step, and kept
 * @param context  NULL: no masks
 * @return of x's shape
 */
tw_tensor *tw_transformer_forward(tw_scope *scope, tw_module *module, const tw_tensor *x, const tw_tensor *memory,
                                  const tw_attention_context *context);

/**
 * A module whose forward pass keeps nothing for the gradient but its inputs: the
 * backward pass computes it again (Chen et al., "Training deep nets with
 * sublinear memory cost", 2016). Memory for time; outputs and gradients are the
 * same to the last bit, dropout masks too, and running statistics move once. The
 * inputs must not be changed in place before the backward pass. Its one child is
 * "module"; it takes the module's inputs.
 */
tw_status tw_checkpointed_new(tw_module *module, tw_module **checkpointed) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
