/**
 * @file recurrent.h
 * Recurrent layers: LSTM and GRU, over a sequence and a step at a time.
 *
 * The gates lie in PyTorch's order, so its weights serve as they are:
 *
 *   LSTM  i, f, g, o:  c' = sigmoid(f) c + sigmoid(i) tanh(g);  h' = sigmoid(o) tanh(c')
 *   GRU   r, z, n:     n' = tanh(n_x + sigmoid(r) n_h);  h' = (1 - sigmoid(z)) n' + sigmoid(z) h
 *
 * where each gate is a sum of x W_ih' + b_ih and h W_hh' + b_hh, and n_x and n_h
 * are its two parts (Hochreiter and Schmidhuber, "Long short-term memory",
 * Neural Computation 9, 1997; Cho et al., 2014, with the reset gate after the
 * product). The product with x is one for all steps, the packed W_hh serves all
 * steps, and the gradients of the weights are one product each.
 */
#ifndef TALWEG_RECURRENT_H
#define TALWEG_RECURRENT_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The weights of a layer, all of the input's dtype; G is 4 H (LSTM) or 3 H (GRU). */
typedef struct tw_recurrent_weights {
    size_t struct_size;
    /** [G, I] */
    const tw_tensor *w_ih;
    /** [G, H] */
    const tw_tensor *w_hh;
    /** [G], or NULL: zeros. */
    const tw_tensor *b_ih;
    const tw_tensor *b_hh;
} tw_recurrent_weights;

#define TW_RECURRENT_WEIGHTS_INIT {sizeof(tw_recurrent_weights), NULL, NULL, NULL, NULL}

/**
 * LSTM over a sequence of one step or more.
 * @param x            [T, B, I], or [B, T, I] if batch_first; float32 or float64
 * @param h0           the initial state [B, H]; NULL: zeros
 * @param c0           the initial cells [B, H]; NULL: zeros
 * @param last_hidden  gets the state after the last step, [B, H], owned as the
 *                     result is; NULL if it is not wanted
 * @param last_cells   gets the cells after the last step, likewise
 * @return the states after each step, [T, B, H] or [B, T, H].
 *         TW_ERROR_SHAPE if sizes do not fit or there is no step, TW_ERROR_DTYPE
 */
tw_tensor *tw_lstm(tw_scope *scope, const tw_tensor *x, const tw_tensor *h0, const tw_tensor *c0,
                   const tw_recurrent_weights *weights, bool batch_first, tw_tensor **last_hidden,
                   tw_tensor **last_cells);

/** GRU over a sequence, as tw_lstm. */
tw_tensor *tw_gru(tw_scope *scope, const tw_tensor *x, const tw_tensor *h0, const tw_recurrent_weights *weights,
                  bool batch_first, tw_tensor **last_hidden);

/**
 * One step of an LSTM.
 * @param x       [B, I]
 * @param h       the state before, [B, H]; NULL: zeros
 * @param c       the cells before, [B, H]; NULL: zeros
 * @param cells   gets the cells after, [B, H]; NULL if they are not wanted
 * @return the state after, [B, H]
 */
tw_tensor *tw_lstm_cell(tw_scope *scope, const tw_tensor *x, const tw_tensor *h, const tw_tensor *c,
                        const tw_recurrent_weights *weights, tw_tensor **cells);

/** One step of a GRU: the state after, [B, H], of x [B, I] and the state before. */
tw_tensor *tw_gru_cell(tw_scope *scope, const tw_tensor *x, const tw_tensor *h, const tw_recurrent_weights *weights);

#ifdef __cplusplus
}
#endif

#endif
