/**
 * @file positions.h
 * Where in a sequence a row stands: sinusoidal, learned and rotary positions.
 *
 * Modules take x [.., positions, width], and as a second input (tw_module_call)
 * the positions themselves, integers [positions] or [batch, positions]; without it
 * they are 0, 1, ...
 */
#ifndef TALWEG_POSITIONS_H
#define TALWEG_POSITIONS_H

#include "module.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Positions first ... first + count - 1 as sines and cosines (Vaswani et al., "Attention is all you need", 2017):
    [count, width], element 2i of row p sin(p / base^(2i / width)), element 2i + 1 the cosine. The paper's base is
    10000. */
tw_tensor *tw_sinusoidal_positions(tw_scope *scope, int64_t count, int64_t width, int64_t first, double base,
                                   tw_dtype dtype);
/** x plus tw_sinusoidal_positions. A list of positions names none beyond 2^20 - 1. */
tw_status tw_sinusoidal_positions_new(int64_t width, double base, tw_module **module) TW_CHECK;

/** x plus a row of a parameter "weight" [most, width] for each position; more positions are TW_ERROR_INDEX. The
    weight starts by the options, TW_INIT_DEFAULT being N(0, 0.02^2); `bias` is not heeded. */
tw_status tw_learned_positions_new(int64_t most, int64_t width, const tw_linear_options *options,
                                   tw_module **module) TW_CHECK;

/** Which elements of a row make the pairs that are turned. */
typedef enum tw_rotary_pairs {
    /** i and i + width / 2, as in GPT-NeoX and in Hugging Face's LLaMA */
    TW_ROTARY_HALVES = 0,
    /** 2i and 2i + 1, as in the paper and GPT-J */
    TW_ROTARY_NEIGHBOURS = 1
} tw_rotary_pairs;

typedef struct tw_rotary_options {
    size_t struct_size;
    tw_rotary_pairs pairs;
    /** Pair i is turned by position / base^(2i / width). */
    double base;
    /** How many elements of a row, from the first on, are turned: an even number; 0: all. */
    int64_t width;
    /** Added to the positions: how many a cache holds already. */
    int64_t offset;
} tw_rotary_options;

#define TW_ROTARY_OPTIONS_INIT {sizeof(tw_rotary_options), TW_ROTARY_HALVES, 10000.0, 0, 0}

/** Rotary positions: each row of x [.., positions, width] turned by the angles of its position (Su et al., "RoFormer",
    2021). `positions` as above, NULL: 0, 1, ... */
tw_tensor *tw_rotary(tw_scope *scope, const tw_tensor *x, const tw_tensor *positions, const tw_rotary_options *options);
/** tw_rotary as a module, which keeps the cosines and sines; the offset is added to positions that are told too. */
tw_status tw_rotary_new(const tw_rotary_options *options, tw_module **module) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
