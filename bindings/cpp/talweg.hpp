/**
 * @file talweg.hpp
 * Talweg for C++17: owning types and exceptions over talweg.h, in headers alone.
 *
 *     talweg::Tensor x = {1, 2, 3, 4, 5}, y = {2, 4, 5, 4, 5};
 *     auto fit = talweg::lstsq(x, y);
 *     std::cout << fit.coefficients() << '\n';       // [0.6]
 *
 * This is the one to include. It gathers a header for each of the C interface's, with its
 * name: talweg/linalg.hpp wraps talweg/linalg.h, where every function's contract is written,
 * by the function's name without tw_. The rules that hold throughout:
 *
 *   - Every object owns its handle and releases it at the end of its life. Copies of a Tensor
 *     or a Module are further names of the same one, as in Python; copy(x) makes a tensor
 *     with elements of its own.
 *   - A call that fails throws talweg::Error with the library's status and message.
 *   - An empty Tensor, Tensor(), stands for C's NULL: a bias that there is not, a gradient
 *     that is zeros.
 *   - What a function has besides its result comes with it, in a struct: auto [q, r] = qr(x).
 *   - Callbacks are callables. An exception that one throws does not pass through the
 *     library: it is kept there, the call fails, and the C++ function that was called throws
 *     it again. Tensors that a callback is given may be kept beyond it.
 */
#ifndef TALWEG_HPP
#define TALWEG_HPP

#include "talweg/base.hpp"
#include "talweg/tensor.hpp"
#include "talweg/iterate.hpp"
#include "talweg/dlpack.hpp"
#include "talweg/ops.hpp"
#include "talweg/callback.hpp"
#include "talweg/attention.hpp"
#include "talweg/arrange.hpp"
#include "talweg/index.hpp"
#include "talweg/search.hpp"
#include "talweg/products.hpp"
#include "talweg/convolution.hpp"
#include "talweg/normalization.hpp"
#include "talweg/recurrent.hpp"
#include "talweg/levenberg_marquardt.hpp"
#include "talweg/linalg.hpp"
#include "talweg/spectral.hpp"
#include "talweg/autodiff.hpp"
#include "talweg/derivatives.hpp"
#include "talweg/custom.hpp"
#include "talweg/inference.hpp"
#include "talweg/lstsq.hpp"
#include "talweg/constrained.hpp"
#include "talweg/total.hpp"
#include "talweg/design.hpp"
#include "talweg/stream.hpp"
#include "talweg/sparse.hpp"
#include "talweg/stochastic.hpp"
#include "talweg/elastic_net.hpp"
#include "talweg/robust.hpp"
#include "talweg/glm.hpp"
#include "talweg/nonlinear.hpp"
#include "talweg/separable.hpp"
#include "talweg/precision.hpp"
#include "talweg/problem.hpp"
#include "talweg/module.hpp"
#include "talweg/conv_layers.hpp"
#include "talweg/norm_layers.hpp"
#include "talweg/initializer.hpp"
#include "talweg/layers.hpp"
#include "talweg/embedding.hpp"
#include "talweg/positions.hpp"
#include "talweg/recurrent_layers.hpp"
#include "talweg/transformer.hpp"
#include "talweg/loss.hpp"
#include "talweg/optimizer.hpp"
#include "talweg/data.hpp"
#include "talweg/train.hpp"
#include "talweg/schedule.hpp"
#include "talweg/average.hpp"
#include "talweg/checkpoint.hpp"
#include "talweg/events.hpp"
#include "talweg/io.hpp"

#endif
