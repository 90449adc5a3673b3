/**
 * @file autodiff.h
 * Gradients by the tape.
 *
 * Operations on tensors that require a gradient are recorded; tw_backward
 * walks the record backwards and adds the gradient of each leaf to what the
 * leaf holds already, until tw_tensor_zero_grad. tw_grad gives gradients as
 * new tensors and leaves the leaves alone.
 */
#ifndef TALWEG_AUTODIFF_H
#define TALWEG_AUTODIFF_H

#include "ops.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Makes a tensor a leaf whose gradient is wanted, or no longer. Floating dtypes.
 * @return TW_ERROR_STATE for the result of a recorded operation: use tw_detach.
 */
tw_status tw_tensor_set_requires_grad(tw_tensor *tensor, bool required) TW_CHECK;

/** Whether operations on the tensor are recorded. */
tw_status tw_tensor_requires_grad(const tw_tensor *tensor, bool *required) TW_CHECK;

/** Whether the tensor is no result of a recorded operation. */
tw_status tw_tensor_is_leaf(const tw_tensor *tensor, bool *leaf) TW_CHECK;

/** The gradient that a leaf has gathered. If there is none: NULL, which is no
    error, so test with tw_tensor_has_grad. */
tw_tensor *tw_tensor_grad(tw_scope *scope, const tw_tensor *tensor);

/** Whether a leaf has gathered a gradient. */
tw_status tw_tensor_has_grad(const tw_tensor *tensor, bool *present) TW_CHECK;

/** Sets a leaf's gradient (same shape and dtype); NULL clears it. */
tw_status tw_tensor_set_grad(tw_tensor *tensor, const tw_tensor *gradient) TW_CHECK;

/** Clears a leaf's gradient. */
tw_status tw_tensor_zero_grad(tw_tensor *tensor) TW_CHECK;

/** The same elements without the tape. */
tw_tensor *tw_detach(tw_scope *scope, const tw_tensor *tensor);

/** Options of tw_backward_with and tw_grad. */
typedef struct tw_grad_options {
    size_t struct_size;
    /** The gradient of the output, of its shape; NULL: ones, for an output of one element. */
    const tw_tensor *gradient;
    /** Keep what the record saved, so that it can be walked again. Implied by create_graph. */
    bool retain_graph;
    /** Record the gradients' own computation, for second derivatives. */
    bool create_graph;
    /** tw_grad: give zeros for inputs that the output does not depend on, not an error. */
    bool allow_unused;
} tw_grad_options;

#define TW_GRAD_OPTIONS_INIT {sizeof(tw_grad_options), NULL, false, false, false}

/**
 * Adds to every leaf the gradient of `output`, one element, by that leaf. What
 * the record saved is released.
 * @param scope  its first error, if it has one, is returned and nothing is done;
 *               a failure is its error. May be NULL.
 */
tw_status tw_backward(tw_scope *scope, const tw_tensor *output) TW_CHECK;

/** tw_backward with options. */
tw_status tw_backward_with(tw_scope *scope, const tw_tensor *output, const tw_grad_options *options) TW_CHECK;

/**
 * The gradient of `output` by each of `count` `inputs` (leaves or results),
 * written to `gradients`, which the scope owns (the caller, if it is NULL).
 */
tw_status tw_grad(tw_scope *scope, const tw_tensor *output, const tw_tensor *const *inputs, int64_t count,
                  const tw_grad_options *options, tw_tensor **gradients) TW_CHECK;

/** Switches recording on or off for this thread; gives what it was. It is on at
    the start of every thread. */
bool tw_set_grad_enabled(bool enabled);

/** Whether this thread records. */
bool tw_grad_enabled(void);

#ifdef __cplusplus
}
#endif

#endif
