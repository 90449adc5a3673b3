// Options of kernels, passed by pointer. Those of optimizers are converted to the parameters' type before use;
// gradient_scale is what every gradient is first multiplied by.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Where the elements of one channel lie: `images` runs, `stride` apart, of `size` elements, `step` apart.
typedef struct {
  ptrdiff_t images, size, step, stride;
} tk_channel_layout;

// Of the loss of a row with a label: the target is 1 - smoothing at the label, and smoothing / classes
// everywhere on top of it (Szegedy et al., arXiv:1512.00567).
typedef struct {
  int64_t ignore_index;  // rows with this label have no loss and no gradient
  double smoothing;
} tk_cross_entropy_options;

typedef struct {
  double learning_rate;
  double momentum;
  double dampening;
  double weight_decay;
  double gradient_scale;
  int32_t nesterov;
} tk_sgd_options;

typedef struct {
  double learning_rate;
  double alpha;
  double epsilon;
  double momentum;
  double weight_decay;
  double gradient_scale;
} tk_rmsprop_options;

typedef struct {
  double learning_rate;
  double beta1;
  double beta2;
  double epsilon;
  double weight_decay;
  double bias_correction1;  // 1 - beta1^step
  double bias_correction2;  // 1 - beta2^step
  double gradient_scale;
  int32_t decoupled;        // weight decay shrinks the parameter (AdamW) instead of joining the gradient (Adam)
} tk_adam_options;
