// The arguments of the LSTM and GRU kernels, passed by pointer. All arrays are row-major but for dy.
#pragma once
#include <stddef.h>

#pragma clang assume_nonnull begin

typedef struct {
  ptrdiff_t steps;
  ptrdiff_t batch;
  ptrdiff_t width;  // of the hidden state

  // Recurrent weights in panels, as packPanels makes them: forward of the transpose, [width, gates width],
  // backward of the matrix itself, [gates width, width].
  const void *_Nullable weights;
  // LSTM [4 width]: of i, f, g, o. GRU [4 width]: of r, z, n, and what is added to n's recurrent product.
  const void *_Nullable bias;

  // LSTM [steps, batch, 4 width], GRU [steps, batch, 3 width]: the input's share of each gate, which the
  // forward pass replaces by the gate.
  void *_Nullable gates;
  // [steps + 1, batch, width]; the first is the initial state.
  void *_Nullable hidden;
  // LSTM [steps + 1, batch, width]: the cells, the first being the initial ones. GRU [steps, batch, width]:
  // n's recurrent products with their bias.
  void *_Nullable cells;

  // Of the backward pass.
  const void *_Nullable dy;  // of the hidden states 1 ... steps; columns lie together
  ptrdiff_t dy_step;
  ptrdiff_t dy_row;
  const void *_Nullable dh_last;  // [batch, width]
  const void *_Nullable dc_last;
  void *_Nullable dgates;         // as gates: of the sums before the gates' functions
  void *_Nullable dgates_hidden;  // GRU: the same for the recurrent products, [steps, batch, 3 width]
  void *_Nullable dh_first;       // [batch, width]
  void *_Nullable dc_first;
} tk_recurrent;

#pragma clang assume_nonnull end
