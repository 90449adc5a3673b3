/**
 * @file schedule.h
 * Learning rates that change from step to step, and the search for a good one.
 *
 * A schedule sets the rates of all groups of an optimizer from those that they have when it is attached, which are
 * called base here; step 0 is set then. Past its last step it keeps the rate that it has there.
 */
#ifndef TALWEG_SCHEDULE_H
#define TALWEG_SCHEDULE_H

#include "train.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tw_schedule tw_schedule;

/* Each is TW_ERROR_INVALID_ARGUMENT for numbers out of range: rates, factors and divisors are finite and 0 or more,
   counts of steps 1 or more. */

/** base factor, and base from step `steps` (0 or more) on. */
tw_status tw_schedule_constant_new(double factor, int64_t steps, tw_schedule **schedule) TW_CHECK;
/** From base start to base end in even steps, there at `steps`. */
tw_status tw_schedule_linear_new(double start, double end, int64_t steps, tw_schedule **schedule) TW_CHECK;
/** base gamma^(step / every), rounded down. */
tw_status tw_schedule_step_new(int64_t every, double gamma, tw_schedule **schedule) TW_CHECK;
/** base gamma^k after k of `count` milestones, which ascend. */
tw_status tw_schedule_multi_step_new(const int64_t *milestones, int64_t count, double gamma,
                                     tw_schedule **schedule) TW_CHECK;
/** base gamma^step */
tw_status tw_schedule_exponential_new(double gamma, tw_schedule **schedule) TW_CHECK;
/** minimum + (base - minimum) (1 + cos(pi step / steps)) / 2 (Loshchilov and Hutter, 2017). */
tw_status tw_schedule_cosine_new(int64_t steps, double minimum, tw_schedule **schedule) TW_CHECK;
/** The same again and again, each time `multiplier` (1 or more) times as long, with warm restarts. */
tw_status tw_schedule_cosine_restarts_new(int64_t first, int64_t multiplier, double minimum,
                                          tw_schedule **schedule) TW_CHECK;
/** base (1 - step / steps)^power */
tw_status tw_schedule_polynomial_new(int64_t steps, double power, tw_schedule **schedule) TW_CHECK;

typedef struct tw_one_cycle_options {
    size_t struct_size;
    /** Of the whole cycle; it is given. */
    int64_t steps;
    /** The share of them in which the rate rises to base. */
    double rising_share;
    /** The rate begins at base / start_divisor and ends at that / end_divisor. */
    double start_divisor;
    double end_divisor;
    /** Straight lines instead of half waves of the cosine. */
    bool linear;
    /** The second phase mirrors the first, and a third goes down. */
    bool three_phases;
    /** Moves the momentum (beta1 of Adam's kin) the other way round: low at the peak, high at both ends. */
    bool cycle_momentum;
    double low_momentum;
    double high_momentum;
} tw_one_cycle_options;

#define TW_ONE_CYCLE_OPTIONS_INIT \
    {sizeof(tw_one_cycle_options), 0, 0.3, 25.0, 1e4, false, false, true, 0.85, 0.95}

/** One cycle up to base and down (Smith and Topin, 2018). */
tw_status tw_schedule_one_cycle_new(const tw_one_cycle_options *options, tw_schedule **schedule) TW_CHECK;

/** Writes what base is multiplied by at a step, from 0 on; non-zero ends the call with TW_ERROR_CANCELLED. */
typedef int (*tw_schedule_callback)(void *context, int64_t step, double *factor);
/** base times what the callback says. `destroy`, which may be NULL, is called with context when nothing uses the
    schedule any more, also if this fails. */
tw_status tw_schedule_callback_new(tw_schedule_callback callback, void *context, void (*destroy)(void *context),
                                   tw_schedule **schedule) TW_CHECK;

/** `steps` (0 or more) of even rise from start times the first rate of another schedule, which then begins. That one
    stays the caller's; TW_ERROR_UNSUPPORTED for a plateau, which has a warm-up of its own. */
tw_status tw_schedule_warmup_new(int64_t steps, double start, const tw_schedule *then, tw_schedule **schedule) TW_CHECK;
/** `count` schedules, each from its milestone on: count - 1 ascending milestones, the first begins at 0. They stay
    the caller's; TW_ERROR_UNSUPPORTED for a plateau. */
tw_status tw_schedule_sequential_new(const tw_schedule *const *schedules, int64_t count, const int64_t *milestones,
                                     tw_schedule **schedule) TW_CHECK;

typedef struct tw_plateau_options {
    size_t struct_size;
    /** A higher metric is better. */
    bool maximize;
    /** What the rates are multiplied by, below 1. */
    double factor;
    /** Steps without a better metric that are let pass. */
    int64_t patience;
    /** By how much a metric must be better to count: times the best, or as it is. */
    double threshold;
    bool absolute_threshold;
    /** Steps after a change in which none is counted. */
    int64_t cooldown;
    /** The least rate. */
    double minimum;
    /** A change of no more than this is not made. */
    double epsilon;
    /** Steps before all that, without a metric, in which the rates rise from warmup_start base. */
    int64_t warmup_steps;
    double warmup_start;
} tw_plateau_options;

#define TW_PLATEAU_OPTIONS_INIT \
    {sizeof(tw_plateau_options), false, 0.1, 10, 1e-4, false, 0, 0.0, 1e-8, 0, 0.0}

/** Lowers the rates when a metric has not got better for a while. */
tw_status tw_schedule_plateau_new(const tw_plateau_options *options, tw_schedule **schedule) TW_CHECK;

/** Frees a schedule; the optimizer keeps its rates. NULL is accepted. */
void tw_schedule_free(tw_schedule *schedule);

/** Takes the optimizer's rates for base and sets those of step 0. TW_ERROR_STATE, with nothing changed, if the
    schedule cycles a momentum and the optimizer has none. */
tw_status tw_schedule_attach(tw_schedule *schedule, tw_optimizer *optimizer) TW_CHECK;
/** Sets the rates of the next step. TW_ERROR_STATE if it is attached to no optimizer. */
tw_status tw_schedule_step(tw_schedule *schedule) TW_CHECK;
/** The same with the metric that a plateau needs; a NaN is no better one. */
tw_status tw_schedule_step_metric(tw_schedule *schedule, double metric) TW_CHECK;
/** The step whose rates the optimizer has. */
tw_status tw_schedule_last_step(const tw_schedule *schedule, int64_t *step) TW_CHECK;
/** The rate at a step, from 0 on. TW_ERROR_UNSUPPORTED for a plateau, TW_ERROR_NUMERIC for a rate that is negative
    or not finite. */
tw_status tw_schedule_rate(const tw_schedule *schedule, int64_t step, double base, double *rate) TW_CHECK;

/** Writes the state to a safetensors file, which is replaced as a whole or not at all. */
tw_status tw_schedule_save(const tw_schedule *schedule, const char *path) TW_CHECK;
/** Takes over the state of a schedule of the same kind, and sets its rates. TW_ERROR_INVALID_ARGUMENT, with nothing
    changed and every name told that does not fit, if it is of another. */
tw_status tw_schedule_load(tw_schedule *schedule, const char *path) TW_CHECK;
/** See tw_optimizer_state_names, tw_optimizer_state and tw_optimizer_set_state. */
tw_status tw_schedule_state_names(const tw_schedule *schedule, char *text, size_t capacity, size_t *needed) TW_CHECK;
tw_status tw_schedule_state(tw_scope *scope, const tw_schedule *schedule, tw_tensor **tensors, int64_t capacity,
                            int64_t *count) TW_CHECK;
tw_status tw_schedule_set_state(tw_schedule *schedule, const char *const *names, const tw_tensor *const *tensors,
                                int64_t count) TW_CHECK;

/* ---- The learning-rate finder ---- */

typedef struct tw_find_rate_options {
    size_t struct_size;
    tw_loss loss;
    int64_t batch_size;
    /** A new random order of the rows every time that all were seen. */
    bool shuffle;
    uint64_t seed;
    /** The rates go from start to end in `steps` equal factors. */
    double start;
    double end;
    int64_t steps;
    /** The losses are smoothed by an exponential average that keeps this share, without its bias. */
    double smoothing;
    /** Ends where the smoothed loss is above this many times the least, or not finite; 0: never for being high. */
    double divergence;
} tw_find_rate_options;

#define TW_FIND_RATE_OPTIONS_INIT \
    {sizeof(tw_find_rate_options), TW_LOSS_MSE, 32, true, 0, 1e-7, 10.0, 100, 0.9, 4.0}

/**
 * Trains for a few steps at rising rates and looks where the loss falls the fastest (Smith, "Cyclical learning rates
 * for training neural networks", 2017). Module and optimizer are afterwards as they were, bit for bit.
 * @param inputs, targets  as for tw_fit
 * @param rates, losses    room for options->steps numbers each, or NULL; the rates, and the smoothed losses
 * @param count            how many were made; may be NULL
 * @param suggestion       the rate where the smoothed loss falls the fastest over the rate's logarithm, before its
 *                         least; NaN if it never falls; may be NULL
 */
tw_status tw_find_learning_rate(tw_module *module, tw_optimizer *optimizer, const tw_tensor *inputs,
                                const tw_tensor *targets, const tw_find_rate_options *options, double *rates,
                                double *losses, int64_t *count, double *suggestion) TW_CHECK;

#ifdef __cplusplus
}
#endif

#endif
