/**
 * @file derivatives.h
 * Whole derivatives: products with the Jacobian from either side, Jacobians,
 * Hessians, products with the Hessian.
 *
 * All start from results that were recorded, and keep what was recorded, so that
 * more can follow. A derivative by an input that a result does not depend on is 0.
 * Inputs are leaves that require a gradient, or results of recorded operations,
 * else TW_ERROR_STATE. Results belong to the scope, or to the caller if it is NULL.
 */
#ifndef TALWEG_DERIVATIVES_H
#define TALWEG_DERIVATIVES_H

#include "autodiff.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Which way the record is walked. */
typedef enum tw_differentiation_mode {
    /** Forward if the inputs have fewer elements than the output, else reverse. */
    TW_MODE_AUTOMATIC = 0,
    /** One walk from the output for each of its elements. */
    TW_MODE_REVERSE = 1,
    /** One walk from the inputs for each of their elements. */
    TW_MODE_FORWARD = 2
} tw_differentiation_mode;

typedef struct tw_derivative_options {
    size_t struct_size;
    /** tw_jacobian: how. */
    tw_differentiation_mode mode;
    /** Record the derivatives' own computation, for further derivatives. */
    bool create_graph;
} tw_derivative_options;

#define TW_DERIVATIVE_OPTIONS_INIT {sizeof(tw_derivative_options), TW_MODE_AUTOMATIC, false}

/**
 * Cotangents times the Jacobian: the gradients of the inputs that gradients of
 * several outputs make together (reverse mode).
 * @param cotangents  output_count, each of its output's shape and dtype
 * @param gradients   room for input_count
 */
tw_status tw_vjp(tw_scope *scope, const tw_tensor *const *outputs, int64_t output_count,
                 const tw_tensor *const *inputs, int64_t input_count, const tw_tensor *const *cotangents,
                 const tw_derivative_options *options, tw_tensor **gradients) TW_CHECK;

/**
 * The Jacobian times tangents: how the outputs move when the inputs move along
 * the tangents (forward mode; Griewank and Walther, "Evaluating Derivatives",
 * section 3.1). One walk, whatever the number of elements.
 * @param directions  input_count, each of its input's shape and dtype
 * @param tangents    room for output_count
 */
tw_status tw_jvp(tw_scope *scope, const tw_tensor *const *outputs, int64_t output_count,
                 const tw_tensor *const *inputs, int64_t input_count, const tw_tensor *const *directions,
                 const tw_derivative_options *options, tw_tensor **tangents) TW_CHECK;

/**
 * The derivatives of the output's elements by those of each input, of shape
 * [output's shape, input's shape], which may have TW_MAX_RANK axes at most. The
 * gradient of each sample's loss by the parameters is the Jacobian of the losses [n].
 * @param jacobians  room for count
 */
tw_status tw_jacobian(tw_scope *scope, const tw_tensor *output, const tw_tensor *const *inputs, int64_t count,
                      const tw_derivative_options *options, tw_tensor **jacobians) TW_CHECK;

/**
 * The second derivatives of the output, of one element, by each pair of inputs,
 * of shape [input i's shape, input j's shape].
 * @param hessians  room for count * count: that of inputs i and j is number i * count + j
 */
tw_status tw_hessian(tw_scope *scope, const tw_tensor *output, const tw_tensor *const *inputs, int64_t count,
                     const tw_derivative_options *options, tw_tensor **hessians) TW_CHECK;

/**
 * The Hessian of the output, of one element, times vectors, without the Hessian
 * (Pearlmutter, Neural Computation 6, 1994).
 * @param vectors   count, each of its input's shape and dtype
 * @param products  room for count
 */
tw_status tw_hvp(tw_scope *scope, const tw_tensor *output, const tw_tensor *const *inputs, int64_t count,
                 const tw_tensor *const *vectors, const tw_derivative_options *options,
                 tw_tensor **products) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
