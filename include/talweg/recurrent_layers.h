/**
 * @file recurrent_layers.h
 * Recurrent layers as modules: RNN, LSTM and GRU over sequences, and their cells.
 *
 * A layer takes several inputs and gives several outputs: use tw_module_call.
 * With B sequences of T steps of I features, L layers, D directions and a state
 * of H (of an LSTM with a projection: P for states, H for cells):
 *
 *   inputs   x [T, B, I] ([B, T, I] if batch_first; [T, I] for one sequence),
 *            state [L D, B, H] or NULL: zeros, of an LSTM cells [L D, B, H] or NULL,
 *            lengths, integers [B] from 1 to T, or NULL: all T
 *   outputs  the last layer's states [T, B, D H], all layers' states after the
 *            last step [L D, B, H], of an LSTM the cells likewise
 *
 * Trailing inputs may be left out, and so may trailing outputs;
 * tw_module_forward gives the first output alone. With lengths, outputs past a
 * sequence's length are 0, its last state is that after its last step, and the
 * opposite direction begins there; no step past a length is computed.
 *
 * Parameters have PyTorch's names and shapes: weight_ih_l0 [G, I], weight_hh_l0
 * [G, H], bias_ih_l0 [G], bias_hh_l0 [G], with a projection weight_hr_l0 [P, H];
 * the same with "_reverse"; then those of "_l1", whose I is D H. G is H times
 * the gates: 1 of an RNN, 3 of a GRU (r, z, n), 4 of an LSTM (i, f, g, o); see
 * recurrent.h. They start as U(-1/sqrt(H), 1/sqrt(H)).
 *
 * A cell is one step: inputs x [B, I] or [I], state [B, H] or NULL, of an LSTM
 * cells or NULL; outputs the state after and the cells. Its parameters are
 * weight_ih, weight_hh, bias_ih, bias_hh.
 *
 *     tw_module *lstm = NULL;
 *     tw_recurrent_options options = TW_RECURRENT_OPTIONS_INIT;
 *     options.layers = 2;
 *     options.bidirectional = true;
 *     if (tw_lstm_new(13, 64, &options, &lstm) != TW_OK) return fail();
 *     const tw_tensor *inputs[] = {x, NULL, NULL, lengths};
 *     tw_tensor *outputs[3];
 *     if (tw_module_call(scope, lstm, inputs, 4, outputs, 3) != TW_OK) return fail();
 *
 * Errors of a call: TW_ERROR_SHAPE for sizes that do not fit or a sequence of no
 * steps, TW_ERROR_DTYPE, TW_ERROR_INVALID_ARGUMENT for a length below 1 or above
 * T or a wrong number of inputs.
 */
#ifndef TALWEG_RECURRENT_LAYERS_H
#define TALWEG_RECURRENT_LAYERS_H

#include "module.h"
#include "recurrent.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tw_recurrent_options {
    size_t struct_size;
    /** How many lie one over the other, at most 1024. */
    int64_t layers;
    bool bias;
    bool batch_first;
    bool bidirectional;
    /** Of an RNN: max(.., 0) in place of tanh. */
    bool rectified;
    /** Of an LSTM: the width that states are projected to, below the state's
        (Sak, Senior and Beaufays, 2014); 0: not at all. */
    int64_t projection;
    /** The probability, in [0, 1), that in training mode an element of the states
        between two layers is zeroed; the others are divided by 1 - dropout. */
    double dropout;
    /** TW_FLOAT32 or TW_FLOAT64. */
    tw_dtype dtype;
    /** Of the weights and the dropout; NULL: the process's generator. */
    tw_generator *generator;
} tw_recurrent_options;

#define TW_RECURRENT_OPTIONS_INIT \
    {sizeof(tw_recurrent_options), 1, true, false, false, false, 0, 0.0, TW_FLOAT32, NULL}

/** Layers of h' = tanh(W_ih x + b_ih + W_hh h + b_hh) (Elman, 1990).
    @param inputs  features of a step, 1 or more
    @param hidden  the size of the state, 1 or more */
tw_status tw_rnn_new(int64_t inputs, int64_t hidden, const tw_recurrent_options *options, tw_module **module) TW_CHECK;
/** Layers of long short-term memory (Hochreiter and Schmidhuber, 1997). */
tw_status tw_lstm_new(int64_t inputs, int64_t hidden, const tw_recurrent_options *options,
                      tw_module **module) TW_CHECK;
/** Layers of gated recurrent units (Cho et al., 2014), the reset gate after the product. */
tw_status tw_gru_new(int64_t inputs, int64_t hidden, const tw_recurrent_options *options, tw_module **module) TW_CHECK;

/** One step of an RNN. Of the options, those that are of layers must be as they start. */
tw_status tw_rnn_cell_new(int64_t inputs, int64_t hidden, const tw_recurrent_options *options,
                          tw_module **module) TW_CHECK;
/** One step of an LSTM, likewise. */
tw_status tw_lstm_cell_new(int64_t inputs, int64_t hidden, const tw_recurrent_options *options,
                           tw_module **module) TW_CHECK;
/** One step of a GRU, likewise. */
tw_status tw_gru_cell_new(int64_t inputs, int64_t hidden, const tw_recurrent_options *options,
                          tw_module **module) TW_CHECK;

/**
 * The simple recurrent network over a sequence as a function of tensors, as tw_lstm.
 * @param rectified    max(.., 0) in place of tanh
 * @param weights      G is H
 * @param last_hidden  gets the state after the last step, [B, H]; NULL if it is not wanted
 * @return the states after each step, [T, B, H] or [B, T, H]
 */
tw_tensor *tw_rnn(tw_scope *scope, const tw_tensor *x, const tw_tensor *h0, const tw_recurrent_weights *weights,
                  bool rectified, bool batch_first, tw_tensor **last_hidden);

#ifdef __cplusplus
}
#endif

#endif
