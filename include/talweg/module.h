/**
 * @file module.h
 * Layers and networks.
 *
 * A module has parameters (tensors that require a gradient), buffers (tensors
 * that no gradient changes, such as running statistics), children and a mode
 * (training or evaluation). All are named by path: "0.weight" is parameter
 * "weight" of child "0". A module is shared, not copied, when it is given to
 * another; any order of freeing is safe. A tensor that is a parameter of two
 * modules is tied: it counts, trains and is saved once, under its first path.
 */
#ifndef TALWEG_MODULE_H
#define TALWEG_MODULE_H

#include "autodiff.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tw_module tw_module;

/** How weights start. fan_in and fan_out are the sizes of the layer's input and output. */
typedef enum tw_initializer {
    /** U(-1/sqrt(fan_in), 1/sqrt(fan_in)) for weight and bias: what PyTorch's Linear does. */
    TW_INIT_DEFAULT = 0,
    /** U(-a, a), a = sqrt(6 / fan_in) (He et al., 2015); bias 0. */
    TW_INIT_HE_UNIFORM = 1,
    /** N(0, 2 / fan_in) (He et al., 2015); bias 0. */
    TW_INIT_HE_NORMAL = 2,
    /** U(-a, a), a = sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010); bias 0. */
    TW_INIT_XAVIER_UNIFORM = 3,
    /** N(0, 2 / (fan_in + fan_out)) (Glorot and Bengio, 2010); bias 0. */
    TW_INIT_XAVIER_NORMAL = 4,
    /** U(-scale, scale); bias 0. */
    TW_INIT_UNIFORM = 5,
    /** N(0, scale^2); bias 0. */
    TW_INIT_NORMAL = 6,
    /** All 0. */
    TW_INIT_ZEROS = 7,
    /** U(-a, a), a = sqrt(3 / fan_in) (LeCun et al., "Efficient backprop", 1998); bias 0. */
    TW_INIT_LECUN_UNIFORM = 8,
    /** N(0, 1 / fan_in) (LeCun et al., 1998); bias 0. */
    TW_INIT_LECUN_NORMAL = 9,
    /** gain times a matrix with orthonormal rows or columns, whichever are fewer; axes behind the first count as one
        (Saxe, McClelland and Ganguli, 2014); bias 0. */
    TW_INIT_ORTHOGONAL = 10,
    /** N(mean, scale^2) within bounds: of a layer N(0, scale^2) within 2 scale; bias 0. */
    TW_INIT_TRUNCATED_NORMAL = 11,
    /** All `scale`; bias 0. */
    TW_INIT_CONSTANT = 12,
    /** All 1; bias 0. */
    TW_INIT_ONES = 13,
    /** gain times the identity matrix; bias 0. */
    TW_INIT_EYE = 14,
    /** Of a convolution: each channel goes through unchanged; bias 0. */
    TW_INIT_DIRAC = 15
} tw_initializer;

/** Which size of a layer an initialiser's variance is of. */
typedef enum tw_fan {
    /** its input's: keeps the variance of what goes forward */
    TW_FAN_IN = 0,
    /** its output's: keeps the variance of gradients */
    TW_FAN_OUT = 1,
    /** the mean of both */
    TW_FAN_AVERAGE = 2
} tw_fan;

typedef struct tw_linear_options {
    size_t struct_size;
    bool bias;
    /** TW_FLOAT32 or TW_FLOAT64. */
    tw_dtype dtype;
    tw_initializer initializer;
    /** Of TW_INIT_UNIFORM, TW_INIT_NORMAL, TW_INIT_TRUNCATED_NORMAL and TW_INIT_CONSTANT. */
    double scale;
    /** Where the numbers come from; NULL: the process's generator. */
    tw_generator *generator;
    /** The factor of He's, Xavier's and LeCun's standard deviations, and of orthogonal and identity matrices; 0 is the
        initialiser's own: sqrt(2) for He's, 1 for others. */
    double gain;
    /** Which fan He's and LeCun's take. */
    tw_fan fan;
} tw_linear_options;

#define TW_LINEAR_OPTIONS_INIT \
    {sizeof(tw_linear_options), true, TW_FLOAT32, TW_INIT_DEFAULT, 1.0, NULL, 0.0, TW_FAN_IN}

/** x [.., inputs] -> [.., outputs]; parameters "weight" [outputs, inputs] and "bias" [outputs]. */
tw_status tw_linear_new(int64_t inputs, int64_t outputs, const tw_linear_options *options,
                        tw_module **module) TW_CHECK;
tw_status tw_relu_new(tw_module **module) TW_CHECK;
tw_status tw_tanh_new(tw_module **module) TW_CHECK;
tw_status tw_sigmoid_new(tw_module **module) TW_CHECK;
tw_status tw_gelu_new(tw_module **module) TW_CHECK;
/** Softmax along an axis. Not before tw_cross_entropy_loss, which has its own. */
tw_status tw_softmax_new(int64_t axis, tw_module **module) TW_CHECK;
/** Zeroes each element with probability p, 0 <= p < 1, and scales the others by
    1 / (1 - p), in training mode; passes through in evaluation mode. Its own
    stream of random numbers is that of `seed`. */
tw_status tw_dropout_new(double p, uint64_t seed, tw_module **module) TW_CHECK;
/** One after the other: children "0", "1", ... `count` may be 0. */
tw_status tw_sequential_new(tw_module *const *modules, int64_t count, tw_module **module) TW_CHECK;
/** Adds a child at the end of a sequential. */
tw_status tw_sequential_append(tw_module *sequential, tw_module *child) TW_CHECK;

/**
 * The forward pass of a module made by the caller.
 * @param scope   give it to the functions that make tensors
 * @param input   owned by the scope
 * @param output  the result: a tensor of the scope or any other (which stays
 *                with its owner)
 * @return 0, or non-zero on failure: the call then fails with the scope's
 *         error, or TW_ERROR_CANCELLED if it has none
 */
typedef int (*tw_forward_callback)(void *context, tw_scope *scope, tw_tensor *input, tw_tensor **output);

/** A module whose forward pass is a callback. Parameters and children are
    registered by name. `destroy(context)` is called once, when the module is gone. */
tw_status tw_callback_module_new(tw_forward_callback forward, void *context, void (*destroy)(void *context),
                                 tw_module **module) TW_CHECK;

/** Names a tensor as a parameter; it becomes a leaf that requires a gradient.
    A parameter of that name is replaced. Names are not empty and hold no '.'. */
tw_status tw_module_set_parameter(tw_module *module, const char *name, tw_tensor *parameter) TW_CHECK;
/** Names a child. One of that name is replaced. TW_ERROR_STATE if that made a cycle. */
tw_status tw_module_set_child(tw_module *module, const char *name, tw_module *child) TW_CHECK;
/** Names a tensor as a buffer, which requires no gradient. A buffer of that name is replaced.
    @param persistent  whether it is part of the module's state, which files hold */
tw_status tw_module_set_buffer(tw_module *module, const char *name, tw_tensor *buffer, bool persistent) TW_CHECK;
/** Removes the parameter, buffer or child of that name. TW_ERROR_INDEX if there is none. */
tw_status tw_module_remove(tw_module *module, const char *name) TW_CHECK;

/** Frees a handle on a module. NULL is accepted. */
void tw_module_free(tw_module *module);

/** module(x) */
tw_tensor *tw_module_forward(tw_scope *scope, tw_module *module, const tw_tensor *x);

/**
 * A module of several inputs or outputs; of one input and one output it is tw_module_forward.
 * @param inputs   NULL for an input that is left out, where the module allows it
 * @param outputs  room for output_count, at most 64; places beyond what the module gives become NULL
 * @return TW_ERROR_INVALID_ARGUMENT for a number of inputs that the module does not take
 */
tw_status tw_module_call(tw_scope *scope, tw_module *module, const tw_tensor *const *inputs, int64_t input_count,
                         tw_tensor **outputs, int64_t output_count) TW_CHECK;

/** Sets training (true) or evaluation mode here and below. New modules train. */
tw_status tw_module_set_training(tw_module *module, bool training) TW_CHECK;
tw_status tw_module_is_training(const tw_module *module, bool *training) TW_CHECK;

/** How many parameter tensors there are here and below. One that is reached by
    several paths counts once, under its first. */
tw_status tw_module_parameter_count(const tw_module *module, int64_t *count) TW_CHECK;
/** How many numbers the parameters hold that require a gradient. */
tw_status tw_module_trainable_size(const tw_module *module, int64_t *size) TW_CHECK;
/** How many numbers the parameters hold. */
tw_status tw_module_parameter_size(const tw_module *module, int64_t *size) TW_CHECK;
/** Parameter number `index`, in order of path: own ones first, in the order they
    were set, then the children's. The tensor itself, not a copy. */
tw_tensor *tw_module_parameter(tw_scope *scope, const tw_module *module, int64_t index);
/** The parameter at a path such as "0.weight". TW_ERROR_INDEX if there is none. */
tw_tensor *tw_module_parameter_named(tw_scope *scope, const tw_module *module, const char *path);
/** The path of parameter number `index`, as tw_tensor_to_string writes text. */
tw_status tw_module_parameter_name(const tw_module *module, int64_t index, char *text, size_t capacity,
                                   size_t *needed) TW_CHECK;
/** How many buffers there are here and below; one that is reached by several paths counts once. */
tw_status tw_module_buffer_count(const tw_module *module, int64_t *count) TW_CHECK;
/** Buffer number `index`, in the order of parameters. The tensor itself, not a copy. */
tw_tensor *tw_module_buffer(tw_scope *scope, const tw_module *module, int64_t index);
/** The buffer at a path such as "1.running_mean". TW_ERROR_INDEX if there is none. */
tw_tensor *tw_module_buffer_named(tw_scope *scope, const tw_module *module, const char *path);
/** The path of buffer number `index`, as tw_tensor_to_string writes text. */
tw_status tw_module_buffer_name(const tw_module *module, int64_t index, char *text, size_t capacity,
                                size_t *needed) TW_CHECK;

/** How many children there are right below. */
tw_status tw_module_child_count(const tw_module *module, int64_t *count) TW_CHECK;
/** The name of child number `index`, as tw_tensor_to_string writes text. */
tw_status tw_module_child_name(const tw_module *module, int64_t index, char *text, size_t capacity,
                               size_t *needed) TW_CHECK;
/** A handle on the module at a path such as "encoder.0", to free with
    tw_module_free; the module itself at "". TW_ERROR_INDEX if there is none. */
tw_status tw_module_at(const tw_module *module, const char *path, tw_module **found) TW_CHECK;
/** What kind of module it is ("Linear"), as tw_tensor_to_string writes text. */
tw_status tw_module_type_name(const tw_module *module, char *text, size_t capacity, size_t *needed) TW_CHECK;

/** Sees one module. Non-zero ends the walk: tw_module_apply returns TW_ERROR_CANCELLED. */
typedef int (*tw_module_visit)(void *context, const char *path, tw_module *module);

/** Calls a function on the module and all below, each once, children before their parents; the handles are the
    walk's own and are not to be freed. */
tw_status tw_module_apply(tw_module *module, tw_module_visit visit, void *context) TW_CHECK;

/**
 * Freezes the parameters whose path matches a pattern, or (`frozen` false) lets them train again. In the pattern
 * '*' stands for any characters, '.' among them, and '?' for one: "encoder.*", "*.bias", "*". A frozen parameter
 * requires no gradient; an optimizer that holds it leaves it as it is.
 * @param count  how many parameters match; may be NULL
 */
tw_status tw_module_freeze(tw_module *module, const char *pattern, bool frozen, int64_t *count) TW_CHECK;

/** Clears the gradients of all parameters. */
tw_status tw_module_zero_grad(tw_module *module) TW_CHECK;

/** A table of the modules below with the shapes of their parameters and buffers
    and their counts, as tw_tensor_to_string writes text. */
tw_status tw_module_to_string(const tw_module *module, char *text, size_t capacity, size_t *needed) TW_CHECK;

/** Writes all parameters and persistent buffers to a safetensors file, by path. The file is replaced
    atomically: it is the old one or the whole new one. */
tw_status tw_module_save(const tw_module *module, const char *path) TW_CHECK;
/** Reads all parameters and persistent buffers from a safetensors file. Names, shapes and dtypes must
    agree: TW_ERROR_INVALID_ARGUMENT names those that are missing or too many,
    TW_ERROR_SHAPE and TW_ERROR_DTYPE the first that differs. On failure the
    module is unchanged. */
tw_status tw_module_load(tw_module *module, const char *path) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
