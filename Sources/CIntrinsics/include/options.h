// Options of kernels, passed by pointer. Those of optimizers are converted to the parameters' type before use.
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

// One step of an optimizer. Which numbers a kernel heeds, and as what, is written at its reference.
typedef struct {
  double rate;     // the learning rate
  double factor;   // what a gradient is first multiplied by; negative to ascend
  double limit;    // gradients are then held within -limit and limit
  double decay;    // adds decay w to the gradient
  double l1;       // adds l1 sign(w) to the gradient
  double shrink;   // the parameter is multiplied by this before the step
  double beta1;
  double beta2;
  double epsilon;
  double scale1;
  double scale2;
  double extra;
  int32_t nesterov;
} tk_update;
