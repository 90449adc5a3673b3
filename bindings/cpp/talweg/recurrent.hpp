/**
 * @file recurrent.hpp
 * LSTM and GRU, over a sequence and a step at a time. Empty states are zeros.
 */
#ifndef TALWEG_RECURRENT_HPP
#define TALWEG_RECURRENT_HPP

#include "tensor.hpp"

namespace talweg {

/** The states, and through last_hidden and last_cells, where they are not null, those after the last step. */
inline Tensor lstm(const Tensor &x, const tw_recurrent_weights &weights, const Tensor &h0 = {}, const Tensor &c0 = {},
                   bool batch_first = false, Tensor *last_hidden = nullptr, Tensor *last_cells = nullptr) {
    detail::Out h, c;
    Tensor states = detail::make(tw_lstm, x, h0, c0, &weights, batch_first, last_hidden ? h.room() : nullptr,
                                 last_cells ? c.room() : nullptr);
    if (last_hidden) *last_hidden = h.take();
    if (last_cells) *last_cells = c.take();
    return states;
}
inline Tensor gru(const Tensor &x, const tw_recurrent_weights &weights, const Tensor &h0 = {},
                  bool batch_first = false, Tensor *last_hidden = nullptr) {
    detail::Out h;
    Tensor states = detail::make(tw_gru, x, h0, &weights, batch_first, last_hidden ? h.room() : nullptr);
    if (last_hidden) *last_hidden = h.take();
    return states;
}
/** The state after the step, and through `cells`, if it is not null, the cells. */
inline Tensor lstm_cell(const Tensor &x, const tw_recurrent_weights &weights, const Tensor &h, const Tensor &c,
                        Tensor *cells) {
    detail::Out after;
    Tensor hidden = detail::make(tw_lstm_cell, x, h, c, &weights, cells ? after.room() : nullptr);
    if (cells) *cells = after.take();
    return hidden;
}
inline Tensor gru_cell(const Tensor &x, const tw_recurrent_weights &weights, const Tensor &h = {}) {
    return detail::make(tw_gru_cell, x, h, &weights);
}

}  // namespace talweg

#endif
