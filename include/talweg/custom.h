/**
 * @file custom.h
 * Functions of the caller's inside the tape: custom operations, checkpointing,
 * hooks on gradients; a gradient checker; and anomaly mode.
 *
 * Callbacks get a scope for what they make, and its first error is theirs; 0 means
 * success, anything else ends the call with TW_ERROR_CANCELLED. What they write to
 * their results are live tensors, of that scope or not. They run on the thread of
 * the call that needs them. `destroy(context)`, if not NULL, is called once when
 * nothing needs the context any more; if the call that took it fails, never.
 */
#ifndef TALWEG_CUSTOM_H
#define TALWEG_CUSTOM_H

#include "derivatives.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A function of tensors. Places of `outputs` are NULL before; those that it
    leaves NULL, at the end alone, are no outputs. */
typedef int (*tw_tensor_function)(void *context, tw_scope *scope, const tw_tensor *const *inputs,
                                  int64_t input_count, tw_tensor **outputs, int64_t output_count);

/* ---- Custom operations --------------------------------------------------- */

/** What a custom operation's backward pass is given; it lives for the call. */
typedef struct tw_custom_pass {
    const tw_tensor *const *inputs;
    int64_t input_count;
    const tw_tensor *const *outputs;
    int64_t output_count;
    /** The gradients of the outputs; NULL for one that nothing depends on. Of
        `tangent`: the tangents of the inputs, NULL for one that does not move. */
    const tw_tensor *const *gradients;
    /** For each input whether its gradient is of use. */
    const bool *wanted;
} tw_custom_pass;

/** Writes the gradients of the inputs (of `tangent`: the tangents of the
    outputs), of their shapes and dtypes; one left NULL is zeros. */
typedef int (*tw_custom_function)(void *context, tw_scope *scope, const tw_custom_pass *pass, tw_tensor **results,
                                  int64_t result_count);

typedef struct tw_custom_operation {
    size_t struct_size;
    /** For messages; copied. */
    const char *name;
    /** The outputs. It is not recorded. */
    tw_tensor_function forward;
    /** The gradients. Made of the library's operations, they have derivatives in turn. */
    tw_custom_function backward;
    /** For forward mode; NULL: by transposing `backward`, which must then be made
        of the library's operations. */
    tw_custom_function tangent;
    void *context;
    /** Once for each successful tw_custom_apply. */
    void (*destroy)(void *context);
} tw_custom_operation;

#define TW_CUSTOM_OPERATION_INIT {sizeof(tw_custom_operation), NULL, NULL, NULL, NULL, NULL, NULL}

/**
 * The outputs of a custom operation. It keeps its inputs and outputs for the
 * backward pass.
 * @param outputs  room for output_count; places that `forward` left NULL become NULL
 */
tw_status tw_custom_apply(tw_scope *scope, const tw_custom_operation *operation, const tw_tensor *const *inputs,
                          int64_t input_count, tw_tensor **outputs, int64_t output_count) TW_CHECK;

/* ---- Checkpointing ------------------------------------------------------- */

/**
 * The outputs of a function whose operations save nothing for the gradient:
 * each backward pass that comes to them runs the function again. It must do the
 * same operations each time; random numbers of the shared generator are the same
 * the second time. Inputs must not be changed in place meanwhile. Tensors that the
 * function reaches in other ways, such as parameters, get their gradients too.
 * (Chen, Xu, Zhang and Guestrin, "Training deep nets with sublinear memory cost", 2016.)
 * @param outputs  room for output_count; places that it left NULL become NULL
 */
tw_status tw_checkpoint(tw_scope *scope, tw_tensor_function function, void *context, void (*destroy)(void *context),
                        const tw_tensor *const *inputs, int64_t input_count, tw_tensor **outputs,
                        int64_t output_count) TW_CHECK;

/* ---- Hooks --------------------------------------------------------------- */

/** Sees a gradient; may write another of its shape and dtype to *replacement, which is NULL before. */
typedef int (*tw_gradient_hook)(void *context, tw_scope *scope, const tw_tensor *gradient, tw_tensor **replacement);

/**
 * Has a hook called with a tensor's gradient whenever a backward pass has all of
 * it: before a leaf gathers it, and before it goes on. Hooks run in the order in
 * which they were added and live as long as the tensor's place on the tape.
 * @param number  for tw_tensor_remove_hook; may be NULL
 * @return TW_ERROR_STATE if the tensor requires no gradient.
 */
tw_status tw_tensor_add_hook(tw_tensor *tensor, tw_gradient_hook hook, void *context, void (*destroy)(void *context),
                             uint64_t *number) TW_CHECK;
/** Removes a hook; one that is gone already is no error. */
tw_status tw_tensor_remove_hook(tw_tensor *tensor, uint64_t number) TW_CHECK;

/* ---- Anomaly mode -------------------------------------------------------- */

/** Switches anomaly mode on or off for this thread; gives what it was. While it
    is on, an operation whose result has a NaN though no input has, and one whose
    backward pass makes a NaN of gradients without, fail with TW_ERROR_NUMERIC and
    its name. Every result is searched: for debugging. */
bool tw_set_anomaly_mode(bool enabled);
/** Whether anomaly mode is on for this thread. */
bool tw_anomaly_mode(void);

/* ---- The gradient checker ------------------------------------------------ */

typedef struct tw_gradient_check_options {
    size_t struct_size;
    /** The step of the central differences. */
    double step;
    /** A derivative d and its difference quotient q agree if |d - q| <= absolute + relative |q|. */
    double absolute;
    double relative;
    /** Compare second derivatives too, along one direction. */
    bool second_order;
    /** Compare forward mode too, along one direction. */
    bool forward_mode;
} tw_gradient_check_options;

#define TW_GRADIENT_CHECK_OPTIONS_INIT {sizeof(tw_gradient_check_options), 1e-4, 1e-6, 1e-5, false, true}

typedef enum tw_derivative_kind {
    TW_DERIVATIVE_GRADIENT = 0,
    TW_DERIVATIVE_TANGENT = 1,
    TW_DERIVATIVE_SECOND = 2
} tw_derivative_kind;

/** What a check found; the worst derivative is described. */
typedef struct tw_gradient_check {
    size_t struct_size;
    bool passed;
    /** How many derivatives were compared. */
    int64_t compared;
    tw_derivative_kind kind;
    /** The input and its element; of a tangent: the output and its element. */
    int64_t input;
    int64_t element;
    double derivative;
    double difference;
    /** The error by what is allowed: above 1 it fails. */
    double excess;
} tw_gradient_check;

#define TW_GRADIENT_CHECK_INIT \
    {sizeof(tw_gradient_check), false, 0, TW_DERIVATIVE_GRADIENT, 0, 0, 0.0, 0.0, 0.0}

/**
 * Compares the gradients of a function with central differences, extrapolated
 * from two steps (Richardson).
 * @param inputs        float64; not changed
 * @param output_count  how many outputs the function has, at most 64
 * @return TW_OK also if derivatives disagree: see check->passed.
 */
tw_status tw_check_gradients(tw_tensor_function function, void *context, const tw_tensor *const *inputs,
                             int64_t input_count, int64_t output_count, const tw_gradient_check_options *options,
                             tw_gradient_check *check) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
