/**
 * @file talweg.h
 * Talweg: least squares, tensors with autodiff, layers, optimizers and training
 * in one shared library. This is the one header to include; it gathers the
 * headers of talweg/, one per idea, from simple to advanced:
 *
 *   base.h       status codes, versions, threads, seeds
 *   scope.h      who owns tensors, and where errors go
 *   tensor.h     making tensors, looking into them
 *   iterate.h    a tensor's elements where they lie
 *   dlpack.h     tensors in and out of other libraries without a copy
 *   ops.h        arithmetic, reductions, views, products
 *   products.h   einsum and other products, diagonals
 *   arrange.h    elements turned round, repeated, sorted, accumulated, padded
 *   index.h      reading and writing by keys, masks and positions
 *   search.h     where elements are, which are distinct, which the greatest
 *   convolution.h  convolution and pooling
 *   levenberg_marquardt.h  least squares of networks
 *   linalg.h     factorisations, linear systems, determinants
 *   spectral.h   eigenvalues and singular values, norms
 *   autodiff.h   gradients
 *   lstsq.h      linear least squares: closed form and gradient descent
 *   glm.h        generalised linear models: logistic, Poisson, gamma and others
 *   elastic_net.h  lasso and elastic net: paths, cross-validated
 *   constrained.h  linear least squares with bounds, equalities and inequalities
 *   total.h      total least squares
 *   design.h     polynomials, splines, Fourier and radial bases as design matrices
 *   robust.h     M-estimates, quantile regression, RANSAC, Theil and Sen's estimate
 *   inference.h  statistics of a linear fit
 *   stream.h     linear least squares of rows that come in blocks
 *   sparse.h     large linear least squares by products with the matrix alone
 *   nonlinear.h  nonlinear least squares
 *   curve.h      named curves fitted to points
 *   module.h     layers and networks
 *   conv_layers.h  layers of convolution and pooling
 *   norm_layers.h  layers of normalisation
 *   precision.h  mixed precision
 *   initializer.h  how parameters start
 *   layers.h     activations, dropout, containers, the bilinear map
 *   embedding.h  embeddings and bags of them
 *   positions.h  sinusoidal, learned and rotary positions
 *   recurrent_layers.h  RNN, LSTM and GRU as modules
 *   transformer.h  multi-head attention, transformers, decoding with a cache, checkpointed modules
 *   loss.h       losses and penalties
 *   optimizer.h  SGD, Adam and their kin, with parameter groups and states
 *   data.h       data sets and loaders
 *   train.h      the fit loop
 *   schedule.h   learning rates that change from step to step, and the search for a good one
 *   average.h    averages of a module's weights over the steps
 *   checkpoint.h the state of a training in a file
 *   events.h     event files for TensorBoard
 *   io.h         safetensors and CSV files
 *
 * A whole program that fits a line:
 *
 *     #include <stdio.h>
 *     #include <talweg.h>
 *
 *     int main(void) {
 *         double x[] = {1, 2, 3, 4, 5}, y[] = {2, 4, 5, 4, 5};
 *         int64_t shape[] = {5, 1};
 *         tw_scope *s = tw_scope_new();
 *         tw_tensor *X = tw_tensor_from_data(s, x, TW_FLOAT64, shape, 2);
 *         tw_tensor *Y = tw_tensor_from_data(s, y, TW_FLOAT64, shape, 1);
 *         tw_lstsq_result *fit = NULL;
 *         double slope = 0;
 *         if (tw_lstsq(X, Y, NULL, &fit) == TW_OK &&
 *             tw_tensor_item(tw_lstsq_result_coefficients(s, fit), &slope) == TW_OK)
 *             printf("slope %g\n", slope);
 *         else
 *             fprintf(stderr, "%s\n", tw_last_message());
 *         tw_lstsq_result_free(fit);
 *         tw_scope_free(s);
 *         return 0;
 *     }
 *
 * Rules that hold for every function:
 *
 *   - Nothing here aborts, exits or prints. Every failure is a status and a
 *     message, and leaves the objects that went in as they were.
 *   - Handles are opaque and checked: a NULL, released or foreign handle is
 *     answered with TW_ERROR_NULL or TW_ERROR_INVALID_HANDLE.
 *   - Functions that make tensors take a tw_scope first and return the tensor,
 *     NULL on failure (see scope.h). All others return a tw_status and give
 *     their results through their last pointer arguments, which they write
 *     only on success.
 *   - Handles made by ..._new are freed by ..._free, which accepts NULL. Any
 *     order of freeing is safe: a handle keeps what it needs alive.
 *   - Option structs begin with struct_size and are made with their
 *     TW_..._INIT, which holds every default. NULL options mean the defaults.
 *   - Strings are UTF-8 and end with NUL.
 *   - Callbacks run on the thread that made the call, before it returns; only
 *     functions that give something back (release, destroy) may run later and
 *     on another thread.
 *   - A handle is used by one thread at a time; different handles may be used
 *     by different threads at once; reading one tensor from several is fine.
 */
#ifndef TALWEG_H
#define TALWEG_H

#include "talweg/base.h"
#include "talweg/scope.h"
#include "talweg/tensor.h"
#include "talweg/iterate.h"
#include "talweg/dlpack.h"
#include "talweg/ops.h"
#include "talweg/attention.h"
#include "talweg/arrange.h"
#include "talweg/index.h"
#include "talweg/search.h"
#include "talweg/products.h"
#include "talweg/convolution.h"
#include "talweg/normalization.h"
#include "talweg/recurrent.h"
#include "talweg/levenberg_marquardt.h"
#include "talweg/linalg.h"
#include "talweg/spectral.h"
#include "talweg/autodiff.h"
#include "talweg/derivatives.h"
#include "talweg/custom.h"
#include "talweg/lstsq.h"
#include "talweg/glm.h"
#include "talweg/elastic_net.h"
#include "talweg/constrained.h"
#include "talweg/total.h"
#include "talweg/design.h"
#include "talweg/robust.h"
#include "talweg/inference.h"
#include "talweg/stochastic.h"
#include "talweg/stream.h"
#include "talweg/sparse.h"
#include "talweg/nonlinear.h"
#include "talweg/curve.h"
#include "talweg/problem.h"
#include "talweg/separable.h"
#include "talweg/module.h"
#include "talweg/conv_layers.h"
#include "talweg/norm_layers.h"
#include "talweg/precision.h"
#include "talweg/initializer.h"
#include "talweg/layers.h"
#include "talweg/embedding.h"
#include "talweg/positions.h"
#include "talweg/recurrent_layers.h"
#include "talweg/transformer.h"
#include "talweg/loss.h"
#include "talweg/optimizer.h"
#include "talweg/data.h"
#include "talweg/train.h"
#include "talweg/schedule.h"
#include "talweg/average.h"
#include "talweg/checkpoint.h"
#include "talweg/events.h"
#include "talweg/io.h"

#endif
