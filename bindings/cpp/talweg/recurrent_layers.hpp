/**
 * @file recurrent_layers.hpp
 * Recurrent layers as modules. Empty tensors among the inputs are left out.
 */
#ifndef TALWEG_RECURRENT_LAYERS_HPP
#define TALWEG_RECURRENT_LAYERS_HPP

#include "module.hpp"
#include "recurrent.hpp"

namespace talweg {

inline Module RNN(int64_t inputs, int64_t hidden, const tw_recurrent_options &options = TW_RECURRENT_OPTIONS_INIT) {
    return detail::module(tw_rnn_new, inputs, hidden, &options);
}
inline Module LSTM(int64_t inputs, int64_t hidden, const tw_recurrent_options &options = TW_RECURRENT_OPTIONS_INIT) {
    return detail::module(tw_lstm_new, inputs, hidden, &options);
}
inline Module GRU(int64_t inputs, int64_t hidden, const tw_recurrent_options &options = TW_RECURRENT_OPTIONS_INIT) {
    return detail::module(tw_gru_new, inputs, hidden, &options);
}
inline Module RNNCell(int64_t inputs, int64_t hidden, const tw_recurrent_options &options = TW_RECURRENT_OPTIONS_INIT) {
    return detail::module(tw_rnn_cell_new, inputs, hidden, &options);
}
inline Module LSTMCell(int64_t inputs, int64_t hidden,
                       const tw_recurrent_options &options = TW_RECURRENT_OPTIONS_INIT) {
    return detail::module(tw_lstm_cell_new, inputs, hidden, &options);
}
inline Module GRUCell(int64_t inputs, int64_t hidden, const tw_recurrent_options &options = TW_RECURRENT_OPTIONS_INIT) {
    return detail::module(tw_gru_cell_new, inputs, hidden, &options);
}

/** The states, and through last_hidden, if it is not null, that after the last step. */
inline Tensor rnn(const Tensor &x, const tw_recurrent_weights &weights, const Tensor &h0 = {}, bool rectified = false,
                  bool batch_first = false, Tensor *last_hidden = nullptr) {
    detail::Out h;
    Tensor states =
        detail::make(tw_rnn, x, h0, &weights, rectified, batch_first, last_hidden ? h.room() : nullptr);
    if (last_hidden) *last_hidden = h.take();
    return states;
}

}  // namespace talweg

#endif
