/**
 * @file optimizer.h
 * Optimizers: they hold parameters, in groups with options of their own, and change them by their gradients.
 * Group 0 is there from the start, with the options that the optimizer was made with.
 */
#ifndef TALWEG_OPTIMIZER_H
#define TALWEG_OPTIMIZER_H

#include "module.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tw_optimizer tw_optimizer;

typedef struct tw_sgd_options {
    size_t struct_size;
    double learning_rate;
    /** 0 <= momentum < 1 (Polyak, 1964): v = momentum v + g, p -= lr v. */
    double momentum;
    /** Look ahead (Nesterov, 1983; as in Sutskever et al., 2013): p -= lr (g + momentum v). Needs momentum. */
    bool nesterov;
    /** Adds weight_decay p to the gradient. */
    double weight_decay;
    /** Gradients whose norm, all together, is above this are scaled down to it in the step (Pascanu, Mikolov and
        Bengio, 2013); 0: never. A step with a norm that is not finite is TW_ERROR_NUMERIC and changes nothing. */
    double max_norm;
    /** At all steps but a parameter's first: v = momentum v + (1 - dampening) g; 0 to 1, and 0 with nesterov. */
    double dampening;
    /** Weight decay shrinks the parameter, p -= lr weight_decay p, apart from the gradient, instead of joining it. */
    bool decoupled;
    /** Adds l1 sign(p) to the gradient. */
    double l1;
    /** Steps go up the gradient. */
    bool maximize;
    /** In a step no element of a gradient goes beyond -max_value and max_value, after max_norm; 0: any. A NaN in a
        gradient is then TW_ERROR_NUMERIC and changes nothing. */
    double max_value;
} tw_sgd_options;

#define TW_SGD_OPTIONS_INIT {sizeof(tw_sgd_options), 0.01, 0.0, false, 0.0, 0.0, 0.0, false, 0.0, false, 0.0}

typedef struct tw_rmsprop_options {
    size_t struct_size;
    double learning_rate;
    /** Smoothing of the squared gradients. */
    double alpha;
    double epsilon;
    double momentum;
    /** Adds weight_decay p to the gradient. */
    double weight_decay;
    /** See tw_sgd_options. */
    double max_norm;
    /** Divides by the smoothed standard deviation of the gradients (Graves, 2013). */
    bool centered;
    /** See tw_sgd_options. */
    bool decoupled;
    double l1;
    bool maximize;
    double max_value;
} tw_rmsprop_options;

#define TW_RMSPROP_OPTIONS_INIT \
    {sizeof(tw_rmsprop_options), 0.01, 0.99, 1e-8, 0.0, 0.0, 0.0, false, false, 0.0, false, 0.0}

/** Of Adam and its kin; each heeds what its formula has. */
typedef struct tw_adam_options {
    size_t struct_size;
    double learning_rate;
    double beta1;
    double beta2;
    double epsilon;
    /** Adds weight_decay p to the gradient; decoupled, and always in AdamW and Lion, p -= lr weight_decay p apart
        from it; in LAMB it joins the update. */
    double weight_decay;
    /** See tw_sgd_options. */
    double max_norm;
    /** The greatest second moment so far stands for it (Reddi, Kale and Kumar, 2018): Adam and AdamW. */
    bool amsgrad;
    /** See tw_sgd_options. */
    bool decoupled;
    double l1;
    bool maximize;
    double max_value;
    /** Of NAdam's momentum, beta1 (1 - 0.96^(t momentum_decay) / 2). */
    double momentum_decay;
} tw_adam_options;

#define TW_ADAM_OPTIONS_INIT \
    {sizeof(tw_adam_options), 1e-3, 0.9, 0.999, 1e-8, 0.0, 0.0, false, false, 0.0, false, 0.0, 4e-3}
#define TW_ADAMW_OPTIONS_INIT \
    {sizeof(tw_adam_options), 1e-3, 0.9, 0.999, 1e-8, 1e-2, 0.0, false, true, 0.0, false, 0.0, 4e-3}
#define TW_NADAM_OPTIONS_INIT \
    {sizeof(tw_adam_options), 2e-3, 0.9, 0.999, 1e-8, 0.0, 0.0, false, false, 0.0, false, 0.0, 4e-3}
#define TW_RADAM_OPTIONS_INIT TW_ADAM_OPTIONS_INIT
#define TW_ADAMAX_OPTIONS_INIT TW_NADAM_OPTIONS_INIT
#define TW_LAMB_OPTIONS_INIT \
    {sizeof(tw_adam_options), 1e-3, 0.9, 0.999, 1e-6, 0.0, 0.0, false, false, 0.0, false, 0.0, 4e-3}
#define TW_LION_OPTIONS_INIT \
    {sizeof(tw_adam_options), 1e-4, 0.9, 0.99, 1e-8, 0.0, 0.0, false, true, 0.0, false, 0.0, 4e-3}

typedef struct tw_adagrad_options {
    size_t struct_size;
    double learning_rate;
    /** At step t the rate is learning_rate / (1 + (t - 1) learning_rate_decay). */
    double learning_rate_decay;
    /** What the sums of squares start at. */
    double initial_accumulator;
    double epsilon;
    double weight_decay;
    /** See tw_sgd_options. */
    double max_norm;
    bool decoupled;
    double l1;
    bool maximize;
    double max_value;
} tw_adagrad_options;

#define TW_ADAGRAD_OPTIONS_INIT {sizeof(tw_adagrad_options), 0.01, 0.0, 0.0, 1e-10, 0.0, 0.0, false, 0.0, false, 0.0}

typedef struct tw_adadelta_options {
    size_t struct_size;
    double learning_rate;
    /** Smoothing of the squares of gradients and steps. */
    double rho;
    double epsilon;
    double weight_decay;
    /** See tw_sgd_options. */
    double max_norm;
    bool decoupled;
    double l1;
    bool maximize;
    double max_value;
} tw_adadelta_options;

#define TW_ADADELTA_OPTIONS_INIT {sizeof(tw_adadelta_options), 1.0, 0.9, 1e-6, 0.0, 0.0, false, 0.0, false, 0.0}

typedef struct tw_adafactor_options {
    size_t struct_size;
    /** The most that the relative step 1 / sqrt(t) may be. */
    double learning_rate;
    /** At step t the moments keep 1 - t^beta2_decay; 0 or less. */
    double beta2_decay;
    /** The least root of a second moment; 0: the dtype's rounding unit. */
    double epsilon1;
    /** The least root mean square of the parameter that steps are relative to. */
    double epsilon2;
    /** The root mean square that an update does not go beyond. */
    double clipping_threshold;
    double weight_decay;
    /** See tw_sgd_options; decoupled is true. */
    double max_norm;
    bool decoupled;
    double l1;
    bool maximize;
    double max_value;
} tw_adafactor_options;

#define TW_ADAFACTOR_OPTIONS_INIT \
    {sizeof(tw_adafactor_options), 1e-2, -0.8, 0.0, 1e-3, 1.0, 0.0, 0.0, true, 0.0, false, 0.0}

/** What the rate of a matrix [rows, columns] is multiplied by. */
typedef enum tw_muon_rate {
    /** sqrt(max(1, rows / columns)) */
    TW_MUON_RATE_ORIGINAL = 0,
    /** 0.2 sqrt(max(rows, columns)): steps as large as AdamW's (Liu et al., 2025) */
    TW_MUON_RATE_MATCH_ADAMW = 1,
    /** 1 */
    TW_MUON_RATE_PLAIN = 2
} tw_muon_rate;

typedef struct tw_muon_options {
    size_t struct_size;
    double learning_rate;
    double weight_decay;
    double momentum;
    bool nesterov;
    /** Newton-Schulz steps, 1 to 100, and their coefficients a, b and c in X = a X + (b + c X X^T) X X^T X. */
    int64_t iterations;
    double coefficients[3];
    /** The least norm that a matrix is divided by. */
    double epsilon1;
    tw_muon_rate rate_adjustment;
    /** Of AdamW, for parameters that are no matrices. */
    double beta1;
    double beta2;
    double epsilon;
    /** See tw_sgd_options; decoupled is true. */
    double max_norm;
    bool decoupled;
    double l1;
    bool maximize;
    double max_value;
} tw_muon_options;

#define TW_MUON_OPTIONS_INIT                                                                                        \
    {sizeof(tw_muon_options), 1e-3, 0.1, 0.95, true, 5, {3.4445, -4.7750, 2.0315}, 1e-7, TW_MUON_RATE_ORIGINAL, 0.9, \
     0.999, 1e-8, 0.0, true, 0.0, false, 0.0}

/* Each starts without parameters: give it some with tw_optimizer_add. NULL
   options are the defaults. Rates, decays and smoothings outside their ranges
   or not finite are TW_ERROR_INVALID_ARGUMENT. */

/** Stochastic gradient descent. */
tw_status tw_sgd_new(const tw_sgd_options *options, tw_optimizer **optimizer) TW_CHECK;
/** RMSProp (Tieleman and Hinton, 2012), epsilon outside the root. */
tw_status tw_rmsprop_new(const tw_rmsprop_options *options, tw_optimizer **optimizer) TW_CHECK;
/** Adam (Kingma and Ba, 2015). */
tw_status tw_adam_new(const tw_adam_options *options, tw_optimizer **optimizer) TW_CHECK;
/** AdamW (Loshchilov and Hutter, 2019). NULL options: weight_decay 0.01. `decoupled` is taken for set. */
tw_status tw_adamw_new(const tw_adam_options *options, tw_optimizer **optimizer) TW_CHECK;
/** NAdam (Dozat, 2016). NULL options: learning_rate 0.002. */
tw_status tw_nadam_new(const tw_adam_options *options, tw_optimizer **optimizer) TW_CHECK;
/** RAdam (Liu et al., 2020). */
tw_status tw_radam_new(const tw_adam_options *options, tw_optimizer **optimizer) TW_CHECK;
/** Adamax (Kingma and Ba, 2015, section 7.1). NULL options: learning_rate 0.002. */
tw_status tw_adamax_new(const tw_adam_options *options, tw_optimizer **optimizer) TW_CHECK;
/** Lion (Chen et al., 2023). NULL options: learning_rate 0.0001, beta2 0.99. `decoupled` is taken for set. */
tw_status tw_lion_new(const tw_adam_options *options, tw_optimizer **optimizer) TW_CHECK;
/** LAMB (You et al., 2020). NULL options: epsilon 1e-6. */
tw_status tw_lamb_new(const tw_adam_options *options, tw_optimizer **optimizer) TW_CHECK;
/** Adagrad (Duchi, Hazan and Singer, 2011). */
tw_status tw_adagrad_new(const tw_adagrad_options *options, tw_optimizer **optimizer) TW_CHECK;
/** Adadelta (Zeiler, 2012). */
tw_status tw_adadelta_new(const tw_adadelta_options *options, tw_optimizer **optimizer) TW_CHECK;
/** Adafactor (Shazeer and Stern, 2018), which keeps of a matrix [rows, columns] rows + columns numbers. */
tw_status tw_adafactor_new(const tw_adafactor_options *options, tw_optimizer **optimizer) TW_CHECK;
/** Muon (Jordan et al., 2024): steps of matrices are orthogonalised; other parameters, and all of a group whose
    TW_OPTION_ORTHOGONAL is 0, are AdamW's. */
tw_status tw_muon_new(const tw_muon_options *options, tw_optimizer **optimizer) TW_CHECK;

typedef struct tw_lbfgs_options {
    size_t struct_size;
    /** The first trial step of each line search, in units of the method's own. */
    double learning_rate;
    /** Of a step. */
    int64_t max_iterations;
    /** Of the loss in a step; 0: a quarter more than iterations. */
    int64_t max_evaluations;
    /** A step ends when no element of the gradient is larger, */
    double gradient_tolerance;
    /** or when an iteration changes the loss, or each parameter, by less than this. */
    double change_tolerance;
    /** How many changes of the parameters and the gradient are remembered. */
    int64_t history_size;
} tw_lbfgs_options;

#define TW_LBFGS_OPTIONS_INIT {sizeof(tw_lbfgs_options), 1.0, 20, 0, 1e-7, 1e-9, 100}

/**
 * L-BFGS (Liu and Nocedal, 1989) with a line search for the strong Wolfe conditions (Nocedal and Wright, algorithms 3.5
 * and 3.6), in float64 inside. A step is many iterations, and evaluates the loss as often as they need:
 * tw_optimizer_step_with makes it. For losses that do not change between evaluations, of whole batches; one group.
 */
tw_status tw_lbfgs_new(const tw_lbfgs_options *options, tw_optimizer **optimizer) TW_CHECK;

/** Frees an optimizer. NULL is accepted. */
void tw_optimizer_free(tw_optimizer *optimizer);

/* ---- Parameters and groups ---- */

/** Options of a group by number. Flags are 0 or 1. Which of them an optimizer has, and their ranges, are those of
    its struct. */
typedef enum tw_optimizer_option {
    TW_OPTION_LEARNING_RATE = 0,
    TW_OPTION_WEIGHT_DECAY = 1,
    TW_OPTION_DECOUPLED = 2,
    TW_OPTION_L1 = 3,
    TW_OPTION_MAXIMIZE = 4,
    TW_OPTION_MOMENTUM = 5,
    TW_OPTION_DAMPENING = 6,
    TW_OPTION_NESTEROV = 7,
    TW_OPTION_BETA1 = 8,
    TW_OPTION_BETA2 = 9,
    TW_OPTION_EPSILON = 10,
    TW_OPTION_ALPHA = 11,
    TW_OPTION_CENTERED = 12,
    TW_OPTION_AMSGRAD = 13,
    TW_OPTION_LEARNING_RATE_DECAY = 14,
    TW_OPTION_INITIAL_ACCUMULATOR = 15,
    TW_OPTION_RHO = 16,
    TW_OPTION_MOMENTUM_DECAY = 17,
    TW_OPTION_BETA2_DECAY = 18,
    TW_OPTION_EPSILON1 = 19,
    TW_OPTION_EPSILON2 = 20,
    TW_OPTION_CLIPPING_THRESHOLD = 21,
    TW_OPTION_ORTHOGONAL = 22,
    TW_OPTION_ITERATIONS = 23,
    TW_OPTION_COEFFICIENT_A = 24,
    TW_OPTION_COEFFICIENT_B = 25,
    TW_OPTION_COEFFICIENT_C = 26,
    TW_OPTION_RATE_ADJUSTMENT = 27
} tw_optimizer_option;

/** Options of a new group that differ from those that the optimizer was made with. */
typedef struct tw_group_options {
    size_t struct_size;
    /** `count` options and their values; NULL if there are none. */
    const tw_optimizer_option *options;
    const double *values;
    int64_t count;
} tw_group_options;

#define TW_GROUP_OPTIONS_INIT {sizeof(tw_group_options), NULL, NULL, 0}

/** Adds a leaf that requires a gradient to group 0. One that is there already is left alone. */
tw_status tw_optimizer_add(tw_optimizer *optimizer, tw_tensor *parameter) TW_CHECK;
/** Adds all parameters of a module, here and below, that require a gradient, to group 0:
    frozen ones are left out. */
tw_status tw_optimizer_add_module(tw_optimizer *optimizer, const tw_module *module) TW_CHECK;
/**
 * Adds a group of `count` leaves that require gradients, with options of its own. The first takes the place of
 * group 0 if that is empty.
 * @param options  NULL: those that the optimizer was made with
 * @return TW_ERROR_STATE, with nothing added, for a parameter that is in a group already or comes twice,
 *         TW_ERROR_INVALID_ARGUMENT for an option that the optimizer has not or a value out of range
 */
tw_status tw_optimizer_add_group(tw_optimizer *optimizer, tw_tensor *const *parameters, int64_t count,
                                 const tw_group_options *options) TW_CHECK;
/** How many groups there are, group 0 among them. */
tw_status tw_optimizer_groups(const tw_optimizer *optimizer, int64_t *count) TW_CHECK;
/** An option of a group. TW_ERROR_INVALID_ARGUMENT for one that the optimizer has not. */
tw_status tw_optimizer_option_value(const tw_optimizer *optimizer, int64_t group, tw_optimizer_option option,
                                    double *value) TW_CHECK;
/** Sets an option of a group, of all for group -1, from the next step on; on failure none is changed. */
tw_status tw_optimizer_set_option(tw_optimizer *optimizer, int64_t group, tw_optimizer_option option,
                                  double value) TW_CHECK;

/** The learning rate of group 0. */
tw_status tw_optimizer_learning_rate(const tw_optimizer *optimizer, double *learning_rate) TW_CHECK;
/** Sets that of all groups. */
tw_status tw_optimizer_set_learning_rate(tw_optimizer *optimizer, double learning_rate) TW_CHECK;

/* ---- Steps ---- */

/** Clears the gradients of its parameters; nothing in the midst of an accumulation. */
tw_status tw_optimizer_zero_grad(tw_optimizer *optimizer) TW_CHECK;
/** Changes each parameter that has a gradient: all of them, or on failure none. */
tw_status tw_optimizer_step(tw_optimizer *optimizer) TW_CHECK;
/**
 * Clears the gradients, evaluates the loss in `scope`, which is cleared afterwards, writes it to `loss` and makes its
 * gradients (tw_backward). Non-zero cancels the step.
 */
typedef int (*tw_loss_closure)(void *context, tw_scope *scope, double *loss);
/**
 * A step of an optimizer by a function that evaluates the loss: once, or, of L-BFGS, as often as it needs.
 * @param loss  what it gave first; may be NULL
 * @return TW_ERROR_CANCELLED where the function returned non-zero; TW_ERROR_NUMERIC if L-BFGS begins at a loss or
 *         gradient that is not finite. After a failure the parameters are what they were.
 */
tw_status tw_optimizer_step_with(tw_optimizer *optimizer, tw_loss_closure closure, void *context,
                                 double *loss) TW_CHECK;
/** From now on makes one step of every `calls` calls of tw_optimizer_step, by the mean of the gradients that
    gathered meanwhile. tw_optimizer_zero_grad does nothing in between, so that a loop of zero_grad, backward and
    step needs no change. */
tw_status tw_optimizer_accumulate(tw_optimizer *optimizer, int64_t calls) TW_CHECK;
/** Forgets velocities, moments and counts of steps, as if no step had been made. */
tw_status tw_optimizer_reset(tw_optimizer *optimizer) TW_CHECK;

/**
 * Scales the gradients of `count` leaves, in place, so that their norm all together is at most `max_norm`, which
 * is above 0. Leaves without a gradient are passed over.
 * @param norm  the norm that it was; may be NULL
 * @return TW_ERROR_NUMERIC, with the gradients unchanged, if the norm is not finite
 */
tw_status tw_clip_grad_norm(tw_tensor *const *parameters, int64_t count, double max_norm, double *norm) TW_CHECK;
/**
 * Holds every element of the gradients of `count` leaves, in place, within -max_value and max_value, which is
 * above 0. Leaves without a gradient are passed over.
 * @return TW_ERROR_NUMERIC, with the gradients unchanged, if one holds NaN
 */
tw_status tw_clip_grad_value(tw_tensor *const *parameters, int64_t count, double max_value) TW_CHECK;

/* ---- State ---- */

/* After a load, steps have the bits that they would have had without. The state is that of the options, the counts
   of steps, velocities and moments; parameters are saved with their module. Its names begin with the optimizer's:
   adam.group.0.learning_rate, adam.state.2.exp_avg. Parameters go by the order in which they were added. */

/** Writes the state to a safetensors file, which is replaced as a whole or not at all. */
tw_status tw_optimizer_save(const tw_optimizer *optimizer, const char *path) TW_CHECK;
/**
 * Takes over the state of an optimizer of the same kind, with the same groups and shapes of parameters.
 * @return TW_ERROR_INVALID_ARGUMENT, with the optimizer unchanged and every name in the message that is missing,
 *         unexpected or differs in shape, if the state is of another optimizer or model
 */
tw_status tw_optimizer_load(tw_optimizer *optimizer, const char *path) TW_CHECK;
/** The names of the state's tensors, a line each, as tw_tensor_to_string writes text. */
tw_status tw_optimizer_state_names(const tw_optimizer *optimizer, char *text, size_t capacity, size_t *needed) TW_CHECK;
/**
 * Copies of the state's tensors in the order of the names; numbers are float64 scalars.
 * @param tensors   room for `capacity`, of which as many are written as there are
 * @param count     how many there are; TW_ERROR_INVALID_ARGUMENT, with nothing written, if more than `capacity`
 */
tw_status tw_optimizer_state(tw_scope *scope, const tw_optimizer *optimizer, tw_tensor **tensors, int64_t capacity,
                             int64_t *count) TW_CHECK;
/** tw_optimizer_load from `count` named tensors, which are copied. */
tw_status tw_optimizer_set_state(tw_optimizer *optimizer, const char *const *names, const tw_tensor *const *tensors,
                                 int64_t count) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
