// Options of the optimizer kernels, passed by pointer. All values are converted to the parameters'
// type before use.
#pragma once
#include <stdint.h>

typedef struct {
  double learning_rate;
  double momentum;
  double dampening;
  double weight_decay;
  int32_t nesterov;
} tk_sgd_options;

typedef struct {
  double learning_rate;
  double alpha;
  double epsilon;
  double momentum;
  double weight_decay;
} tk_rmsprop_options;

typedef struct {
  double learning_rate;
  double beta1;
  double beta2;
  double epsilon;
  double weight_decay;
  double bias_correction1;  // 1 - beta1^step
  double bias_correction2;  // 1 - beta2^step
  int32_t decoupled;        // weight decay shrinks the parameter (AdamW) instead of joining the gradient (Adam)
} tk_adam_options;
